"""The system screen follows the machine while it is looked at, and cleans the disk."""

from textual.coordinate import Coordinate
from textual.widgets import Static

from tests.factories import make_run, make_spec
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until, until_drawn
from tui_optim.store.checkpoints import Checkpoint, save_checkpoint
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.system import SystemScreen
from tui_optim.ui.widgets.table_grid import TableGrid


def cell(grid: TableGrid, row: int, column: int) -> str:
    """The text of a cell."""
    return str(grid.get_cell_at(Coordinate(row, column)))


async def test_h_shows_what_the_machine_does(home: Home, client: FakeClient) -> None:
    """The CPUs, this process and what they mean; loads come with the second reading; esc leaves."""
    make_run(home, make_spec())
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("H")
        screen = app.screen
        assert isinstance(screen, SystemScreen)
        grid = screen.query_one("#machine", TableGrid)
        await until(
            pilot, lambda: grid.row_count >= 2 and "–" not in cell(grid, 0, 1), what="a second reading", limit=4000
        )
        assert [cell(grid, row, 0).split()[0] for row in range(2)] == ["CPU", "this"]
        await pilot.press("escape")
        assert app.screen is main_screen(app)


def has_told(app: LabApp, sentence: str) -> bool:
    """Whether the log says this."""
    return any(sentence in line.text for line in board_of(app).log)


async def test_a_key_cleans_the_disk_once_it_is_confirmed(home: Home, client: FakeClient) -> None:
    """b says what would go and what that costs, and leaves the best one; c takes that too."""
    run = make_run(home, make_spec())
    save_checkpoint(run.folder.checkpoints, Checkpoint(seq=1, content=bytes(9000), step=5, epoch=0), is_best=True)
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("H")
        notes = app.screen.query_one(Static)
        await until(pilot, lambda: "2 checkpoints of 1 run at its end" in str(notes.content), what="the disk is read")
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), what="it asks")
        assert "forked from their best epoch alone" in str(app.screen.query_one(Static).content)
        assert len(list(run.folder.checkpoints.iterdir())) == 2
        await pilot.press("enter")
        await until(pilot, lambda: has_told(app, "Removed 1 checkpoint of 1 run at its end"), what="it is told")
        assert [one.stem for one in run.folder.checkpoints.iterdir()] == ["best"]
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen), what="it asks again")
        await pilot.press("enter")
        await until(pilot, lambda: not list(run.folder.checkpoints.iterdir()), what="it is gone")

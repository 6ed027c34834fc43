"""The system screen follows the machine while it is looked at."""

from textual.coordinate import Coordinate

from tests.factories import make_run, make_spec
from tests.ui.stage import FakeClient, main_screen, make_app, until, until_drawn
from tui_optim.store.home import Home
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
        grid = screen.query_one(TableGrid)
        await until(
            pilot, lambda: grid.row_count >= 2 and "–" not in cell(grid, 0, 1), what="a second reading", limit=4000
        )
        assert [cell(grid, row, 0).split()[0] for row in range(2)] == ["CPU", "this"]
        await pilot.press("escape")
        assert app.screen is main_screen(app)

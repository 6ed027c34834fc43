"""The comparison screen: settings over their seeds, another reference, other runs, the file."""

import asyncio
import csv
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import DataTable, Static

from tests.ui.stage import FakeClient, make_app, until, until_drawn, write_run
from tui_optim.report.cells import Table
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.export import ExportScreen

SIZE = (120, 36)


def write_runs(home: Home) -> None:
    """Two presets with three seeds each on LeNet-5, and one run of the MLP."""
    for seed in (1, 2, 3):
        write_run(home, "sgd", seed=seed, rate=0.4 + 0.01 * seed)
        write_run(home, "adam", seed=seed, rate=0.6 + 0.01 * seed)
    write_run(home, "adam", scenario="mlp-fashion")


async def open_comparison(pilot: Pilot[None], app: LabApp) -> ComparisonScreen:
    """Press c and wait for the table."""
    await until_drawn(pilot, app, num_runs=7)
    await pilot.press("c")
    await until(pilot, lambda: isinstance(app.screen, ComparisonScreen) and app.screen.table, what="the table is made")
    assert isinstance(app.screen, ComparisonScreen)
    return app.screen


def column(screen: ComparisonScreen, key: str) -> list[str]:
    """What is shown in a column."""
    return [str(cell).strip() for cell in screen.query_one(DataTable).get_column(key)]


async def test_c_compares_the_runs_of_the_scenario(home: Home, client: FakeClient) -> None:
    """One row per preset with its seeds; tuned SGD is the reference; the MLP's run is not among them."""
    write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_comparison(pilot, app)
        assert column(screen, "preset") == ["sgd", "adam"]
        assert column(screen, "n") == ["3", "3"]
        assert column(screen, "difference")[0] == "reference"
        await pilot.press("escape")
        assert not isinstance(app.screen, ComparisonScreen)


async def test_r_makes_the_row_under_the_cursor_the_reference(home: Home, client: FakeClient) -> None:
    """Differences turn their sign, and the notes name the new reference."""
    write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_comparison(pilot, app)
        before = float(column(screen, "difference")[1])
        await pilot.press("j", "r")
        await until(pilot, lambda: column(screen, "difference")[1] == "reference", what="adam is the reference")
        assert float(column(screen, "difference")[0]) == -before
        assert str(screen.query_one(".box").border_title).endswith("reference adam")
        assert "difference to adam" in str(screen.query_one("#comparison-notes Static", Static).content)


async def test_r_tells_settings_of_one_preset_apart(home: Home, client: FakeClient) -> None:
    """The longer runs of sgd become the reference of their length, though the shorter have the same name."""
    for seed in (1, 2, 3):
        write_run(home, "sgd", seed=seed, epochs=5)
        write_run(home, "sgd", seed=seed)
    write_run(home, "adam", seed=1)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_comparison(pilot, app)
        assert column(screen, "planned_epochs") == ["5", "10", "10"]
        await pilot.press("j", "r")
        await until(pilot, lambda: column(screen, "difference")[0] != "–", what="the shorter runs are compared, too")
        assert column(screen, "difference")[1] == "reference"
        assert "difference to sgd 10 epochs" in str(screen.query_one("#comparison-notes Static", Static).content)


async def test_s_compares_other_runs(home: Home, client: FakeClient) -> None:
    """The last choice is all runs: a column tells the scenarios apart."""
    write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_comparison(pilot, app)
        for _ in range(len(screen.scopes) - 1):
            await pilot.press("s")
        await until(pilot, lambda: screen.table and len(screen.table.rows) == 3, what="all runs are compared")
        assert column(screen, "scenario") == ["lenet5-fashion", "lenet5-fashion", "mlp-fashion"]


async def test_w_writes_what_is_compared(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """The file has a line per setting with mean and deviation; the clipboard has the same text."""
    write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_comparison(pilot, app)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press("down", "enter")
        path = tmp_path / "comparison.csv"
        await until(pilot, path.exists, what="the file is there")
        await until(pilot, lambda: app.clipboard, what="the clipboard is filled")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert [row["preset"] for row in rows] == ["sgd", "adam"]
        assert all(float(row["test_accuracy_sd"]) > 0 for row in rows)


async def test_nothing_at_its_end_is_told(home: Home, client: FakeClient) -> None:
    """Runs that still train leave an empty table and a sentence."""
    write_run(home, "adam", state="stopped", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen), what="the screen is there")
        note = app.screen.query_one("#comparison-notes Static", Static)
        await until(pilot, lambda: "none of these runs is at its end" in str(note.content), what="a sentence")
        await pilot.press("r", "w", "s")
        assert isinstance(app.screen, ComparisonScreen)


async def test_c_without_runs_says_how_to_start_one(home: Home, client: FakeClient) -> None:
    """No screen opens over nothing."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("c")
        assert not isinstance(app.screen, ComparisonScreen)
        assert "nothing to compare" in next(iter(app._notifications)).message


async def test_a_table_that_comes_too_late_is_dropped(home: Home, client: FakeClient) -> None:
    """Who leaves before the comparison is made gets the main screen, and nothing else happens."""
    write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_comparison(pilot, app)
        table, is_left = screen.table, asyncio.Event()
        assert table is not None

        async def compare(runs: Sequence[StoredRun], reference: str | None) -> Table:
            del runs, reference
            with suppress(asyncio.CancelledError):
                await is_left.wait()
            return table

        screen._compare = compare
        await pilot.press("s", "escape")
        is_left.set()
        await pilot.pause(0.1)
        assert not isinstance(app.screen, ComparisonScreen)

"""A large home in the app: only what is in sight is made, and what is no run is told and does no harm."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import pytest

from tests.factories import make_preset, make_run, make_spec
from tests.oddities import DAMAGED_LOGS, add_all_oddities
from tests.report.hostile import FILE_NAME
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui import feed
from tui_optim.ui.feed import Feed
from tui_optim.ui.run_table.rows import row_cells
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.watch import Look, StoreWatch
from tui_optim.ui.widgets import runs as run_table
from tui_optim.ui.widgets.legend import Legend
from tui_optim.ui.widgets.runs import RunTable

SIZE = (120, 36)
NUM_RUNS = 60


async def test_only_rows_in_sight_are_made(home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of sixty runs a screenful; a look without news makes none; a run that moves on is made anew, alone."""
    made: list[int] = []

    def note_and_make(number: int, *others: object, **named: object) -> object:
        made.append(number)
        return row_cells(number, *others, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(run_table, "row_cells", note_and_make)
    for seed in range(NUM_RUNS):
        write_run(home, "sgd", epochs=1, seed=seed)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=NUM_RUNS)
        table = app.screen.query_one(RunTable)
        assert table.row_count == NUM_RUNS
        assert len(set(made)) <= table.content_size.height
        made.clear()
        main_screen(app).refresh_all()
        await pilot.pause()
        assert made == []

        await pilot.press("6", "G")
        await pilot.pause()
        assert 1 in made
        assert len(set(made)) <= table.content_size.height


async def test_the_newest_runs_come_with_the_first_frame(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before all runs of a large home have been read; counted as they are then."""
    monkeypatch.setattr(feed, "NUM_NEWEST", 3)
    goes_on = asyncio.Event()
    look = Feed.look

    async def look_later(self: Feed) -> bool:
        await goes_on.wait()
        return await look(self)

    monkeypatch.setattr(Feed, "look", look_later)
    for seed in range(8):
        write_run(home, "sgd", epochs=1, seed=seed)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        table = app.screen.query_one(RunTable)
        assert [row.number for row in table.rows] == [8, 7, 6]
        goes_on.set()
        await until(pilot, lambda: table.row_count == 8, what="all runs are listed")
        assert [row.number for row in table.rows] == [8, 7, 6, 5, 4, 3, 2, 1]


async def test_oddities_are_told_in_the_log_and_harm_nothing(
    home: Home, client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once, in a line for folders and one for logs; the whole runs are shown, compared and exported."""
    runs = [write_run(home, "adam", seed=seed) for seed in range(1 + len(DAMAGED_LOGS))]
    for run, spoil in zip(runs[1:], DAMAGED_LOGS.values(), strict=True):
        spoil(run.folder.path)
    said = add_all_oddities(home)
    looks: list[Look] = []
    look = StoreWatch.look

    def note_and_look(watch: StoreWatch, followed: Collection[str], *, is_glance: bool) -> Look:
        looks.append(look(watch, followed, is_glance=is_glance))
        return looks[-1]

    monkeypatch.setattr(StoreWatch, "look", note_and_look)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        board = board_of(app)
        expected = [
            f"{len(said)} folders that cannot be read",
            f"parts of {len(DAMAGED_LOGS) - 1} logs",
        ]  # one has gone

        def told() -> list[str]:
            return [line.text for line in board.log if line.text.startswith("Left out: ")]

        await until(pilot, lambda: len(told()) >= len(expected), what="all is told")
        num_looks = len(looks)
        await until(pilot, lambda: len(looks) > num_looks + 1, what="all is looked at again")
        assert [text.startswith(f"Left out: {start}") for text, start in zip(told(), expected, strict=True)] == [
            True,
            True,
        ]
        assert app.screen.query_one(RunTable).row_count == len(runs)

        await pilot.press("c")
        await until(
            pilot,
            lambda: isinstance(app.screen, ComparisonScreen) and app.screen.table is not None,
            what="the comparison is there",
        )
        await pilot.press("escape", "w", "enter")
        await until(pilot, (tmp_path / "results.md").exists, what="the export is written")


async def test_a_hostile_name_reaches_no_terminal(home: Home, client: FakeClient) -> None:
    """Whoever wrote a run.json: nothing in table, legend and log is more than letters."""
    preset = make_preset().model_copy(update={"id": FILE_NAME})
    make_run(home, make_spec(preset=preset), state="stopped", reason="\x1b[2J out of patience")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        table, legend = app.screen.query_one(RunTable), app.screen.query_one(Legend)
        shown = [table.render_line(y).text for y in range(3)] + [legend.render_line(0).text]
        assert any("_x_" in text for text in shown)
        assert all(text.isprintable() for text in shown)
        assert board_of(app).log
        assert all(f"{line.about}{line.text}".isprintable() for line in board_of(app).log)

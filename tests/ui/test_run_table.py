"""The run table from the keyboard: filter, sort, pin, name, note, delete."""

from dataclasses import replace
from statistics import fmean, stdev

import pytest
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Static

from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until, until_drawn, write_run
from tui_optim.spec.events import RunState
from tui_optim.store.home import Home
from tui_optim.store.label import read_label, relabel
from tui_optim.store.status import write_status
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.difference import DifferenceScreen
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.screens.line import LineScreen
from tui_optim.ui.screens.step import StepScreen
from tui_optim.ui.widgets import rows_view
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.runs_pane import RunsPane

SIZE = (120, 36)
PRESETS = ("sgd-baseline", "adam", "sgd", "nesterov")
"""Oldest first."""


def write_four(home: Home) -> None:
    """Four runs, of which that of `sgd` diverged; later ones are better."""
    for number, preset in enumerate(PRESETS):
        state: RunState = "diverged" if preset == "sgd" else "finished"
        write_run(
            home, preset, rate=0.1 + 0.3 * number, state=state, reason="the loss is not finite" * (preset == "sgd")
        )


def rows(app: LabApp) -> list[str]:
    """What stands in the column of presets, from the first row on, without what a sort or a name adds."""
    table = main_screen(app).query_one(RunTable)
    cells = [table.cell_text(row.key, "preset") for row in table.rows]
    lines = [table.render_line(y).text for y in range(1, 1 + table.row_count)]
    assert all(cell.strip() in line for cell, line in zip(cells, lines, strict=True))
    return [cell.split()[0] for cell in cells]


def title(app: LabApp) -> str:
    """Of the pane."""
    return str(main_screen(app).query_one(RunsPane).border_title)


def hint(app: LabApp) -> str:
    """What stands below the filter."""
    return str(main_screen(app).query_one("#filter-hint", Static).content)


async def typed(pilot: Pilot[None], text: str) -> None:
    """Press the keys of a text."""
    app = pilot.app
    assert isinstance(app.focused, Input)
    app.focused.insert_text_at_cursor(text)
    await pilot.pause()


async def test_f_filters_the_runs_and_the_title_says_so(home: Home, client: FakeClient) -> None:
    """While typing; enter keeps the filter, escape takes it away. Letters are commands again then."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        assert rows(app) == ["nesterov", "sgd", "adam", "sgd-baseline"]
        await pilot.press("f", *"state", "=", *"div")
        await typed(pilot, "erged")
        assert rows(app) == ["sgd"]
        assert title(app) == "6 Runs · 1 of 4, state=diverged"
        await pilot.press("enter")
        assert app.focused is app.screen.query_one(RunTable)
        assert not app.screen.query_one("#run-filter").display
        assert rows(app) == ["sgd"]
        assert "Filtered (1)" in board_of(app).scopes("lenet5-fashion")
        await pilot.press("escape")
        assert rows(app) == ["nesterov", "sgd", "adam", "sgd-baseline"]
        assert title(app) == "6 Runs"


async def test_a_filter_that_matches_nothing_keeps_the_view(home: Home, client: FakeClient) -> None:
    """The rows stay and a sentence says so; one that cannot be read says what is wrong; enter stays in the field."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        await pilot.press("f")
        await typed(pilot, "lr<0.01")
        assert rows(app) == ["adam", "sgd-baseline"]
        await typed(pilot, " lr>5")
        assert rows(app) == ["adam", "sgd-baseline"]
        await pilot.press("enter")
        assert hint(app) == "No run matches lr<0.01 lr>5; the rows before it stay."
        assert isinstance(app.focused, Input)
        await typed(pilot, " stat=3")
        assert "unknown field 'stat': did you mean 'state'?" in hint(app)
        await pilot.press("escape")
        assert len(rows(app)) == 4


async def test_runs_that_leave_a_filter_one_by_one_leave_the_last_view(home: Home, client: FakeClient) -> None:
    """A filter by state matches nothing once all has ended: what it showed stays, and the title counts."""
    run = write_run(home, "adam", state="running", done=2)
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("f")
        await typed(pilot, "state=running")
        await pilot.press("enter")
        assert rows(app) == ["adam"]
        write_status(run.folder.status, replace(run.status, state="finished"))
        await until(pilot, lambda: title(app).startswith("6 Runs · 0 of 2"), what="the title counts none")
        assert rows(app) == ["adam"]


async def test_tab_completes_fields_and_values(home: Home, client: FakeClient) -> None:
    """A single candidate counts as typed; of several each tab takes the next."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        await pilot.press("f")
        await typed(pilot, "optim")
        assert hint(app) == "tab: optimizer"
        await pilot.press("tab")
        field = app.screen.query_one("#filter-input", Input)
        assert field.value == "optimizer"
        assert hint(app) == "tab: optimizer=  optimizer!=  optimizer~  optimizer!~"
        await typed(pilot, "=")
        await pilot.press("tab")
        assert field.value == "optimizer=adam"
        assert rows(app) == ["adam"]
        await pilot.press("tab")
        assert field.value == "optimizer=sgd"
        await pilot.press("shift+tab", "down")
        assert title(app) == "6 Runs · 1 of 4, optimizer=adam"
        assert app.focused is app.screen.query_one(RunTable)


async def test_s_sorts_and_the_cursor_stays_on_its_run(home: Home, client: FakeClient) -> None:
    """`R` turns the direction; after the last column comes age again. Elsewhere `s` is the calculator still."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        table = app.screen.query_one(RunTable)
        await pilot.press("6", "j")
        before = table.highlighted_run
        await pilot.press("s")
        assert title(app) == "6 Runs · ↑ preset"
        assert rows(app) == ["adam", "nesterov", "sgd", "sgd-baseline"]
        assert table.highlighted_run == before
        await pilot.press("R")
        assert title(app) == "6 Runs · ↓ preset"
        assert rows(app) == ["sgd-baseline", "sgd", "nesterov", "adam"]
        await pilot.press("s", "s", "s")
        assert title(app) == "6 Runs · ↓ test acc"
        assert rows(app) == ["nesterov", "sgd", "adam", "sgd-baseline"]
        for _ in range(20):
            if title(app) == "6 Runs":
                break
            await pilot.press("s")
        assert rows(app) == ["nesterov", "sgd", "adam", "sgd-baseline"]
        assert table.highlighted_run == before
        await pilot.press("2", "s")
        assert isinstance(app.screen, StepScreen)


async def test_a_pinned_run_stays_at_the_top(home: Home, client: FakeClient) -> None:
    """In any order, with a mark at its number; the same key lets it go."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        await pilot.press("6", "G", "P")
        await until(pilot, lambda: rows(app)[0] == "sgd-baseline", what="it is at the top")
        table = app.screen.query_one(RunTable)
        assert table.cell_text(table.highlighted_run or "", "run").endswith(" 1↑")
        await pilot.press("s", "R")
        assert rows(app) == ["sgd-baseline", "sgd", "nesterov", "adam"]
        await pilot.press("s", "s", "s")
        assert rows(app)[0] == "sgd-baseline"
        await pilot.press("P")
        await until(pilot, lambda: rows(app)[0] == "nesterov", what="it stands among the others")


async def test_a_name_and_a_note_are_kept_with_the_run(home: Home, client: FakeClient) -> None:
    """The name stands in the table and in sentences; what could steer a terminal is refused; `f` finds both."""
    run = write_run(home, "adam")
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6", "G", "N")
        await typed(pilot, "a\u202eb")
        await pilot.press("enter")
        assert isinstance(app.screen, LineScreen)
        assert "U+202E cannot be shown" in str(app.screen.query_one(".problem", Static).content)
        await pilot.press("ctrl+u")
        await typed(pilot, "large batch")
        await pilot.press("enter")
        table = main_screen(app).query_one(RunTable)
        await until(
            pilot, lambda: table.cell_text(run.run_id, "preset") == "large batch · adam", what="the table has the name"
        )
        assert any(line.text == "adam·s42 is called large batch from now on." for line in board_of(app).log)
        await pilot.press("M")
        await typed(pilot, "for chapter 2")
        await pilot.press("enter")
        await until(pilot, lambda: read_label(run.folder.label).note == "for chapter 2", what="the note is kept")
        await until(pilot, lambda: board_of(app).runs[0].label.note, what="the app knows the note")
        await pilot.press("f")
        await typed(pilot, "chapter")
        assert title(app) == "6 Runs · 1 of 2, chapter"


async def test_deleting_asks_for_the_name(home: Home, client: FakeClient) -> None:
    """Another word deletes nothing; the name does, and the row is gone."""
    run = write_run(home, "adam")
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6", "G", "D")
        await typed(pilot, "yes")
        await pilot.press("enter")
        assert isinstance(app.screen, LineScreen)
        assert "nothing is deleted" in str(app.screen.query_one(".problem", Static).content)
        await pilot.press("ctrl+u")
        await typed(pilot, "adam s42")
        await pilot.press("enter")
        await until(pilot, lambda: rows(app) == ["sgd"], what="the row is gone")
        assert not run.folder.path.exists()


async def test_marked_runs_are_deleted_together(home: Home, client: FakeClient) -> None:
    """With the number typed; what trains is refused before anything is asked."""
    running = write_run(home, "sgd", state="running", done=1)
    for preset in ("adam", "nesterov"):
        write_run(home, preset)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=3)
        await pilot.press("6", "G", "D")
        assert app.screen is main_screen(app)
        assert [toast.message for toast in app._notifications] == ["sgd·s42 is running: t stops it, then D deletes it."]
        await pilot.press("home", "space", "j", "space", "D")
        await typed(pilot, "delete 2 runs")
        await pilot.press("enter")
        await until(pilot, lambda: rows(app) == ["sgd"], what="both rows are gone")
        assert [path.name for path in home.runs.iterdir()] == [running.run_id]


async def test_a_run_that_another_app_deletes_vanishes(home: Home, client: FakeClient) -> None:
    """Also while it is on the charts, marked, named and the only one that a filter leaves."""
    run = write_run(home, "adam")
    write_run(home, "sgd")
    relabel(run.folder.label, name="gone soon")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6", "G", "space", "f")
        await typed(pilot, "gone")
        await pilot.press("enter", "enter")
        client.delete([run.run_id])
        await until(pilot, lambda: len(board_of(app).runs) == 1, what="the app has seen it")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: rows(app) == ["sgd"], what="the others are listed")
        assert run.run_id not in board_of(app).overlay.shown
        assert app.screen is main_screen(app)


async def test_d_shows_in_what_marked_runs_differ(home: Home, client: FakeClient) -> None:
    """Of one run alone a sentence says what to do; `w` asks where to write the table."""
    write_four(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        await pilot.press("6", "d")
        assert app.screen is main_screen(app)
        await pilot.press("space", "j", "d")
        screen = app.screen
        assert isinstance(screen, DifferenceScreen)
        keys = [str(row[0]) for row in screen.table.rows]
        assert keys[:1] == ["preset"]
        assert "momentum" in keys
        assert screen.query_one(DataTable).row_count == len(keys)
        await pilot.press("w")
        assert isinstance(app.screen, ExportScreen)
        await pilot.press("escape", "escape")
        assert app.screen is main_screen(app)


async def test_every_key_of_the_table_is_in_the_palette(home: Home, client: FakeClient) -> None:
    """By its sentence."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        titles = {command.title.lower() for command in app.get_system_commands(app.screen)}
        wanted = {one.tooltip.lower() for one in RunTable.BINDINGS if isinstance(one, Binding) and one.tooltip}
        assert wanted <= titles


async def test_seeds_are_grouped_into_settings(home: Home, client: FakeClient) -> None:
    """A row for each setting with mean ± sd; enter lists its runs, again puts them away; keys for one run say what to do."""
    for seed, rate in ((1, 0.3), (2, 0.5), (3, 0.7)):
        write_run(home, "adam", seed=seed, rate=rate)
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=4)
        table = main_screen(app).query_one(RunTable)
        await pilot.press("6", "j", "equals_sign")
        assert title(app) == "6 Runs · by setting"
        assert rows(app) == ["sgd", "adam"]
        row = table.highlighted
        assert row is not None
        assert [run.info.spec.seed for run in row.members] == [1, 2, 3]
        assert table.cell_text(row.key, "run").endswith("▸3")
        assert table.cell_text(row.key, "seed") == "×3"
        assert table.cell_text(row.key, "state") == "✓ finished"
        accuracies = [100 * run.status.result.test_accuracy for run in row.members if run.status.result]  # type: ignore[operator]
        expected = f"{fmean(accuracies):.2f} ± {stdev(accuracies):.2f}"
        assert table.cell_text(row.key, "test_accuracy") == expected
        await pilot.press("P")
        assert any("stands for 3 runs" in toast.message for toast in app._notifications)
        await pilot.press("enter")
        assert rows(app) == ["sgd", "adam", "adam", "adam", "adam"]
        await pilot.press("j")
        assert table.num_highlighted == 1
        await pilot.press("k", "left")
        assert rows(app) == ["sgd", "adam"]
        await pilot.press("right", "j", "equals_sign")
        assert rows(app) == ["sgd", "adam", "adam", "adam"]
        assert table.highlighted_run == row.members[-1].run_id


async def test_a_setting_opened_at_the_lower_edge_shows_its_runs(home: Home, client: FakeClient) -> None:
    """As many of them as there is room for, and the setting stays in sight."""
    for seed in range(3):
        write_run(home, "adam", seed=seed)
    for number in range(12):
        write_run(home, "sgd", rate=0.1 + number / 100)
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=15)
        table = main_screen(app).query_one(RunTable)
        await pilot.press("6", "equals_sign", "end")
        assert table.num_highlighted == 3
        await pilot.press("enter")
        await pilot.pause()
        height = table.content_size.height - 1
        assert table.row_count - round(table.scroll_y) == height > 3


async def test_settings_are_sorted_by_their_means(home: Home, client: FakeClient) -> None:
    """A filter is applied to the runs before; a pinned run takes its setting to the top."""
    for seed, rate in ((1, 0.1), (2, 0.2)):
        write_run(home, "adam", seed=seed, rate=rate)
        write_run(home, "sgd", seed=seed, rate=0.5)
    pinned = write_run(home, "nesterov", rate=0.3)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=5)
        await pilot.press("6", "equals_sign", "s", "s", "s", "s")
        assert title(app) == "6 Runs · ↓ test acc · by setting"
        assert rows(app) == ["sgd", "nesterov", "adam"]
        await pilot.press("R")
        assert rows(app) == ["adam", "nesterov", "sgd"]
        client.label(pinned.run_id, is_pinned=True)
        await until(pilot, lambda: rows(app) == ["nesterov", "adam", "sgd"], what="the pinned one is at the top")
        await pilot.press("f")
        await typed(pilot, "seed=1")
        assert title(app) == "6 Runs · 2 of 5, seed=1 · ↑ test acc · by setting"


async def test_l_shows_the_columns_further_right(home: Home, client: FakeClient) -> None:
    """At 80 columns half of them are beyond the edge; h comes back to the first."""
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        table = app.screen.query_one(RunTable)
        await pilot.press("6")
        assert (title_in(table, "preset"), title_in(table, "time")) == (True, False)
        await pilot.press(*"lllllll")
        assert (title_in(table, "preset"), title_in(table, "time")) == (False, True)
        await pilot.press(*"hhhhhhh")
        assert title_in(table, "preset")


def title_in(table: RunTable, title: str) -> bool:
    """Whether a column's title is in sight."""
    return title in table.render_line(0).text


async def test_cells_of_rows_out_of_sight_are_let_go_of(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scrolled through, many rows leave no more than a bounded number of cells behind, and come back as they were."""
    monkeypatch.setattr(rows_view, "KEPT_PAINTED", 20)
    for number in range(60):
        write_run(home, "sgd", rate=0.01 * (1 + number))
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=60)
        await pilot.press("6")
        table = main_screen(app).query_one(RunTable)
        first = table.render_line(1).text
        for _ in range(20):
            await pilot.press("pagedown")
            await pilot.pause()
        assert table.highlighted is not None
        assert table.highlighted.number == 1
        assert len(table._painted) <= 20 + table.size.height
        await pilot.press("home")
        await pilot.pause()
        assert table.render_line(1).text == first

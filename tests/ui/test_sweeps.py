"""The sweeps screen: every key on a prepared home, without training."""

import csv
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable
from textual.widgets._toast import Toast

from tests.sweep_factories import make_plan, rewrite_trial, write_sweep
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, small_library, until, until_drawn, write_run
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.sweeps.plan import FinalSpec, Point
from tui_optim.spec.sweeps.space import Range
from tui_optim.spec.sweeps.trial import SweepState
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.layout import Pane
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.confirm import ConfirmScreen, StartSweepScreen
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.sweeping.watch import SweepLook
from tui_optim.ui.widgets.heat_map import HeatMapView
from tui_optim.ui.widgets.point_table import PointTable
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.sweep_chart import QuietChart
from tui_optim.ui.widgets.sweep_list import SweepList

SIZE = (120, 36)
HALF: Sequence[float | str] = [0.7, 0.5, "diverged", 0.6, "running"]
"""Outcomes of a grid of two presets and three rates: sgd's three, then adam's."""


@pytest.fixture(autouse=True)
def _no_sweeps_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(tmp_path / "config"))


@asynccontextmanager
async def sweeps_of(
    home: Home, client: FakeClient, *, size: tuple[int, int] = SIZE
) -> AsyncIterator[tuple[Pilot[None], LabApp, SweepsScreen]]:
    """Press g, wait until all runs are known, and enter the newest sweep if there is one."""
    app = make_app(home, client, library=small_library())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: len(board_of(app).runs) == len(list(home.runs.iterdir())), what="the runs are known")
        await pilot.press("g")
        screen = await sweeps_screen(pilot, app)
        await until(pilot, lambda: screen.look is not None and screen.plans, what="the first look")
        if screen.look is not None and screen.look.rows:
            await until(pilot, lambda: screen.pane.picture, what="a sweep is shown")
            await pilot.press("enter")
        yield pilot, app, screen


async def sweeps_screen(pilot: Pilot[None], app: LabApp) -> SweepsScreen:
    """Wait for the screen."""
    await until(pilot, lambda: isinstance(app.screen, SweepsScreen), what="the screen is there")
    assert isinstance(app.screen, SweepsScreen)
    return app.screen


def text_of(screen: SweepsScreen, selector: str) -> str:
    """What a widget shows."""
    widget = screen.query_one(selector)
    return "\n".join(widget.render_line(y).text for y in range(widget.size.height))


def told(app: LabApp) -> list[str]:
    """All toasts."""
    return [notification.message for notification in app._notifications]


def run_ids(view: SweepView, *numbers: int) -> list[str]:
    """Runs of these trials."""
    return [view.trials[number].run_id for number in numbers]


async def test_g_shows_a_map_that_is_half_filled(home: Home, client: FakeClient) -> None:
    """Figures, the winner's star, what diverged, runs and is still to come; the list has state, progress and the best."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (_, _, screen):
        rows = text_of(screen, "#sweep-map").splitlines()
        assert [row.split() for row in rows[1:]] == [
            ["preset", "0.01", "0.1", "1"],
            ["sgd", "0.7000", "[0.5000★]", "↯", "ep", "3"],
            ["adam", "0.6000★", "▶", "3/5", "…"],
        ]
        assert "▶ mlp-fashion: sgd, adam × lr" in text_of(screen, "#sweep-list")
        assert "4/6  best 0.5000" in text_of(screen, "#sweep-list")
        assert "▶ running  4/6 runs  ↯ 1" in text_of(screen, "#sweep-about")
        legend = text_of(screen, "#sweep-legend")
        assert all(word in legend for word in ("0.5000", "0.7000", "★ best", "▶ running", "… to come", "↯ diverged"))
        assert "●" in text_of(screen, "#sweep-curve QuietChart")


async def test_a_trial_that_ends_fills_its_cell(home: Home, client: FakeClient) -> None:
    """The screen looks by itself; the cursor stays where it was."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, _, screen):
        await pilot.press("j")
        rewrite_trial(view, 4, 0.45, home)
        await until(pilot, lambda: "[0.4500★]" in text_of(screen, "#sweep-map"), what="the figure is there")
        assert "val_loss 0.4500" in text_of(screen, "#sweep-cell")


async def test_a_look_that_ends_after_the_screen_was_left_shows_nothing(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it found has no list to stand in any more."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        look, may_end = screen._watch.look, threading.Event()

        def late(*given: Any) -> SweepLook:
            may_end.wait(10.0)
            return look(*given)

        monkeypatch.setattr(screen._watch, "look", late)
        screen.look = None
        screen.wake()
        await pilot.press("escape")
        may_end.set()
        await until(pilot, lambda: not screen._is_looking, what="the look is over")
        assert app.screen is not screen


async def test_nothing_is_made_anew_while_nothing_changes(home: Home, client: FakeClient) -> None:
    """Looks that find what was found before are the very same object."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, _, screen):
        before = screen.look
        await pilot.pause(1.2)
        assert screen.look is before


async def test_the_line_tells_about_the_cell_under_the_cursor(home: Home, client: FakeClient) -> None:
    """Point, metric with its deviation over the seeds, state, reason and time."""
    plan = make_plan(presets=("sgd",), seeds=(7, 8), space={"lr": (0.1, 1.0)})
    write_sweep(home, [0.5, 0.6, "failed"], plan=plan)
    async with sweeps_of(home, client) as (pilot, _, screen):
        assert "★ sgd lr=0.1 · val_loss 0.5500 ± 0.0707 (2 of 2 seeds) · finished · 20.0 s" in text_of(
            screen, "#sweep-cell"
        )
        await pilot.press("l")
        line = text_of(screen, "#sweep-cell")
        assert "sgd lr=1" in line
        assert "failed after 3 epochs" in line
        assert "the worker died three times" in line


async def test_x_and_y_turn_the_axes(home: Home, client: FakeClient) -> None:
    """Another key becomes columns or rows; what is folded is said."""
    plan = make_plan(space={"lr": (0.01, 0.1), "batch_size": (64, 128)})
    write_sweep(home, [0.7, 0.6, 0.5, "running"], plan=plan)
    async with sweeps_of(home, client) as (pilot, _, screen):
        assert "best over batch_size" in text_of(screen, "#sweep-legend")
        await pilot.press("x")
        await until(pilot, lambda: "batch_size" in text_of(screen, "#sweep-map"), what="columns are batch sizes")
        assert "best over lr" in text_of(screen, "#sweep-legend")
        await pilot.press("y")
        await until(pilot, lambda: "best over presets" in text_of(screen, "#sweep-legend"), what="rows are rates")


async def test_turning_the_axes_of_one_key_is_refused(home: Home, client: FakeClient) -> None:
    """A sentence, and the map stays."""
    write_sweep(home, [0.5], plan=make_plan(presets=("sgd",)))
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("x")
        assert told(app) == ["The sweep searches one key: there is nothing to turn."]


async def test_v_turns_map_table_and_curve(home: Home, client: FakeClient) -> None:
    """The table has the best point first and its own cursor; the curve stands alone."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.press("v")
        assert isinstance(app.focused, PointTable)
        assert text_of(screen, "#sweep-points").splitlines()[1].split()[:4] == ["★", "sgd", "0.1", "0.5000"]
        await pilot.press("j")
        assert "adam lr=0.01" in text_of(screen, "#sweep-cell")
        await pilot.press("v")
        assert not screen.query_one(PointTable).display
        assert "●" in text_of(screen, "#sweep-curve QuietChart")
        await pilot.press("v")
        assert isinstance(app.focused, HeatMapView)


async def test_a_search_in_ranges_shows_its_points(home: Home, client: FakeClient) -> None:
    """No map: the table, and below it the best so far."""
    plan = make_plan(presets=("sgd",), search="random", trials=4, space={"lr": Range(low=0.001, high=1.0)})
    points = [Point(scenario="mlp-fashion", preset="sgd", values=(("lr", lr),)) for lr in (0.0123, 0.456, 0.789)]
    write_sweep(home, [0.7, 0.5, 0.9], plan=plan, points=points)
    async with sweeps_of(home, client) as (pilot, app, screen):
        lines = text_of(screen, "#sweep-points").splitlines()
        assert [line.split()[-4:-3] for line in lines[1:4]] == [["0.5000"], ["0.7000"], ["0.9000"]]
        assert "best val_loss against points tried" in str(screen.query_one("#sweep-curve QuietChart").border_title)
        await pilot.press("y")
        assert told(app) == ["The sweep searches ranges: its points are in the table and on the curve."]


@pytest.mark.parametrize(
    ("state", "command"), [("running", "pause"), ("paused", "resume"), ("stopped", "resume"), ("finished", "")]
)
async def test_p_pauses_and_resumes(home: Home, client: FakeClient, state: SweepState, command: str) -> None:
    """By the state of the sweep; one that is over is refused with a sentence."""
    view = write_sweep(home, HALF, state=state)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("p")
        if command:
            await until(pilot, lambda: (f"sweep {command}", view.sweep.sweep_id) in client.told, what="it is told")
        else:
            assert told(app) == ["The sweep is finished: there is nothing to pause or to resume."]


async def test_a_burst_of_p_pauses_once(home: Home, client: FakeClient) -> None:
    """The sweep has not changed yet: it is told once."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, _, _):
        await pilot.press("p", "p", "p")
        await until(pilot, lambda: ("sweep pause", view.sweep.sweep_id) in client.told, what="it is told")
        await pilot.pause()
        assert [command for command, _ in client.told if command.startswith("sweep")] == ["sweep pause"]


async def test_capital_t_stops_the_sweep_once_confirmed(home: Home, client: FakeClient) -> None:
    """esc keeps it going, enter stops it."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("T")
        assert isinstance(app.screen, ConfirmScreen)
        await pilot.press("escape")
        assert not [command for command, _ in client.told if command == "sweep stop"]
        await pilot.press("T", "enter")
        await until(pilot, lambda: ("sweep stop", view.sweep.sweep_id) in client.told, what="it is told")


async def test_t_stops_the_runs_of_the_cell(home: Home, client: FakeClient) -> None:
    """The running one; a cell that is over is refused with a sentence."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("t")
        assert told(app) == ["No run of this point is under way: there is nothing to stop."]
        await pilot.press("j", "t")
        await until(pilot, lambda: ("stop", run_ids(view, 4)[0]) in client.told, what="its run is stopped")


@pytest.mark.parametrize(("outcomes", "is_sent"), [([0.7, "failed"], True), ([0.7, "diverged", "pruned"], False)])
async def test_f_tries_failed_trials_again(
    home: Home, client: FakeClient, outcomes: Sequence[float | str], is_sent: bool
) -> None:
    """What diverged or was pruned is an outcome and stays."""
    view = write_sweep(home, outcomes, state="finished")
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("f")
        if is_sent:
            await until(pilot, lambda: ("sweep requeue", view.sweep.sweep_id) in client.told, what="it is told")
        else:
            assert told(app) == ["The sweep has no failed or stopped trial to try again."]


async def test_w_writes_the_table(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """A line for each point; the clipboard has the same text."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press("down", "enter")
        path = tmp_path / "sweep.csv"
        await until(pilot, lambda: path.exists() and app.clipboard, what="file and clipboard are filled")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert (rows[0]["preset"], rows[0]["lr"]) == ("sgd", "0.1")
        assert len(rows) == 5


async def test_w_writes_the_map_as_a_figure(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Presets by rates, as on the screen."""
    write_sweep(home, [0.7, 0.5, 0.9, 0.6, 0.4, 0.8], state="finished")
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press(*["down"] * 7, "enter")
        path = tmp_path / "map.svg"
        await until(pilot, path.exists, what="the figure is there")
        drawn = path.read_text(encoding="utf-8")
        assert all(f"<!-- {text} -->" in drawn for text in ("sgd", "adam", "preset", "lr"))


async def test_c_compares_the_final_runs_of_the_winners(home: Home, client: FakeClient) -> None:
    """One row for the winner with its two fresh seeds."""
    plan = make_plan(presets=("sgd",), final=FinalSpec(seeds=(101, 102)))
    write_sweep(home, [0.7, 0.5, 0.9], plan=plan, finals=[0.4, 0.42], state="finished")
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ComparisonScreen) and app.screen.table, what="the table")
        assert [str(cell).strip() for cell in app.screen.query_one(DataTable).get_column("n")] == ["2"]


@pytest.mark.parametrize(
    ("seeds", "sentence"),
    [((101,), "No final run has come to its end yet"), ((), "This sweep has no final runs")],
)
async def test_c_without_final_runs_says_why(
    home: Home, client: FakeClient, seeds: tuple[int, ...], sentence: str
) -> None:
    """They come when the search is over, or were never asked for."""
    write_sweep(home, HALF, plan=make_plan(final=FinalSpec(seeds=seeds)))
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("c")
        assert sentence in told(app)[0]


async def test_enter_opens_the_run_of_a_cell_on_the_charts(home: Home, client: FakeClient) -> None:
    """The main screen shows its charts alone; the run is in the table while it is open."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        main = main_screen(app)
        await until(pilot, lambda: main.charts.selection.alone == run_ids(view, 1)[0], what="its charts stand alone")
        assert main.workbench.view.is_charts_only
        assert [run.run_id for run in main.board.listed] == run_ids(view, 1, 4)


async def test_enter_marks_all_seeds_of_a_cell(home: Home, client: FakeClient) -> None:
    """Three seeds, three marks, and the charts alone."""
    view = write_sweep(home, [0.5, 0.6, 0.55], plan=make_plan(presets=("sgd",), seeds=(7, 8, 9)))
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        assert board_of(app).overlay.marked == set(run_ids(view, 0, 1, 2))
        assert main_screen(app).workbench.view.is_charts_only


async def test_o_puts_all_runs_of_a_sweep_on_the_charts(home: Home, client: FakeClient) -> None:
    """Of all its points, one over the other."""
    view = write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, _):
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        assert board_of(app).overlay.marked == set(run_ids(view, 0, 1, 2, 3, 4))
        assert main_screen(app).workbench.view.is_charts_only


async def test_enter_on_a_cell_to_come_says_so(home: Home, client: FakeClient) -> None:
    """There is no run to open."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.press("j", "l", "enter")
        assert told(app) == ["This point has no run yet."]
        assert app.screen is screen


@pytest.mark.parametrize("key", ["escape", "q", "g"])
async def test_three_keys_lead_back(home: Home, client: FakeClient, key: str) -> None:
    """The main screen is as it was; opened again, the same sweep is shown."""
    first = write_sweep(home, HALF)
    write_sweep(home, [0.9])
    async with sweeps_of(home, client) as (pilot, app, screen):
        screen.query_one(SweepList).focus()
        await pilot.press("j")
        await until(pilot, lambda: app.screen is screen and screen._shown_id == first.sweep.sweep_id, what="the older")
        await pilot.press(key)
        assert isinstance(app.screen, MainScreen)
        assert main_screen(app).workbench.view.current is Pane.PRESETS
        await pilot.press("g")
        again = await sweeps_screen(pilot, app)
        await until(pilot, lambda: again.pane.picture, what="a sweep is shown")
        assert again.pane.picture is not None
        assert again.pane.picture.view.sweep.sweep_id == first.sweep.sweep_id


async def test_a_home_without_sweeps_offers_the_ready_made(home: Home, client: FakeClient) -> None:
    """What it searches stands at the right; keys that need a sweep say what to do."""
    async with sweeps_of(home, client) as (pilot, app, screen):
        await until(pilot, lambda: "enter says" in text_of(screen, "#sweep-about"), what="a plan is shown")
        assert "Ready-made" in text_of(screen, "#sweep-list")
        for key in ("p", "t", "T", "f", "v", "x", "w", "c"):
            await pilot.press(key)
        assert set(told(app)) == {"enter, then s, starts this sweep; then its points are here."}


async def test_enter_starts_a_ready_made_sweep_once_confirmed(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The user's own is in the list; the question says how many runs; then it is the sweep that is shown."""
    folder = tmp_path / "config" / "sweeps"
    folder.mkdir(parents=True)
    (folder / "a-mine.toml").write_text(
        'title = "Mine"\nscenarios = ["mlp-fashion"]\npresets = ["sgd", "adam"]\nspace = { lr = "0.01,0.1" }\n',
        encoding="utf-8",
    )
    monkeypatch.setattr("tui_optim.store.sweeplibrary.packaged_presets_folder", lambda: tmp_path)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StartSweepScreen), what="it asks")
        assert isinstance(app.screen, StartSweepScreen)
        assert "4 runs (2 arms × lr 2); 1 at once; no run of this scenario yet" in app.screen.takes
        await pilot.press("enter")  # meant for a cell, say
        assert not client.sweeps
        await pilot.press("s")
        await until(pilot, lambda: client.sweeps, what="it is started")
        await until(pilot, lambda: screen.pane.picture, what="it is shown")
        assert screen.pane.border_title == "Mine"
        assert text_of(screen, "#sweep-map").count("…") == 4


async def test_a_ready_made_sweep_that_cannot_be_used_says_why(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its presets are not in the library: a sentence, no question."""
    folder = tmp_path / "config" / "sweeps"
    folder.mkdir(parents=True)
    (folder / "a-mine.toml").write_text('scenarios = ["mlp-fashion"]\npresets = ["adan"]\n', encoding="utf-8")
    monkeypatch.setattr("tui_optim.store.sweeplibrary.packaged_presets_folder", lambda: tmp_path)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.press("enter")
        await until(pilot, lambda: told(app), what="it is told")
        assert "unknown preset 'adan'" in told(app)[0]
        assert app.screen is screen


async def test_a_damaged_sweep_is_told_once(home: Home, client: FakeClient) -> None:
    """The others are listed."""
    damaged = write_sweep(home, [0.5])
    write_sweep(home, HALF)
    (damaged.sweep.folder.path / "sweep.json").write_text("{", encoding="utf-8")
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.pause(1.2)
        assert len(told(app)) == 1
        assert "damaged" in told(app)[0]
        assert screen.look is not None
        assert len(screen.look.rows) == 1


async def test_question_mark_shows_the_keys_of_sweeps(home: Home, client: FakeClient) -> None:
    """And closes again."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert "try failed and stopped trials again" in app.screen._text().plain
        await pilot.press("escape")
        assert app.screen_stack[-1] is screen


@pytest.mark.parametrize("size", [(80, 24), (59, 40), (40, 12), (20, 5), (1, 1), (0, 0), (200, 50)])
async def test_the_screen_survives_any_size(home: Home, client: FakeClient, size: tuple[int, int]) -> None:
    """Shrinking, pressing keys there and growing back leaves a working map."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        await pilot.resize_terminal(*size)
        await pilot.press("left_square_bracket", "l", "j", "v", "j", "v", "v", "left_square_bracket", "enter", "x")
        await pilot.resize_terminal(*SIZE)
        await pilot.pause()
        assert app.screen is screen
        assert "0.5000★" in text_of(screen, "#sweep-map")


async def test_another_theme_paints_map_and_curve_anew(home: Home, client: FakeClient) -> None:
    """Light or dark: no line stays in the colours of before."""
    write_sweep(home, HALF)
    async with sweeps_of(home, client) as (pilot, app, screen):
        widgets = [screen.query_one(HeatMapView), screen.query_one(QuietChart)]
        before = [widget.render_line(1) for widget in widgets]
        app.action_turn_ground()
        await pilot.pause()
        assert all(widget.render_line(1) != line for widget, line in zip(widgets, before, strict=True))


async def test_more_columns_than_there_is_room_for_scroll_with_the_cursor(home: Home, client: FakeClient) -> None:
    """An arrow says that there are more."""
    plan = make_plan(presets=("sgd",), space={"lr": tuple(round(0.01 * n, 2) for n in range(1, 21))})
    write_sweep(home, [0.5], plan=plan)
    async with sweeps_of(home, client, size=(80, 24)) as (pilot, _, screen):
        assert "›" in text_of(screen, "#sweep-map")
        assert "0.2 " not in text_of(screen, "#sweep-map")
        await pilot.press("end")
        assert "‹" in text_of(screen, "#sweep-map")
        assert "0.2 " in text_of(screen, "#sweep-map")


async def test_runs_of_sweeps_do_not_bury_the_users_own(home: Home, client: FakeClient) -> None:
    """Of five only the one that trains is in the table, with a sign; S lists all, and hides them again."""
    write_run(home, "adam")
    view = write_sweep(home, HALF)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        board = board_of(app)
        await until(pilot, lambda: len(board.runs) == 6, what="the runs are known")
        await until(pilot, lambda: len(board.listed) == 2, what="two are listed")
        runs = main_screen(app).query_one("#runs")
        await until(pilot, lambda: "4 of sweeps not listed" in str(runs.border_title), what="the title says so")
        assert main_screen(app).query_one(RunTable).cell_text(run_ids(view, 4)[0], "preset") == "§adam*"
        assert not set(board.overlay.shown) & set(run_ids(view, 0, 1, 2, 3))
        await pilot.press("S")
        assert len(board.listed) == 6
        await pilot.press("S")
        assert len(board.listed) == 2


async def test_a_sweep_goes_on_when_the_app_is_left(home: Home, client: FakeClient) -> None:
    """The farewell says so."""
    write_sweep(home, [0.5, 0.7])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("q")
    assert app.farewell.startswith("A sweep goes on in the background.")


async def test_toasts_leave_the_readout_free(home: Home, client: FakeClient) -> None:
    """Three at once in a small terminal: none is over the line that tells of the point under the cursor."""
    write_sweep(home, [0.5, 0.6], plan=make_plan(presets=("sgd",), space={"lr": (0.01, 0.1)}), state="finished")
    app = make_app(home, client)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen) and app.screen.pane.picture, what="a sweep")
        await pilot.press("p", "c", "f")
        await until(pilot, lambda: len(app.screen.query(Toast)) == 3, what="three toasts are shown")
        await pilot.pause()

        assert max(toast.region.bottom for toast in app.screen.query(Toast)) < 24 - 4

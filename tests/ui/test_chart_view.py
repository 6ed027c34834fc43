"""The keys of the charts in the app: what they show, what they say, and that a live run does not move a zoomed view."""

import math
from collections.abc import Sequence
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.factories import make_progress, make_started
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, rewrite_log, until, until_drawn, write_run
from tui_optim.spec.events import Ended, Event, Progress, RunState
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.layout import Pane
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend

SIZE = (120, 36)
NOON = 1_700_000_000.0


def chart(app: LabApp, which: str = "loss") -> Chart:
    """One of the two."""
    return main_screen(app).query_one(f"#{which}", Chart)


def legend(app: LabApp) -> str:
    """What stands below them."""
    return str(main_screen(app).query_one(Legend).render())


def picture(app: LabApp, which: str = "loss") -> str:
    """The characters of a chart."""
    return "\n".join(strip.text for strip in chart(app, which).strips)


def write_losses(
    home: Home, preset: str, losses: Sequence[float], *, state: RunState = "finished", seed: int = 42
) -> StoredRun:
    """A run with these losses, one in each step of a tenth of an epoch."""
    run = write_run(home, preset, state=state, seed=seed)
    events: list[Event] = [make_started(run.info.spec), *(make_progress(i, loss=y) for i, y in enumerate(losses, 1))]
    if state != "running":
        events.append(Ended(state=state))
    rewrite_log(run.folder, events, started_at=NOON)
    return run


async def press(pilot: Pilot[None], app: LabApp, *keys: str) -> None:
    """Press keys and wait until their effect is drawn."""
    await pilot.press(*keys)
    await until(pilot, lambda: main_screen(app).charts.is_settled, what="the charts are drawn")
    await pilot.pause()


async def test_a_zoomed_view_says_so_and_stays_while_the_run_goes_on(home: Home, client: FakeClient) -> None:
    """The newer half of the curves; new points change nothing, 0 follows them again."""
    run = write_losses(home, "sgd", [1.0 / i for i in range(1, 101)], state="running")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "plus")
        assert str(chart(app).border_title) == "4 Loss over epochs · zoom 5–10"
        before = picture(app)
        events: list[Event] = [make_started(run.info.spec), *(make_progress(i, loss=1.0 / i) for i in range(1, 151))]
        rewrite_log(run.folder, events, started_at=NOON)
        main_screen(app).feed.wake()
        series = board_of(app).series(run.run_id)
        assert series is not None
        await until(pilot, lambda: series.last_step == 150, what="the new points are read")
        await until_drawn(pilot, app, num_runs=1)
        assert picture(app).splitlines()[-1] == before.splitlines()[-1]
        assert "zoom 5–10" in str(chart(app).border_title)
        await press(pilot, app, "0")
        assert "zoom" not in str(chart(app).border_title)
        assert "15" in picture(app).splitlines()[-1]


async def test_y_fits_what_is_visible(home: Home, client: FakeClient) -> None:
    """A start that is far above does not flatten the end once that alone is shown."""
    write_losses(home, "sgd", [2.5, 2.0, *(0.3 + 0.001 * (i % 5) for i in range(98))])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "C")
        assert "2.0" in picture(app)
        await press(pilot, app, "plus")
        assert "2.0" not in picture(app)
        assert "0.302" in picture(app)


async def test_h_and_l_move_a_zoomed_view(home: Home, client: FakeClient) -> None:
    """A quarter of it at a time; where all is shown they do nothing."""
    write_losses(home, "sgd", [1.0 / i for i in range(1, 101)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "h")
        assert main_screen(app).charts.view.x is None
        await press(pilot, app, "plus", "h", "h")
        assert main_screen(app).charts.view.x == (2.5, 7.5)
        await press(pilot, app, "l")
        assert main_screen(app).charts.view.x == (3.75, 8.75)
        await press(pilot, app, "minus", "minus")
        assert main_screen(app).charts.view.x is None


async def test_the_cursor_reads_all_curves_off(home: Home, client: FakeClient) -> None:
    """As measured and smoothed, with each setting's marker, in place of the legend; esc takes it away, and nothing else."""
    write_losses(home, "sgd", [2.0] * 50 + [1.0] * 50)
    write_losses(home, "adam", [0.5] * 100)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await press(pilot, app, "4", "z", "full_stop", "full_stop", "left")
        head, first, second = legend(app).splitlines()
        assert head.split()[:6] == ["┊", "10", "epochs", "loss", "train", "EMA"]
        assert first.split()[:3] == ["●", "sgd", "1"]
        assert first.split()[3] == f"{1 + 0.9**50 * (1 - 0.9**50) / (1 - 0.9**100):.4g}"
        assert second.split()[:4] == ["▲", "adam", "0.5", "0.5"]
        assert "┊" in picture(app)
        await press(pilot, app, "5", "n", "left")
        assert legend(app).splitlines()[0].split()[3] == "rate"
        await press(pilot, app, "escape")
        assert main_screen(app).charts.view.cursor is None
        assert "━━ train" in legend(app)
        assert main_screen(app).workbench.view.is_charts_only
        await press(pilot, app, "escape")
        assert not main_screen(app).workbench.view.is_charts_only


async def test_smoothing_draws_the_raw_curve_behind(home: Home, client: FakeClient) -> None:
    """The title says which; comma goes back to none, and the learning rate is never smoothed."""
    write_losses(home, "sgd", [1.0 + 0.5 * (-1) ** i for i in range(100)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "z", "n", "full_stop", "full_stop")
        assert str(chart(app).border_title) == "4 Loss over epochs · EMA 0.9"
        assert [line.is_behind for line in chart(app).series if len(line.xs)] == [True, False]
        assert str(chart(app, "accuracy").border_title) == "5 Learning rate over epochs"
        await press(pilot, app, "comma", "comma", "comma")
        assert str(chart(app).border_title) == "4 Loss over epochs"
        assert [line.is_behind for line in chart(app).series if len(line.xs)] == [False]


async def test_both_axes_may_be_logarithmic(home: Home, client: FakeClient) -> None:
    """A power law is a straight line then; the point at 0 is a gap."""
    write_losses(home, "sgd", [1.0 / i for i in range(1, 101)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "z", "y", "Y")
        assert str(chart(app).border_title) == "4 Log loss over log epochs"
        assert {"0.1", "1", "10"} <= set(picture(app).splitlines()[-1].split())


async def test_a_run_that_died_is_marked_where_it_did(home: Home, client: FakeClient) -> None:
    """At its last point and on the axis at the first bad step; the line of the other goes on."""
    write_losses(home, "sgd", [1.0] * 100)
    write_losses(home, "adam", [*[2.0] * 50, math.nan], state="diverged")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await press(pilot, app, "4", "z")
        rows = picture(app).splitlines()
        assert sum(row.count("✕") for row in rows) == 2
        assert "✕" in rows[-2]
        assert rows[-2].index("✕") < len(rows[-2]) * 0.6


async def test_limits_are_typed_in_a_dialog(home: Home, client: FakeClient) -> None:
    """What is wrong is said there; what is right is drawn and said in the title."""
    write_losses(home, "sgd", [1.0 / i for i in range(1, 101)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "z")
        await pilot.press("L", *"y=1..0", "enter")
        await pilot.pause()
        assert isinstance(app.screen, EditScreen)
        assert "y: 1..0 has no width" in str(app.screen.query_one(".problem").render())
        await pilot.press("ctrl+u", *"x=2..4 y=0..1", "enter")
        await until_drawn(pilot, app, num_runs=1)
        assert str(chart(app).border_title) == "4 Loss over epochs · zoom 2–4 · y 0..1"
        assert str(chart(app, "accuracy").border_title) == "5 Accuracy % over epochs · nothing here · zoom 2–4"


async def test_what_lies_outside_is_counted(home: Home, client: FakeClient) -> None:
    """An explosion does not flatten the rest; C lets it."""
    write_losses(home, "sgd", [*(2.0 - i / 100 for i in range(100)), 1e6, 1e6])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "z")
        assert str(chart(app).border_title) == "4 Loss over epochs · 2 outside"
        await press(pilot, app, "C")
        assert str(chart(app).border_title) == "4 Loss over epochs"


async def test_enter_shows_one_chart_alone(home: Home, client: FakeClient) -> None:
    """And all panes again; tab goes to the other chart, which then stands alone."""
    write_losses(home, "sgd", [1.0 / i for i in range(1, 101)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "enter")
        assert main_screen(app).workbench.arrangement.visible == {Pane.LOSS}
        assert chart(app).content_size.width == SIZE[0] - 2
        await press(pilot, app, "tab")
        assert main_screen(app).workbench.arrangement.visible == {Pane.ACCURACY}
        await press(pilot, app, "enter")
        assert {Pane.LOSS, Pane.ACCURACY, Pane.RUNS} <= main_screen(app).workbench.arrangement.visible
        await press(pilot, app, "z", "enter", "escape")
        assert main_screen(app).workbench.arrangement.visible == {Pane.LOSS, Pane.ACCURACY}


async def test_the_charts_of_one_run_end_with_any_way_back(home: Home, client: FakeClient) -> None:
    """Whoever goes back by a pane's key sees all marked runs again, as with esc."""
    write_losses(home, "sgd", [1.0] * 10)
    write_losses(home, "adam", [2.0] * 10)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await press(pilot, app, "6", "enter")
        assert len({line.slot for line in chart(app).series}) == 1
        await press(pilot, app, "6")
        assert len({line.slot for line in chart(app).series}) == 2
        await press(pilot, app, "escape")
        assert len({line.slot for line in chart(app).series}) == 2


async def test_pages_of_gradient_norm_and_throughput(home: Home, client: FakeClient) -> None:
    """The norm is what the run logged, throughput what follows from work and time; without a norm a sentence says why."""
    run = write_losses(home, "sgd", [1.0] * 10)
    plain = write_losses(home, "adam", [1.0] * 10)
    events: list[Event] = [
        replace(make_progress(i), grad_norm=0.5, train_time_s=0.2 * i, effective_epochs=0.1 * i) for i in range(1, 11)
    ]
    assert all(isinstance(event, Progress) for event in events)
    rewrite_log(run.folder, [make_started(run.info.spec), *events], started_at=NOON)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await press(pilot, app, "5", "n", "n")
        assert str(chart(app, "accuracy").border_title) == "5 Gradient norm over epochs"
        assert [list(line.ys) for line in chart(app, "accuracy").series] == [[0.5] * 10, []]
        await press(pilot, app, "n")
        assert str(chart(app, "accuracy").border_title) == "5 Examples/s over epochs"
        assert chart(app, "accuracy").series[0].ys == pytest.approx([0.1 * 60_000 / 0.2] * 10)
        main_screen(app).board.overlay.marked = {plain.run_id}
        main_screen(app).watching.show_overlay()
        await press(pilot, app, "N")
        assert "No gradient norm here" in picture(app, "accuracy")


async def test_the_legend_says_of_which_scenario_the_curves_are(home: Home, client: FakeClient) -> None:
    """Where it is not the one that the title line names."""
    write_run(home, "sgd", scenario="quadratic-f1")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        assert main_screen(app).choosing.scenario.id == "lenet5-fashion"
        assert "on quadratic-f1" in legend(app)


async def test_x_keeps_the_part_that_is_seen(home: Home, client: FakeClient) -> None:
    """The last half of the epochs is the last half of the steps."""
    write_losses(home, "sgd", [1.0 / i for i in range(1, 101)])
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await press(pilot, app, "4", "z", "plus", "x")
        assert main_screen(app).charts.view.x == (50.0, 100.0)
        assert str(chart(app).border_title) == "4 Loss over steps · zoom 50–100"


async def test_the_palette_has_the_keys_of_the_charts(home: Home, client: FakeClient) -> None:
    """From any pane."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        found = {command.title: command for command in app.get_system_commands(app.screen)}
        command = found["Smooth more: EMA, raw behind"]
        assert command.help == "key . on a chart"
        await command.callback()
        assert main_screen(app).charts.view.smoothing == 0.5


async def test_without_a_point_there_is_nothing_to_zoom(home: Home, client: FakeClient) -> None:
    """The keys do nothing, so that the first run is seen from its start."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        await pilot.press("4", "plus", "left", "minus", "h", "0", "C", "full_stop", "comma")
        view = main_screen(app).charts.view
        assert (view.x, view.cursor) == (None, None)

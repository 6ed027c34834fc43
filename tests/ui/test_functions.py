"""Paths over level lines and gaps with theory: what is shown of which runs, and every key once."""

from dataclasses import dataclass

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.small_runs import (
    gradient_descent,
    heavy_ball,
    sign_descent,
    write_descent,
    write_noisy,
)
from tests.ui.stage import FakeClient, board_of, make_app, until, until_drawn, write_run
from tui_optim.report.pictures.plane import window_around
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.pictures.contour import Trace
from tui_optim.ui.pictures.dots import DotCanvas
from tui_optim.ui.pictures.functions import Walk
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.screens.functions import FunctionsScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend
from tui_optim.ui.widgets.picture import PictureView

SIZE = (120, 36)


def write_runs(home: Home) -> int:
    """Three methods on both functions."""
    for scenario in ("quadratic-f1", "quadratic-f2"):
        write_descent(home, scenario, gradient_descent(0.05))
        write_descent(home, scenario, heavy_ball(0.02, 0.8))
        write_descent(home, scenario, sign_descent(0.01))
    return 6


async def open_functions(pilot: Pilot[None], app: LabApp, *, num_runs: int, scenario: str) -> FunctionsScreen:
    """Highlight the scenario, press o, and wait for the picture."""
    await until_drawn(pilot, app, num_runs=num_runs)
    await pilot.press("1", "home", *["down"] * list(SCENARIOS).index(scenario), "o")
    await until(pilot, lambda: isinstance(app.screen, FunctionsScreen), what="the picture is open")
    assert isinstance(app.screen, FunctionsScreen)
    await until_shown(pilot, app.screen)
    return app.screen


async def until_shown(pilot: Pilot[None], screen: FunctionsScreen) -> None:
    """Wait until what can be seen is what there is."""
    board = screen.functions.board

    def is_read() -> bool:
        return not board.has_backlog and all(map(board.series, board.looked_at_elsewhere)) and screen.is_settled

    await until(pilot, is_read, what="the picture is drawn")
    await pilot.pause()


def text_of(screen: FunctionsScreen, scenario: str) -> str:
    """The picture of a function as characters."""
    view = screen.query_one(f"#paths-{scenario}", PictureView)
    return "\n".join(view.render_line(y).text for y in range(view.content_size.height))


def line(screen: FunctionsScreen) -> str:
    """The line at the top."""
    return str(screen.query_one("#function-line", Static).content)


def ends(screen: FunctionsScreen) -> list[tuple[float, float]]:
    """Where each method stands on the first function."""
    functions = screen.functions
    walks = [functions.walk(method, functions.scenarios[0]) for method in functions.methods]
    return [walk.place(functions.timeline.now) for walk in walks if walk]


async def test_o_shows_both_functions_side_by_side(home: Home, client: FakeClient) -> None:
    """Level lines, a marker for each method in one colour on both, the start, eigenvalues and condition number."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=num_runs, scenario="quadratic-f2")
        assert [(method.name, method.marker, sorted(method.on)) for method in screen.functions.methods] == [
            ("batch-gd", "●", ["quadratic-f1", "quadratic-f2"]),
            ("heavy-ball", "▲", ["quadratic-f1", "quadratic-f2"]),
            ("adam", "■", ["quadratic-f1", "quadratic-f2"]),
        ]
        for scenario in ("quadratic-f1", "quadratic-f2"):
            text = text_of(screen, scenario)
            assert all(marker in text for marker in "●▲∘")
            view = screen.query_one(f"#paths-{scenario}", PictureView)
            assert view.border_subtitle == "eigenvalues 2 and 0.2, condition number 10"
        assert ends(screen)[0] == pytest.approx((0.9**200, 0.99**200))
        assert "3 settings · 6 runs  after 200 steps" in line(screen)


async def test_one_function_has_the_whole_width(home: Home, client: FakeClient) -> None:
    """The twin is not shown while it has no run; without any run both are, with a word."""
    write_descent(home, "quadratic-f1", gradient_descent(0.05))
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=1, scenario="quadratic-f1")
        assert screen.query_one("#paths-quadratic-f1").size.width > 100
        assert not screen.query_one("#paths-quadratic-f2").display


async def test_marked_runs_alone_are_shown(home: Home, client: FakeClient) -> None:
    """Of six runs the two that the user marked."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=num_runs)
        await pilot.press("6", "home", "space", "down", "space", "o")
        await until(pilot, lambda: isinstance(app.screen, FunctionsScreen), what="the picture is open")
        assert isinstance(app.screen, FunctionsScreen)
        await until_shown(pilot, app.screen)
        assert len(app.screen.functions.board.looked_at_elsewhere) == 2


async def test_time_goes_back_and_forth(home: Home, client: FakeClient) -> None:
    """Keys move through the steps; the paths end where the methods were; at the finish the picture stays at the latest."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=num_runs, scenario="quadratic-f1")
        latest = text_of(screen, "quadratic-f1")
        for keys, step in (
            ("H", 180),
            ("h", 178),
            ("l", 180),
            ("0", 0),
            ("L", 20),
            ("G", 200),
            ("home", 0),
            ("end", 200),
        ):
            await pilot.press(keys)
            await until_shown(pilot, screen)
            assert screen.timeline.now == step
            assert ends(screen)[0] == pytest.approx((0.9**step, 0.99**step))
            assert f"after {step} steps" in line(screen)
        assert text_of(screen, "quadratic-f1") == latest
        await pilot.press("0")
        await until_shown(pilot, screen)
        early = text_of(screen, "quadratic-f1")
        assert early != latest
        assert early.count("●") + early.count("▲") + early.count("■") == 1  # all stand on the start


@dataclass
class Clock:
    """Stands still until it is told to go."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


async def test_a_replay_moves_the_paths(home: Home, client: FakeClient) -> None:
    """From the start to the finish in the time that it says, faster and slower by keys; esc leaves it, then the picture."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=num_runs, scenario="quadratic-f1")
        clock = Clock()
        screen.clock = clock
        await pilot.press("space")
        assert screen.timeline.now == 0
        clock.now += screen.timeline.replay.duration_s / 4
        await until(pilot, lambda: screen.timeline.now == pytest.approx(50), what="a quarter is shown")
        pace = screen.timeline.replay.duration_s
        await pilot.press("full_stop", "full_stop", "comma")
        assert screen.timeline.replay.duration_s < pace
        await pilot.press("space")
        assert not screen.timeline.replay.is_playing
        assert "replay in" in line(screen) or not screen.is_settled
        await pilot.press("escape")
        assert screen.timeline.is_at_finish
        assert app.screen is screen
        await pilot.press("space")
        clock.now += 1000
        await until(pilot, lambda: screen.timeline.is_at_finish, what="the replay is over")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        assert board_of(app).looked_at_elsewhere == frozenset()


async def test_v_shows_gaps_with_the_rate_of_theory(home: Home, client: FakeClient) -> None:
    """A dashed line for gradient descent and for heavy ball, none for Adam, and ρ² in the legend."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=num_runs, scenario="quadratic-f1")
        await pilot.press("v")
        await until_shown(pilot, screen)
        for scenario in ("quadratic-f1", "quadratic-f2"):
            series = screen.query_one(f"#gaps-{scenario}", Chart).series
            assert [(one.slot, one.pattern) for one in series] == [
                (0, "solid"),
                (0, "dashed"),
                (1, "solid"),
                (1, "dashed"),
                (2, "solid"),
            ]
            assert series[0].ys[-1] == pytest.approx(0.9**400 + 0.1 * 0.99**400)
            assert series[1].ys == pytest.approx((1.1, 1.1 * 0.99**400))
        legend = str(screen.query_one(Legend).content)
        assert "batch-gd (ρ² a step 0.9801, measured 0.9801)" in legend
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert screen.has_paths


async def test_scalar_sgd_is_drawn_with_its_floor(home: Home, client: FakeClient) -> None:
    """Two rates with five seeds each: a band, the expected gap dashed, the noise floor dotted; b turns the bands."""
    for lr in (0.01, 0.1):
        for seed in range(1, 6):
            write_noisy(home, lr=lr, seed=seed)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=10, scenario="scalar-mean")
        chart = screen.query_one("#gaps-scalar-mean", Chart)
        assert chart.border_title == "Squared error to y*"
        assert [(one.slot, one.pattern, bool(one.low)) for one in chart.series] == [
            (0, "solid", True),
            (0, "dashed", False),
            (0, "dotted", False),
            (1, "solid", True),
            (1, "dashed", False),
            (1, "dotted", False),
        ]
        assert chart.series[5].ys[0] > 5 * chart.series[2].ys[0]
        legend = str(screen.query_one(Legend).content)
        assert "sgd-by-hand lr=0.1 ×5 (noise floor 0.009)" in legend
        assert "sgd-by-hand lr=0.01 ×5 (noise floor 0.00082)" in legend
        assert "25–75 %" in legend
        await pilot.press("v", "b", "b")
        await until_shown(pilot, screen)
        assert sum(one.pattern == "solid" for one in chart.series) == 10


async def test_a_scenario_whose_results_are_curves_says_so(home: Home, client: FakeClient) -> None:
    """And so does a function without a run, in its own frame."""
    write_run(home, "adam", scenario="quadratic-f1", state="queued", done=0)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=1, scenario="quadratic-f1")
        assert screen.functions.methods == []
        assert "∘" in text_of(screen, "quadratic-f1")
        assert "∘" in text_of(screen, "quadratic-f2")
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert "Nothing here yet" in screen.query_one("#gaps-quadratic-f1", Chart).empty_text


async def test_paths_grow_while_runs_train(home: Home, client: FakeClient) -> None:
    """What a worker appends is seen without a key, and drawn from where the picture was."""
    run = write_descent(home, "quadratic-f1", gradient_descent(0.05), num_steps=100, is_running=True)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_functions(pilot, app, num_runs=1, scenario="quadratic-f1")
        assert ends(screen)[0] == pytest.approx((0.9**100, 0.99**100))
        longer = write_descent(home, "quadratic-f1", gradient_descent(0.05), num_steps=150)
        lines = longer.folder.events.read_text(encoding="utf-8").splitlines(keepends=True)
        with run.folder.events.open("a", encoding="utf-8") as log:
            log.writelines(lines[102:152])
        board = board_of(app)
        await until(
            pilot, lambda: (one := board.series(run.run_id)) and one.last_step == 150, what="the new part is read"
        )
        await until(pilot, lambda: ends(screen)[0] == pytest.approx((0.9**150, 0.99**150)), what="it is shown")


async def test_i_explains_the_function(home: Home, client: FakeClient) -> None:
    """And ? lists the keys that work here."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_functions(pilot, app, num_runs=num_runs, scenario="quadratic-f1")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), what="the help is open")
        await pilot.press("escape", "i")
        await until(pilot, lambda: isinstance(app.screen, ExplainScreen), what="the explanation is open")
        assert isinstance(app.screen, ExplainScreen)
        topic = app.screen.topic
        assert topic is not None
        assert topic.id == "quadratic-f1"


def test_a_run_that_diverges_does_not_fill_the_picture() -> None:
    """Gradient descent beyond its limit crosses the window with every step: the first crossings are drawn, no others."""
    quadratic = SCENARIOS["quadratic-f1"].quadratic
    assert quadratic is not None
    walk = Walk(quadratic)
    canvas = DotCanvas(30, 12)
    trace = Trace(window_around([walk.box], aspect=30 * 2 / (12 * 4)), canvas)
    x, num_dots = 1.0, []
    for step in range(1, 40):
        x *= -2.0
        walk.steps.append(float(step))
        walk.points.append((x, 0.5 - step / 100))
        trace.see(walk)
        num_dots.append(len(trace.until(step)))
    assert num_dots[5] > 0
    assert num_dots[-1] == num_dots[5]

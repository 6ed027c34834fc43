"""Beside the loss: accuracy, gap or the learning rate as its own curve."""

from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until_drawn, write_run
from tui_optim.report.series import Quantity
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.widgets.chart import Chart

SIZE = (120, 36)


def second(app: LabApp) -> Chart:
    """The chart at the right."""
    return main_screen(app).query_one("#accuracy", Chart)


def turn(app: LabApp) -> Quantity:
    """What it shows."""
    return main_screen(app).charts.drawn[1]


async def test_m_draws_the_learning_rate(home: Home, client: FakeClient) -> None:
    """One line that the log holds, step by step, whatever the split; N goes back to the accuracy."""
    run = write_run(home, "sgd-cosine")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        assert turn(app) == "accuracy"
        await pilot.press("m", "v", "v")
        await until_drawn(pilot, app, num_runs=1)
        (line,) = second(app).series
        series = board_of(app).series(run.run_id)
        assert series is not None
        assert (line.xs, line.ys) == series.curve("lr", "train", "epoch")
        assert len(line.ys) > 10
        assert str(second(app).border_title) == "5 Learning rate over epochs"
        await pilot.press("5", "N")
        await until_drawn(pilot, app, num_runs=1)
        assert str(second(app).border_title) == "5 Accuracy % over epochs"


async def test_seeds_have_one_rate(home: Home, client: FakeClient) -> None:
    """A setting of several seeds is one line, and where two rates part is not said: they are chosen, not found."""
    for seed in (1, 2, 3):
        write_run(home, "sgd", seed=seed)
        write_run(home, "adam", seed=seed, rate=0.9)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=6)
        await pilot.press("m")
        await until_drawn(pilot, app, num_runs=6)
        assert len(second(app).series) == 2
        assert all(len(line.low) == len(line.ys) for line in second(app).series)


async def test_where_there_are_classes_and_a_minimum_m_turns_through_all(home: Home, client: FakeClient) -> None:
    """Accuracy, gap, rate, gradient norm, examples per second, and accuracy again."""
    write_run(home, "sgd")
    write_run(home, "sgd", scenario="quadratic-f1")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        seen = [turn(app)]
        for _ in range(5):
            await pilot.press("m")
            seen.append(turn(app))
        assert seen == ["accuracy", "gap", "lr", "grad_norm", "throughput", "accuracy"]


async def test_what_was_chosen_stays(home: Home, client: FakeClient) -> None:
    """Runs that bring another quantity with them do not turn the chart."""
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("m")
        write_run(home, "sgd", scenario="quadratic-f1")
        main_screen(app).feed.wake()
        await until_drawn(pilot, app, num_runs=2)
        assert turn(app) == "lr"


async def test_i_explains_what_the_chart_shows(home: Home, client: FakeClient) -> None:
    """On the learning rate it is not the accuracy that is explained."""
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("5", "m", "i")
        await pilot.pause()
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen.topic is not None
        assert app.screen.topic.id == "lr"

"""The explanations: opened with i at what the user stands on, filtered, and their experiments started."""

from typing import get_args

from textual.pilot import Pilot
from textual.widgets import Static

from tests.ui.stage import FakeClient, board_of, make_app, until, until_drawn, write_run
from tui_optim.report.series import AXIS_NAMES, QUANTITIES
from tui_optim.spec.explain.catalogue import all_topics
from tui_optim.store.home import Home
from tui_optim.store.library import load_library
from tui_optim.ui.app import LabApp
from tui_optim.ui.charting.curves import SplitChoice
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.teaching.explained import WORDS, topic_of_chart

SIZE = (120, 36)


async def explained(pilot: Pilot[None], app: LabApp) -> str:
    """Press i; the id of what is explained."""
    await pilot.press("i")
    await until(pilot, lambda: isinstance(app.screen, ExplainScreen), what="the explanations are open")
    assert isinstance(app.screen, ExplainScreen)
    assert app.screen.topic is not None
    return app.screen.topic.id


def text_of(app: LabApp) -> str:
    """What is explained, in words."""
    return str(app.screen.query_one("#topic Static", Static).content)


PLACES: tuple[tuple[tuple[str, ...], str], ...] = (
    ((), "sgd-baseline"),
    (("4",), "val_loss"),
    (("5",), "val_accuracy"),
    (("v", "v", "v"), "test_accuracy"),
    (("7",), "sgd-baseline"),
    (("1", "j"), "lenet5-fashion-l2"),
    (("r",), "race"),
    (("escape", "g"), "sweep"),
)
"""Keys that lead from one place to the next, and what is explained there."""


async def test_i_explains_what_is_under_the_cursor(home: Home, client: FakeClient) -> None:
    """A preset, a scenario, a chart's figure, a screen."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        for keys, topic in PLACES:
            await pilot.press(*keys)
            await pilot.pause()
            assert await explained(pilot, app) == topic
            await pilot.press("escape")
            await pilot.pause()


async def test_i_explains_the_rows_of_the_editor(home: Home, client: FakeClient) -> None:
    """One after the other."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("3")
        await pilot.pause()
        topics = []
        for _ in range(16):
            topics.append(await explained(pilot, app))
            await pilot.press("escape", "j")
            await pilot.pause()
        assert topics[:4] == ["seed", "epoch", "lr", "momentum"]
        assert topics[8:13] == ["constant", "none", "memory-format", "early-stop", "early-stop"]
        assert topics[14:] == ["x-ray", "held-out"]


def test_every_page_axis_and_row_has_a_topic() -> None:
    """Whatever the charts can show, of any split and over any axis, and every word of the details."""
    topics = all_topics(load_library().presets)
    splits: tuple[SplitChoice, ...] = get_args(SplitChoice)
    names = {topic_of_chart(quantity, split) for quantity in QUANTITIES for split in splits}
    names |= {*AXIS_NAMES.values(), *WORDS.values()}
    assert {"grad_norm", "throughput", "lr", "gap", "val_accuracy"} <= names
    assert [name for name in names if topics.get(name) is None] == []


async def test_a_run_is_explained_by_its_preset_or_by_its_end(home: Home, client: FakeClient) -> None:
    """A diverged one by what divergence is."""
    write_run(home, "adam")
    write_run(home, "sgd", state="diverged", done=3, reason="the loss is not finite at step 31")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("6")
        await pilot.pause()
        first = await explained(pilot, app)
        await pilot.press("escape", "j")
        await pilot.pause()
        assert {first, await explained(pilot, app)} == {"adam", "divergence"}


async def test_the_list_leads_through_everything(home: Home, client: FakeClient) -> None:
    """Moving the highlight explains the next topic; / filters by words, esc takes the filter away, then the screen."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await explained(pilot, app)
        screen = app.screen
        assert isinstance(screen, ExplainScreen)
        await pilot.press("j")
        await pilot.pause()
        assert screen.topic is not None
        assert screen.topic.id != "sgd-baseline"
        await pilot.press("slash", *"splits", "enter")
        await pilot.pause()
        assert screen.topic.id == "train"
        assert "whose gradients move the weights" in text_of(app)
        await pilot.press("escape")
        assert app.screen is screen
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


async def test_enter_starts_the_experiment(home: Home, client: FakeClient) -> None:
    """Its runs are queued with their own values, the user is back on the main screen, and the log tells."""
    app = make_app(home, client, library=load_library())
    app.launcher.plan.options = app.launcher.plan.options.changed("threads", "2")
    async with app.run_test(size=SIZE) as pilot:
        await explained(pilot, app)
        await pilot.press("slash", *"learning rate", "enter")
        await pilot.pause()
        assert isinstance(app.screen, ExplainScreen)
        while app.screen.topic is not None and app.screen.topic.id != "lr":
            await pilot.press("j")
        await pilot.press("enter")
        await until(pilot, lambda: len(client.submitted) == 4, what="four runs are queued")
        assert [spec.hyperparameters["lr"] for spec in client.submitted] == [0.01, 0.1, 0.2, 1.0]
        assert {(spec.scenario, spec.holdout, spec.threads) for spec in client.submitted} == {("mlp-fashion", True, 2)}
        await until(pilot, lambda: board_of(app).log, what="the log tells")
        assert "Queued 4 runs of the experiment" in board_of(app).log[-1].text
        assert isinstance(app.screen, MainScreen)


async def test_what_waits_already_is_not_queued_again(home: Home, client: FakeClient) -> None:
    """The second start of the same experiment is refused with a sentence."""
    app = make_app(home, client, library=load_library())
    async with app.run_test(size=SIZE) as pilot:
        for _ in range(2):
            await explained(pilot, app)
            await pilot.press("enter")
            await pilot.pause(0.2)
        await until(pilot, lambda: len(board_of(app).log) == 2, what="both are answered")
        assert len(client.submitted) == 2
        assert "queued already" in board_of(app).log[-1].text


async def test_an_experiment_of_a_missing_preset_is_told(home: Home, client: FakeClient) -> None:
    """A small library lacks what the experiment runs: nothing is queued."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await explained(pilot, app)
        await pilot.press("slash", *"adamax", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: board_of(app).log, what="a sentence")
        assert "unknown preset 'adamax'" in board_of(app).log[-1].text
        assert client.submitted == []


async def test_after_a_filter_that_nothing_passes_the_topic_is_the_one_that_was_read(
    home: Home, client: FakeClient
) -> None:
    """esc clears the filter, and the highlight stands where it stood."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("r")
        await pilot.pause()
        before = await explained(pilot, app)
        await pilot.press("slash", *"zzzz")
        await pilot.pause()
        assert "Nothing matches" in text_of(app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen.topic is not None
        assert app.screen.topic.id == before

"""The calculator's screen: opened with s, calculated while typing, letters are keys until a field has the focus."""

from textual.pilot import Pilot
from textual.widgets import Static

from tests.ui.stage import FakeClient, make_app, small_library, until
from tui_optim.spec.presets import Preset
from tui_optim.store.home import Home
from tui_optim.store.library import Library
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.step import StepLines, StepScreen
from tui_optim.ui.widgets.step_fields import StepField

SIZE = (120, 36)


def lines_of(app: LabApp) -> str:
    """The calculated lines."""
    return str(app.screen.query_one("#step-lines", Static).content)


def problem_of(app: LabApp) -> str:
    """What is said to be wrong."""
    return str(app.screen.query_one("#step-problem", Static).content)


async def open_calculator(pilot: Pilot[None], app: LabApp, *, filtered: str = "adam") -> StepScreen:
    """Filter to a preset, press s."""
    await pilot.press("slash", *filtered, "enter", "s")
    await until(pilot, lambda: isinstance(app.screen, StepScreen), what="the calculator is open")
    await pilot.pause()
    assert isinstance(app.screen, StepScreen)
    return app.screen


async def type_into(pilot: Pilot[None], app: LabApp, field: str, text: str) -> None:
    """Replace what a field says."""
    app.screen.query_one(f"#{field}", StepField).focus()
    await pilot.pause()
    await pilot.press("end", "ctrl+u", *[{".": "full_stop", "-": "minus"}.get(c, c) for c in text])
    await pilot.pause()


async def test_s_calculates_a_step_of_the_highlighted_preset(home: Home, client: FakeClient) -> None:
    """With the preset's rate, from rest, and with the value that the user has changed."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_calculator(pilot, app)
        assert screen.form.texts["a"]["lr"] == "0.002"
        assert "m ← β₁ m + (1 − β₁) g" in lines_of(app)
        assert "= 0.9 · 0 + (1 − 0.9) · 1 = 0.1" in lines_of(app)


async def test_no_field_grabs_the_focus(home: Home, client: FakeClient) -> None:
    """Letters are keys: b turns the bias correction off, s leaves."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        assert isinstance(app.focused, StepLines)
        assert "m̂" in lines_of(app)
        await pilot.press("b")
        assert "m̂" not in lines_of(app)
        await pilot.press("s")
        assert not isinstance(app.screen, StepScreen)


async def test_lines_follow_the_typing(home: Home, client: FakeClient) -> None:
    """The exercise typed in: m 0.65, v 0.238, and in the second column 19.84."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        for field, text in {"a-grad": "2", "a-m": "0.5", "a-v": "0.2", "a-lr": "0.01", "a-beta2": "0.99"}.items():
            await type_into(pilot, app, field, text)
        await type_into(pilot, app, "b-v", "20")
        await pilot.press("escape", "b")
        text = lines_of(app)
        assert all(part in text for part in ("= 0.65", "= 0.238", "= 19.84", "= −0.01332", "= −0.001459"))


async def test_what_is_not_valid_is_told_and_the_lines_stay(home: Home, client: FakeClient) -> None:
    """A half-typed number is no reason to lose the picture."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        before = lines_of(app)
        await type_into(pilot, app, "a-v", "-1")
        assert problem_of(app) == "state v = -1: expected a number ≥ 0"
        assert lines_of(app) == before
        await type_into(pilot, app, "a-v", "1")
        assert problem_of(app) == ""


async def test_arrows_and_tab_go_through_the_fields(home: Home, client: FakeClient) -> None:
    """tab to the first field, down in the same column, esc back to the lines, esc out."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        await pilot.press("tab", "down", "down")
        assert app.focused is not None
        assert app.focused.id == "a-step"
        await pilot.press("tab", "up")
        assert app.focused.id == "b-parameter"
        await pilot.press("escape")
        assert isinstance(app.focused, StepLines)
        await pilot.press("escape")
        assert not isinstance(app.screen, StepScreen)


async def test_n_goes_on_from_where_the_step_ended(home: Home, client: FakeClient) -> None:
    """The fields show the state after it; r begins again, u empties the second column."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_calculator(pilot, app)
        await type_into(pilot, app, "b-grad", "3")
        await pilot.press("escape", "n")
        assert app.screen.query_one("#a-m", StepField).value == "0.1"
        assert app.screen.query_one("#b-step", StepField).value == "2"
        await pilot.press("u")
        assert not any(screen.form.texts["b"].values())
        await pilot.press("b", "r")
        assert app.screen.query_one("#a-m", StepField).value == ""
        assert screen.form.corrects_bias


async def test_another_optimizer_is_refused_with_the_reason(home: Home, client: FakeClient) -> None:
    """No screen opens for a preset whose step is not elementwise."""
    lamb = Preset(id="lamb", name="LAMB", family="adaptive", optimizer="lamb", advice="for tests")
    app = make_app(home, client, library=Library({"lamb": lamb, **small_library().presets}))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash", *"lamb", "enter", "s")
        assert not isinstance(app.screen, StepScreen)
        assert "depends on the norm of its whole layer" in next(iter(app._notifications)).message


async def test_b_says_where_there_is_no_bias_to_correct(home: Home, client: FakeClient) -> None:
    """SGD keeps no mean that began at 0."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app, filtered="nesterov")
        await pilot.press("b")
        assert "SGD has no bias correction" in next(iter(app._notifications)).message


async def test_help_and_explain_work_from_here(home: Home, client: FakeClient) -> None:
    """? shows its keys first, i explains the optimizer."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert app.screen.groups[0][0] == "One step (key s)"
        await pilot.press("escape", "i")
        assert isinstance(app.screen, ExplainScreen)
        assert app.screen.topic is not None
        assert app.screen.topic.id == "adam"


async def test_tiny_terminals_survive(home: Home, client: FakeClient) -> None:
    """The calculator is laid out for any size."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_calculator(pilot, app)
        for width, height in ((20, 5), (1, 1), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
        assert "m ← β₁ m" in lines_of(app)

"""The rate over the run: in the details, and while a value that decides it is typed or chosen."""

from textual.widgets import Static

from tests.ui.stage import FakeClient, main_screen, make_app, until
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.widgets.details import DetailsPanel

SIZE = (120, 36)


def details_of(app: LabApp) -> str:
    """All lines of the details panel below the values."""
    return "\n".join(strip.text for strip in main_screen(app).query_one(DetailsPanel)._below)


def preview_of(app: LabApp) -> str:
    """What the edit dialog draws."""
    return str(app.screen.query_one("#preview", Static).content)


async def test_the_details_draw_the_rate(home: Home, client: FakeClient) -> None:
    """A constant rate is a sentence; with a schedule it is a curve down to 0, at once after the change."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "Rate: 0.001 in every step." in details_of(app), what="the sentence is there")
        main_screen(app).choosing.change("schedule.kind", "cosine")
        assert "Rate over the run: Cosine" in details_of(app)
        assert "0.001 ┤" in details_of(app)


async def test_the_dialog_draws_while_a_number_is_typed(home: Home, client: FakeClient) -> None:
    """The rate's label follows; what is no number draws nothing, and esc leaves everything as it was."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.2)
        main_screen(app).choosing.change("schedule.kind", "cosine")
        await pilot.press("3", "j", "j", "enter")
        assert isinstance(app.screen, EditScreen)
        assert "0.001 ┤" in preview_of(app)
        await pilot.press(*(["backspace"] * 5), "0", "full_stop", "5")
        await pilot.pause()
        assert "0.5 ┤" in preview_of(app)
        await pilot.press("x")
        await pilot.pause()
        assert not app.screen.query_one("#preview").display
        await pilot.press("escape")
        assert "0.001 ┤" in details_of(app)


async def test_the_dialog_draws_each_schedule_under_the_highlight(home: Home, client: FakeClient) -> None:
    """Moving through the choices draws them before one is taken."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.2)
        await pilot.press("3", *["j"] * 8, "enter")
        assert isinstance(app.screen, EditScreen)
        assert preview_of(app) == "Rate: 0.001 in every step."
        await pilot.press("j")
        await pilot.pause()
        assert "Rate over the run: Step decay" in preview_of(app)
        await pilot.press("j")
        await pilot.pause()
        assert "Rate over the run: Exponential decay" in preview_of(app)


async def test_other_rows_draw_nothing(home: Home, client: FakeClient) -> None:
    """Momentum has no part in the rate."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.2)
        await pilot.press("3", "j", "j", "j", "enter")
        assert isinstance(app.screen, EditScreen)
        assert not app.screen.query_one("#preview").display

"""Keys that come in a bunch do what they do one by one."""

from textual import events
from textual.app import App
from textual.widgets import Input

from tests.ui.stage import FakeClient, make_app, until
from tui_optim.store.home import Home
from tui_optim.ui.screens.edit import EditScreen

SIZE = (80, 24)


def at_once(app: App[None], *keys: str) -> None:
    """As a slow link, a macro or a paste brings them: nothing in between."""
    for key in keys:
        app.post_message(events.Key(key, None))


async def test_what_is_typed_behind_a_key_goes_where_that_key_leads(home: Home, client: FakeClient) -> None:
    """Into a filter, its list, and the queue; then into a dialog, changed and taken back there, and to a run."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        at_once(app, "1", "end", "2", "slash", *"adamx", "backspace", "w", "enter", "enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert (client.submitted[0].scenario, client.submitted[0].preset) == ("circles", "adamw")
        at_once(
            app, "escape", "escape", "3", "home", "enter", "ctrl+u", "4", "5", "backspace", "3", "enter", "2", "enter"
        )
        await until(pilot, lambda: len(client.submitted) == 2, what="another is submitted")
        assert client.submitted[1].seed == 43


async def test_keys_before_the_first_frame_wait_for_it(home: Home, client: FakeClient) -> None:
    """Who types on while the app starts loses nothing."""
    app = make_app(home, client)
    at_once(app, "2", "slash", *"adamw", "enter", "enter")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert client.submitted[0].preset == "adamw"


async def test_a_widget_that_goes_with_a_key_in_it_holds_up_no_other(home: Home, client: FakeClient) -> None:
    """Its keys never come back: the next ones go on all the same."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("3", "enter")
        assert isinstance(app.screen, EditScreen)
        field = app.screen.query_one(Input)
        at_once(app, "f1")
        await app.pop_screen()
        assert not field.is_attached
        at_once(app, "question_mark")
        await until(pilot, lambda: type(app.screen).__name__ == "HelpScreen", what="the help")

"""Fields send nothing while nobody types."""

from textual.widgets import Input

from tests.ui.stage import FakeClient, make_app, until_drawn
from tui_optim.store.home import Home


async def test_no_cursor_blinks(home: Home, client: FakeClient) -> None:
    """Neither in the filters of the main screen nor in a dialog."""
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        filters = list(app.screen.query(Input))
        await pilot.press("3", "enter")
        fields = list(app.screen.query(Input))
        assert filters
        assert fields
        assert not any(field.cursor_blink for field in [*filters, *fields])

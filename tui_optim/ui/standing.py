"""What holds for the app as a whole, and stands in the title lines: that it is read-only, that the link is slow."""

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.reactive import reactive
from textual.widget import Widget

from tui_optim.ui.terminal.link import LinkedApp


class StandingApp(LinkedApp):
    """An app that says how it stands wherever a title line listens."""

    standing: reactive[tuple[str, ...]] = reactive((), init=False, layout=False, repaint=False)
    """In words, none where there is nothing to say."""

    def __init__(self) -> None:
        """Nothing holds yet."""
        super().__init__()
        self._is_read_only = False

    def show_standing(self, *, is_read_only: bool) -> None:
        """Begin to say it."""
        self._is_read_only = is_read_only
        self.link_changed()

    def link_changed(self) -> None:
        """Say that the link is slow, or no longer."""
        holding = [(self._is_read_only, "read-only"), (self.is_link_slow, "link: slow")]
        self.standing = tuple(words for holds, words in holding if holds)


def standing_of(app: App[Any]) -> tuple[str, ...]:
    """How an app stands now."""
    return app.standing if isinstance(app, StandingApp) else ()


def follow_standing(widget: Widget, show: Callable[[tuple[str, ...]], None]) -> None:
    """Have a widget show how its app stands, now and whenever that changes."""
    if isinstance(widget.app, StandingApp):
        widget.watch(widget.app, "standing", show)

"""What holds for the app as a whole, and stands in the title lines: that it is read-only, that the link is slow."""

from typing import Any, Protocol
from weakref import WeakSet

from textual.app import App
from textual.reactive import reactive

from tui_optim.ui.terminal.link import LinkedApp


class Standing(Protocol):
    """A widget or screen that shows how its app stands."""

    @property
    def app(self) -> App[object]:
        """Its app."""

    @property
    def is_running(self) -> bool:
        """Whether it is still there."""

    def stand(self, marks: tuple[str, ...], /) -> None:
        """The app stands like this now."""


class StandingApp(LinkedApp):
    """An app that says how it stands wherever a title line listens."""

    standing: reactive[tuple[str, ...]] = reactive((), init=False, layout=False, repaint=False)
    """In words, none where there is nothing to say."""

    def __init__(self) -> None:
        """Nothing holds yet."""
        super().__init__()
        self._is_read_only = False
        self._followers: WeakSet[Standing] = WeakSet()
        """Textual's own `watch` would hold on to the title line of every screen that was ever open."""

    def watch_standing(self, marks: tuple[str, ...]) -> None:
        """Tell all who show it."""
        for widget in list(self._followers):
            if widget.is_running:
                widget.stand(marks)

    def add_follower(self, widget: Standing) -> None:
        """Tell this one too, now and whenever it changes, for as long as it is there."""
        self._followers.add(widget)
        widget.stand(self.standing)

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


def follow_standing(widget: Standing) -> None:
    """Have a widget show how its app stands, now and whenever that changes."""
    if isinstance(widget.app, StandingApp):
        widget.app.add_follower(widget)

"""The line above what a screen shows: what that is, after what holds for the app as a whole."""

from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.standing import follow_standing


class TitleLine(Static):
    """One line, cut where there is no room."""

    DEFAULT_CSS = """
    TitleLine { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until something is said."""
        super().__init__("", id=id, markup=False)
        self._text: Content | str = ""
        self._standing: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Listen to the app."""
        follow_standing(self)

    def say(self, text: Content | str) -> None:
        """What the screen shows; the same again paints nothing."""
        if text != self._text:
            self._text = text
            self._show()

    def stand(self, marks: tuple[str, ...]) -> None:
        """What holds for the app as a whole."""
        if marks != self._standing:
            self._standing = marks
            self._show()

    def _show(self) -> None:
        marks = [(f"{words}  ", "$warning") for words in self._standing]
        self.update(Content.assemble(*marks, self._text) if marks else self._text, layout=False)

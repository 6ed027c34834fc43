"""The strip of tabs over the panes at the left, where there is room for one of them only."""

from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.layout import CHOOSING, Pane


class TabStrip(Static):
    """Names the three panes; the shown one stands out."""

    DEFAULT_CSS = """
    TabStrip { height: 1; text-wrap: nowrap; background: $panel; }
    """

    def __init__(self) -> None:
        """Empty until a pane is shown."""
        super().__init__()
        self._text = Content()

    def show(self, current: Pane) -> None:
        """Mark the pane that is shown; the same again lays nothing out, which would send the whole screen anew."""
        parts: list[str | tuple[str, str]] = []
        for pane in CHOOSING:
            style = "$primary bold reverse" if pane is current else "$quiet"
            parts += [" " if parts else "", (with_keys(self.app, pane.name_with_key), style)]
        text, before = Content.assemble(*parts), self._text
        if not text.is_same(before):  # `==` compares letters alone
            self._text = text
            self.update(text, layout=text.plain != before.plain)

"""The log pane: what has happened, in sentences."""

import time
from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from tui_optim.ui.board import LogLine
from tui_optim.ui.keyboard.words import with_keys

EMPTY = "empty: what runs do is told here"


class LogPane(ScrollView, can_focus=True):
    """Sentences in the order of their times, the newest at the end; who is there stays there.

    Not a `RichLog`: with that come 15 modules for objects that are no text, and its lines keep the width that they came at.
    """

    DEFAULT_CSS = """
    LogPane, LogPane:focus {
        overflow-x: hidden;
        overflow-y: scroll;
        color: $foreground;
        background: $surface;
        background-tint: $surface 0%;
        scrollbar-size: 1 1;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until lines are shown."""
        super().__init__(id=id, classes=classes)
        self._shown: list[LogLine] = []
        self._strips: list[Strip] = []

    def on_mount(self) -> None:
        """Lines carry their colours: wrap them anew for another theme."""
        self.border_subtitle = EMPTY
        self.app.theme_changed_signal.subscribe(self, lambda _: self._wrap_all())

    def on_resize(self) -> None:
        """Wrap the lines for the width that there is now."""
        self._wrap_all()

    def show(self, lines: Sequence[LogLine]) -> None:
        """Bring the pane up to date: append where that is enough, else wrap anew."""
        known = len(self._shown)
        if len(lines) == known and (not lines or lines[-1] == self._shown[-1]):
            return
        is_continued = list(lines[:known]) == self._shown
        self._shown = list(lines)
        self.border_subtitle = "" if lines else EMPTY
        if is_continued:
            self._wrap(lines[known:])
        else:
            self._wrap_all()

    def render_line(self, y: int) -> Strip:
        """A wrapped line of a sentence."""
        width, line, style = self.scrollable_content_region.width, y + self.scroll_offset.y, self.rich_style
        if line >= len(self._strips):
            return Strip.blank(width, style)
        return self._strips[line].adjust_cell_length(width).apply_style(style)

    def _wrap_all(self) -> None:
        self._strips = []
        self._wrap(self._shown)

    def _wrap(self, lines: Sequence[LogLine]) -> None:
        width, is_followed = self.scrollable_content_region.width, self.is_vertical_scroll_end
        if width < 1:
            return
        for line in lines:
            self._strips += Visual.to_strips(
                self, self._content(line), width, None, Style.null(), apply_selection=False
            )
        self.virtual_size = Size(width, len(self._strips))
        if is_followed:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def _content(self, line: LogLine) -> Content:
        at = time.strftime("%H:%M:%S ", time.localtime(line.time)) if line.time else ""
        about = f"{line.about} " if line.about else ""
        return Content.assemble((at, "$quiet"), (about, "bold"), with_keys(self.app, line.text))

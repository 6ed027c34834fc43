"""The log pane: what has happened, in sentences."""

import time
from bisect import bisect_right
from collections.abc import Sequence

from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style
from textual.visual import Visual

from tui_optim.ui.board import LogLine
from tui_optim.ui.keyboard.words import with_keys

EMPTY = "empty: what runs do is told here"
NUM_WRAPPED = 100
"""Sentences that are kept wrapped: more than a terminal has lines for. Of the others the number of lines is known."""


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
        self._ends: list[int] = []
        """For each sentence, how many lines there are down to its end."""
        self._wrapped: LRUCache[int, list[Strip]] = LRUCache(NUM_WRAPPED)

    def on_mount(self) -> None:
        """Lines carry their colours: wrap them anew for another theme."""
        self.border_subtitle = EMPTY
        self.anchor()  # at the end, whatever its size becomes, until its reader goes up
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
            self._wrap()
        else:
            self._wrap_all()

    def render_line(self, y: int) -> Strip:
        """A wrapped line of a sentence."""
        width, row, style = self.scrollable_content_region.width, y + self.scroll_offset.y, self.rich_style
        if not self._ends or row >= self._ends[-1]:
            return Strip.blank(width, style)
        number = bisect_right(self._ends, row)
        top = self._ends[number - 1] if number else 0
        return self._strips(number)[row - top].adjust_cell_length(width).apply_style(style)

    def _wrap_all(self) -> None:
        self._ends.clear()
        self._wrapped.clear()
        self._wrap()

    def _wrap(self) -> None:
        """Find out how many lines the sentences take that came last."""
        width, is_followed = self.scrollable_content_region.width, self.is_vertical_scroll_end
        if width < 1:
            return
        height = self._ends[-1] if self._ends else 0
        for number in range(len(self._ends), len(self._shown)):
            height += len(self._strips(number))
            self._ends.append(height)
        self.virtual_size = Size(width, height)
        if is_followed:  # at once: behind a dialog nothing is laid out
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def _strips(self, number: int) -> list[Strip]:
        strips = self._wrapped.get(number)
        if strips is None:
            width, content = self.scrollable_content_region.width, self._content(self._shown[number])
            strips = Visual.to_strips(self, content, width, None, Style.null(), apply_selection=False)
            self._wrapped[number] = strips
        return strips

    def _content(self, line: LogLine) -> Content:
        at = time.strftime("%H:%M:%S ", time.localtime(line.time)) if line.time else ""
        about = f"{line.about} " if line.about else ""
        return Content.assemble((at, "$quiet"), (about, "bold"), with_keys(self.app, line.text))

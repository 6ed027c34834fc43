"""A picture made of characters: lines of strips that are made when asked, and shown from a cache otherwise."""

import textwrap
from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_optim.ui.charts import FRAME, Line
from tui_optim.ui.dots import GROUND, WORDS
from tui_optim.ui.overlay import MAX_SHOWN


class PictureView(Widget):
    """Shows what it is given; paints only lines that differ."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "picture--ground",
        "picture--words",
        "picture--good",
        "picture--bad",
        *(f"picture--series-{slot}" for slot in range(MAX_SHOWN)),
    }
    DEFAULT_CSS = """
    PictureView { background: $surface; }
    PictureView > .picture--ground { color: $faint; }
    PictureView > .picture--words { color: $quiet; }
    PictureView > .picture--good { color: $primary; }
    PictureView > .picture--bad { color: $accent; }
    """ + "".join(
        f"PictureView > .picture--series-{slot} {{ color: $series-{slot}; text-style: bold; }}\n"
        for slot in range(MAX_SHOWN)
    )

    class Resized(Message):
        """The picture has another size and wants to be made for it."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self.drawn: Hashable = None
        """Which picture the strips are."""
        self._strips: list[Strip] = []
        self._title = ("", "")

    def show(self, lines: Sequence[Line], *, revision: Hashable) -> None:
        """Show lines of spans, whose slots name the colours. `revision` names the picture: `drawn` repeats it."""
        styles = {slot: self.get_component_rich_style(f"picture--series-{slot}") for slot in range(MAX_SHOWN)}
        styles |= {FRAME: self.rich_style, GROUND: self._style("ground"), WORDS: self._style("words")}
        self.show_segments(
            [[Segment(span.text, styles[span.slot]) for span in line] for line in lines], revision=revision
        )

    def show_segments(self, lines: Sequence[list[Segment]], *, revision: Hashable) -> None:
        """The same with colours of their own."""
        before, width = self._strips, self.content_size.width
        self._strips = [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines]
        self.drawn = revision
        if len(before) != len(self._strips):
            self.refresh()
            return
        changed = [y for y, (old, new) in enumerate(zip(before, self._strips, strict=True)) if old != new]
        self.refresh(*(Region(0, y, width, 1) for y in changed)) if changed else None

    def say(self, text: str, *, revision: Hashable) -> None:
        """Show words in the middle, broken where there is no room."""
        width, height = self.content_size
        broken = [part for line in text.split("\n") for part in textwrap.wrap(line, max(1, width - 2)) or [""]]
        words = [line[:width].center(width) for line in broken]
        top = max(0, (height - len(words)) // 2)
        blank, style = [Segment(" " * width, self.rich_style)], self._style("words")
        lines = [[blank[0]]] * top + [[Segment(line, style)] for line in words] + [[blank[0]]] * height
        self.show_segments(lines[:height], revision=revision)

    def name_it(self, title: str, subtitle: str = "") -> None:
        """Set title and subtitle; setting the same ones again would repaint the whole picture."""
        if (title, subtitle) != self._title:
            self._title = (title, subtitle)
            self.border_title, self.border_subtitle = title, subtitle

    def on_resize(self) -> None:
        """Ask to be made."""
        self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """A line from the cache, cut to the present width until it is made anew."""
        width = self.content_size.width
        if y < len(self._strips):
            return self._strips[y].adjust_cell_length(width, self.rich_style)
        return Strip.blank(width, self.rich_style)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"picture--{part}")

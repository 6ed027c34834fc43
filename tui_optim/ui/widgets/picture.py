"""A picture made of characters."""

import textwrap
from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui_optim.ui.charting.marks import FRAME, Line
from tui_optim.ui.charting.overlay import MAX_SHOWN
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.pictures.dots import GROUND, WORDS
from tui_optim.ui.widgets.strips import Drawing


class PictureView(Drawing):
    """Shows what it is given."""

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

    def show(self, lines: Sequence[Line], *, revision: Hashable) -> None:
        """Show lines of spans, whose slots name the colours. `revision` names the picture: `drawn` repeats it."""
        styles = {slot: self.get_component_rich_style(f"picture--series-{slot}") for slot in range(MAX_SHOWN)}
        styles |= {FRAME: self.rich_style, GROUND: self._style("ground"), WORDS: self._style("words")}
        self.show_segments(
            [[Segment(span.text, styles[span.slot]) for span in line] for line in lines], revision=revision
        )

    def show_segments(self, lines: Sequence[list[Segment]], *, revision: Hashable) -> None:
        """The same with colours of their own."""
        width, self.drawn = self.content_size.width, revision
        self.put([Strip(line).adjust_cell_length(width, self.rich_style) for line in lines])

    def say(self, text: str, *, revision: Hashable) -> None:
        """Show words in the middle, broken where there is no room."""
        width, height = self.content_size
        text = with_keys(self.app, text)
        broken = [part for line in text.split("\n") for part in textwrap.wrap(line, max(1, width - 2)) or [""]]
        words = [line[:width].center(width) for line in broken]
        top = max(0, (height - len(words)) // 2)
        blank, style = [Segment(" " * width, self.rich_style)], self._style("words")
        lines = [[blank[0]]] * top + [[Segment(line, style)] for line in words] + [[blank[0]]] * height
        self.show_segments(lines[:height], revision=revision)

    def _style(self, part: str) -> Style:
        return self.get_component_rich_style(f"picture--{part}")

"""The legend below the charts: a line of its own, or two where names are long, so that it covers no curve."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.axis import Pattern

PATTERN_SAMPLES: dict[Pattern, str] = {"solid": "━━", "dashed": "╍╍", "dotted": "··"}
MAX_LINES = 2


class Legend(Static):
    """Names the runs by marker and the splits by line pattern."""

    DEFAULT_CSS = """
    Legend { height: auto; min-height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self._items: list[Content] = []

    def show(self, runs: Sequence[tuple[int, str, str]], splits: Sequence[tuple[Pattern, str]]) -> None:
        """Show (slot, marker, name) of the runs and (pattern, name) of the splits."""
        items = [Content.styled(f"{PATTERN_SAMPLES[pattern]} {name}", "$quiet") for pattern, name in splits if runs]
        items += [Content.styled(f"{marker} {name}", f"$series-{slot}") for slot, marker, name in runs]
        if items != self._items:
            self._items = items
            self._write()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._write()

    def _write(self) -> None:
        """Put as many items on a line as fit; none is broken, and what is too much for the last line is cut there."""
        width, lines = self.content_size.width, [Content()]
        for item in self._items:
            is_full = lines[-1].cell_length + item.cell_length > width
            if is_full and lines[-1] and len(lines) < MAX_LINES:
                lines.append(Content())
            lines[-1] += item + Content("  ")
        text = Content("\n").join(lines)
        if text != self.content:
            self.update(text)

"""The legend below the charts: a line of its own, or two where names are long, so that it covers no curve.

Where a cursor stands on the charts it is a table of what the curves have there."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.charting.readout import Readout, rows_of

PATTERN_SAMPLES: dict[Pattern, str] = {"solid": "━━", "dashed": "╍╍", "dotted": "··"}
MAX_LINES = 2
READOUT_SHARE = 5
"""The values at the cursor take at most one of so many lines of the screen, and the head."""
GAP = "  "


class Legend(Static):
    """Names the runs by marker and the splits by line pattern."""

    DEFAULT_CSS = """
    Legend { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, max_lines: int = MAX_LINES, id: str | None = None, classes: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id, classes=classes)
        self._max_lines = max_lines
        self._items: list[Content] = []
        self._num_splits = 0
        self._names: list[tuple[int, str, str]] = []
        self._readout: Readout | None = None

    def show(
        self,
        runs: Sequence[tuple[int, str, str]],
        splits: Sequence[tuple[Pattern, str]],
        *,
        remarks: Sequence[str] = (),
        readout: Readout | None = None,
    ) -> None:
        """Show remarks, (pattern, name) of the splits and (slot, marker, name) of the runs or settings; or their values."""
        texts = [*(f"{PATTERN_SAMPLES[pattern]} {name}" for pattern, name in splits), *remarks] if runs else []
        self._num_splits = len(splits) if runs else 0
        items = [Content.styled(text, "$quiet") for text in texts if text]
        items += [Content.styled(f"{marker} {name}", f"$series-{slot}") for slot, marker, name in runs]
        if (items, readout) != (self._items, self._readout):
            self._items, self._readout, self._names = items, readout, list(runs)
            self._write()

    def on_resize(self) -> None:
        """Break the lines anew."""
        self._write()

    def _write(self) -> None:
        """Show as many items as there is room for, and how many are left out."""
        text = self._values() if self._readout and self._names else self._line()
        if text != self.content:
            # an automatic height is sometimes that of the text before, and stays
            self.update(text, layout=False)
            self.styles.height = text.plain.count("\n") + 1

    def _values(self) -> Content:
        assert self._readout is not None
        height = 2 + self.app.size.height // READOUT_SHARE
        rows = rows_of(self._readout, self._names, width=self.content_size.width, height=height)
        styles = [f"$series-{slot}" if slot >= 0 else "$quiet" for slot, _ in rows]
        return Content("\n").join(Content.styled(text, style) for (_, text), style in zip(rows, styles, strict=True))

    def _line(self) -> Content:
        """Where there is no room, remarks are left out first and then names, each time the last."""
        width, items, num_left_out = self.content_size.width, list(self._items), 0
        num_remarks = len(items) - self._num_splits - len(self._names)
        lines = broken(items, width)
        while len(lines) > self._max_lines and len(items) > 1:
            items.pop(self._num_splits + num_remarks - 1 if num_remarks > 0 else -1)
            num_left_out += num_remarks <= 0
            num_remarks -= 1
            more = [Content.styled(f"+{num_left_out}", "$quiet")] if num_left_out else []
            lines = broken([*items, *more], width)
        return Content("\n").join(lines)


def broken(items: Sequence[Content], width: int) -> list[Content]:
    """Put as many items on a line as fit; one that is wider than a line gets one of its own, where it is cut."""
    lines: list[Content] = []
    for item in items:
        if lines and lines[-1].cell_length + len(GAP) + item.cell_length <= width:
            lines[-1] += Content(GAP) + item
        else:
            lines.append(item)
    return lines

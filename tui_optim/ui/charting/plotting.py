"""The one door to plotext.

plotext 6 draws on a C++ kernel that aborts the whole process, without a Python exception, when a line holds a NaN or a point
far outside the limits; ±inf and values ≤ 0 on a log axis raise. Diverged runs are normal here, so nothing reaches it raw:
`ui.charting.drawing` cleans, clips, decimates and maps to the unit square before, takes logarithms itself, makes the ticks, and
answers sizes without room without coming here. Draw on one thread only.

plotext is imported with the first drawn chart: it costs a third of a second that the first frame does not need.
"""

import re
from collections.abc import Sequence

from tui_optim.ui.charting.axis import Limits, Point
from tui_optim.ui.charting.marks import FRAME, Line, Span
from tui_optim.ui.charting.ticks import Tick

_COLOURED = re.compile(r"\x1b\[0m(?:\x1b\[38;5;(\d+)m)?")
_FIRST_COLOUR = 16


def load_plotext() -> None:
    """Import plotext ahead of the first chart; may be called in a thread."""
    import plotext

    plotext.terminal.limit(False, False)


class Plot:
    """A figure of its own, over the unit square, without colours but those of its lines."""

    def __init__(self, *, width: int, height: int) -> None:
        """Empty, with a frame at the left and below; sizes in cells."""
        import plotext

        plotext.terminal.limit(False, False)
        self._width, self._height = width, height
        self._figure = type(plotext.figure)(plotext.terminal)
        self._figure.theme("colorless")
        self._figure.legend(False)
        self._figure.plot_size(width, height)
        self._figure.ruler("x").lim(0.0, 1.0)
        self._figure.ruler("y").lim(0.0, 1.0)
        self._figure.axes(False, axis="x", side="upper")
        self._figure.axes(False, axis="y", side="right")

    def mark(self, *, x: tuple[Sequence[Tick], Limits], y: tuple[Sequence[Tick], Limits]) -> None:
        """Set the ticks of both axes, each with the limits that the unit square stands for."""
        for axis, side, (ticks, limits) in (("x", "lower", x), ("y", "left", y)):
            positions = [min(1.0, max(0.0, limits.fraction(tick.value))) for tick in ticks]
            self._figure.ruler(axis, side).ticks(positions, labels=[tick.label for tick in ticks])

    def add(self, slot: int, marker: str, pieces: Sequence[Sequence[Point]]) -> None:
        """Draw pieces of a line as one signal, broken between them; a piece of one point is a dot. `slot` is its colour."""
        if not pieces:
            return
        import plotext

        xs = [x for piece in pieces for x, _ in piece]
        ys = [y for piece in pieces for _, y in piece]
        styled = plotext.marker(marker, pixel=_FIRST_COLOUR + slot)
        signal = self._figure.signal(xs, ys, marker=styled).lines(True)
        start = 0
        for piece in pieces:
            signal.line(start, False)
            start += len(piece)
        # plotext looks at the colour of every point to choose the next free colour; here colours are given, and this is
        # two thirds of the cost of drawing
        signal._get_unique_pixels = list
        self._figure.draw(signal)

    def lines(self) -> list[Line]:
        """What was drawn: as many lines, each as wide, as the figure."""
        raw = self._figure.build().string().split("\n")[: self._height]
        blank = [[Span(" " * self._width, FRAME)] for _ in range(self._height - len(raw))]
        return [_read_line(one, self._width) for one in raw] + blank


def _read_line(raw: str, width: int) -> Line:
    spans: Line = []
    left = width
    pieces = _COLOURED.split(raw)
    for colour, text in zip([None, *pieces[1::2]], pieces[0::2], strict=False):
        shown = text[:left]
        if shown:
            spans.append(Span(shown, int(colour) - _FIRST_COLOUR if colour else FRAME))
            left -= len(shown)
    if left:
        spans.append(Span(" " * left, FRAME))
    return spans

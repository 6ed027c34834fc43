"""Drawing with braille dots: a grid of 2 × 4 dots a cell, which stand at equal distances in both directions in most terminals.

Lines in colour lie over the ground (level lines), text over both; a cell has one colour, that of what was drawn in it last.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from tui_optim.ui.charting.axis import clipped
from tui_optim.ui.charting.marks import FRAME, Line, Span

Dot = tuple[int, int]
"""Column and row of dots, from the upper left."""
GROUND = 300
"""Slot of what lies below lines."""
WORDS = 301
"""Slot of text in the picture."""
_BLANK = 0x2800
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


class DotCanvas:
    """A picture of this many cells; what lies outside is left out."""

    def __init__(self, columns: int, rows: int) -> None:
        """Empty."""
        self.columns, self.rows = columns, rows
        self._bits = [0] * (columns * rows)
        self._slots = [FRAME] * (columns * rows)
        self._texts: dict[int, tuple[str, int]] = {}

    @property
    def width(self) -> int:
        """Dots across."""
        return 2 * self.columns

    @property
    def height(self) -> int:
        """Dots from top to bottom."""
        return 4 * self.rows

    def copy(self) -> "DotCanvas":
        """The same picture, to draw on."""
        other = DotCanvas(self.columns, self.rows)
        other._bits, other._slots, other._texts = [*self._bits], [*self._slots], dict(self._texts)
        return other

    def draw(self, dots: Iterable[Dot], slot: int) -> None:
        """Set dots; in a cell of the ground a line takes the place of what was there."""
        bits, slots, columns, width, height = self._bits, self._slots, self.columns, self.width, self.height
        for x, y in dots:
            if 0 <= x < width and 0 <= y < height:
                cell = (y >> 2) * columns + (x >> 1)
                if slots[cell] == GROUND and slot != GROUND:
                    bits[cell] = 0
                bits[cell] |= _BITS[y & 3][x & 1]
                slots[cell] = slot

    def write(self, column: int, row: int, text: str, slot: int) -> None:
        """Put text into cells, one character each."""
        if 0 <= row < self.rows:
            for offset, character in enumerate(text):
                if 0 <= column + offset < self.columns:
                    self._texts[row * self.columns + column + offset] = (character, slot)

    def lines(self) -> list[Line]:
        """The picture, row by row."""
        cells = [
            (chr(_BLANK + bits) if bits else " ", slot) for bits, slot in zip(self._bits, self._slots, strict=True)
        ]
        for cell, text in self._texts.items():
            cells[cell] = text
        return [_line(cells[start : start + self.columns]) for start in range(0, len(cells), self.columns)]


def dot_of(fraction: tuple[float, float], *, width: int, height: int) -> Dot | None:
    """The dot at a place in the unit square, (0, 0) its lower left corner; None outside, and for what is not finite."""
    x, y = fraction
    if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):
        return None
    return round(x * (width - 1)), round((1.0 - y) * (height - 1))


def dots_of(fractions: Sequence[tuple[float, float]], *, width: int, height: int) -> list[list[Dot]]:
    """A line through points of the unit square, (0, 0) its lower left corner, as dots without repetition.

    Points that are not finite break it. It comes out in several parts where it leaves the square.
    """
    parts: list[list[Dot]] = []
    for piece in _finite(fractions):
        for part in clipped(piece):
            dots = [(round(x * (width - 1)), round((1.0 - y) * (height - 1))) for x, y in part]
            parts.append([dot for dot, _ in groupby(dots)])
    return parts


def connected(corners: Sequence[Dot]) -> list[Dot]:
    """The dots of straight lines between corners (Bresenham 1965, in the form of a digital differential analyser)."""
    dots = [*corners[:1]]
    for (x0, y0), (x1, y1) in pairwise(corners):
        length = max(abs(x1 - x0), abs(y1 - y0))
        dots += [(x0 + round((x1 - x0) * i / length), y0 + round((y1 - y0) * i / length)) for i in range(1, length + 1)]
    return dots


def _finite(points: Sequence[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    """Pieces between points that cannot be drawn; what is far outside is as good as not finite."""
    pieces: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if -1e9 < x < 1e9 and -1e9 < y < 1e9:
            pieces[-1].append((x, y))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _line(cells: Sequence[tuple[str, int]]) -> Line:
    runs = groupby(cells, key=itemgetter(1))
    return [Span("".join(character for character, _ in run), slot) for slot, run in runs]

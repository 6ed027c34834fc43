"""A curve as a dim trace of braille dots behind the lines: from the lowest to the highest it has in each column of dots."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from tui_optim.ui.charting.axis import Point
from tui_optim.ui.charting.shading import BLANK, Cell, spans_of

_SPANS = spans_of(((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)))
"""All dots."""


def traced(curves: Iterable[tuple[int, Sequence[Point]]], *, columns: int, rows: int) -> dict[Cell, tuple[str, int]]:
    """Character and slot of each cell that the curves touch, (slot, points); later curves lie over earlier ones.

    Points are in the unit square, (0, 0) its lower left corner; x rises. What lies above or below is left out.
    """
    found: dict[Cell, tuple[str, int]] = {}
    for slot, points in curves:
        bits: dict[Cell, int] = {}
        for dot, (top, bottom) in _spans(points, width=2 * columns, height=4 * rows).items():
            first, after = max(0, round(top)), min(4 * rows - 1, round(bottom)) + 1
            spans, column = _SPANS[dot % 2], dot // 2
            for row in range(first // 4, (after + 3) // 4):
                part = spans[max(first - 4 * row, 0)][min(after - 4 * row, 4)]
                bits[row, column] = bits.get((row, column), 0) | part
        found |= {cell: (chr(BLANK + dots), slot) for cell, dots in bits.items() if dots}
    return found


def _spans(points: Sequence[Point], *, width: int, height: int) -> dict[int, tuple[float, float]]:
    """From where to where the curve goes in each column of dots, counted from the top."""
    places = [
        (round(min(1.0, max(0.0, x)) * (width - 1)), (1.0 - min(2.0, max(-1.0, y))) * (height - 1)) for x, y in points
    ]
    found: dict[int, tuple[float, float]] = {}

    def add(column: int, start: float, end: float) -> None:
        top, bottom = found.get(column, (start, start))
        found[column] = min(top, start, end), max(bottom, start, end)

    for column, y in places[:1]:
        add(column, y, y)
    for (before, start), (after, end) in pairwise(places):
        if before == after:
            add(before, start, end)
            continue
        slope = (end - start) / (after - before)
        for column in range(before, after):
            add(column, start + (column - before) * slope, start + (column - before + 0.5) * slope)
            add(column + 1, start + (column - before + 0.5) * slope, start + (column - before + 1) * slope)
    return found

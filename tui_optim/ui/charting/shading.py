"""Which cells of a chart a band covers, and with which sparse braille dots: plain geometry in the unit square.

A line is dense and a band is a light weave around it, so both can be told apart without colour, and an edge is placed to a
quarter of a row. Everything here is total: NaN, ±inf, huge magnitudes and bands without width have a defined result.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from tui_optim.ui.charting.axis import HUGE, Limits, bounded

Edges = list[tuple[float, float, float]]
"""(x, low, high), x rising, all finite."""
Cell = tuple[int, int]
"""(row from the top, column from the left)."""
DotColumns = tuple[tuple[int, int, int, int], tuple[int, int, int, int]]
"""Bits of the dots of a braille cell from the top, for its left and its right column."""


def spans_of(columns: DotColumns) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Bits of each part of a column: by column, by the first dot, by the dot after the last."""
    return tuple(tuple(tuple(sum(bits[a:b]) for b in range(5)) for a in range(5)) for bits in columns)


BLANK = 0x2800
"""The braille cell without dots; their bits are added to it."""
_COLUMNS: DotColumns = ((0x01, 0, 0x04, 0), (0, 0x10, 0, 0x80))
"""A weave: every second dot."""
_SPANS = spans_of(_COLUMNS)
SAMPLE = chr(BLANK + sum(map(sum, _COLUMNS)))
"""A cell that is shaded all over."""


def unbroken_edges(
    xs: Sequence[float], low: Sequence[float], high: Sequence[float], *, log_y: bool = False
) -> list[Edges]:
    """Split a band where it has a gap. On a log axis values are log10, and a low edge ≤ 0 is −HUGE: below any limits."""
    pieces: list[Edges] = [[]]
    is_finite = math.isfinite
    for x, bottom, top in zip(xs, low, high, strict=False):
        if is_finite(x) and is_finite(bottom) and is_finite(top) and bottom <= top and not (log_y and top <= 0.0):
            if log_y:
                bottom, top = math.log10(bottom) if bottom > 0.0 else -HUGE, math.log10(top)
            elif top > HUGE or bottom < -HUGE:
                bottom, top = bounded(bottom), bounded(top)
            pieces[-1].append((bounded(x), bottom, top))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def shaded(
    bands: Sequence[tuple[int, Edges]], x_limits: Limits, y_limits: Limits, *, columns: int, rows: int
) -> dict[Cell, tuple[str, int]]:
    """Character and slot of each shaded cell of an area of this size; `bands` are (slot, edges).

    Where bands overlap they take turns from cell to cell.
    """
    found: dict[Cell, list[tuple[int, int]]] = {}
    for slot, edges in bands:
        bits: dict[Cell, int] = {}
        for cell, dots in _dots(edges, x_limits, y_limits, columns=columns, rows=rows):
            bits[cell] = bits.get(cell, 0) | dots
        for cell, dots in bits.items():
            found.setdefault(cell, []).append((dots, slot))
    turns = ((cell, there[sum(cell) % len(there)]) for cell, there in found.items())
    return {cell: (chr(BLANK + dots), slot) for cell, (dots, slot) in turns}


def _dots(edges: Edges, x_limits: Limits, y_limits: Limits, *, columns: int, rows: int) -> Iterator[tuple[Cell, int]]:
    """The bits of each cell that a column of dots adds."""
    starts = [x_limits.fraction(x) for x, _, _ in edges]
    last = 2 * columns - 1
    if len(edges) < 2 or rows < 1 or last < 1 or starts[-1] < 0.0 or starts[0] > 1.0:
        return
    base, height, num_dots = y_limits.low, y_limits.high - y_limits.low, 4 * rows - 1
    for dot in range(math.ceil(max(0.0, starts[0]) * last), math.floor(min(1.0, starts[-1]) * last) + 1):
        x = dot / last
        i = min(max(1, bisect_right(starts, x)), len(starts) - 1)
        width = starts[i] - starts[i - 1]
        t = (x - starts[i - 1]) / width if width > 0.0 else 0.0
        before, after = edges[i - 1], edges[i]
        low = ((1.0 - t) * before[1] + t * after[1] - base) / height
        high = ((1.0 - t) * before[2] + t * after[2] - base) / height
        if high < 0.0 or low > 1.0:
            continue
        top = math.ceil((1.0 - min(1.0, high)) * num_dots)
        end = math.floor((1.0 - max(0.0, low)) * num_dots) + 1
        spans, column = _SPANS[dot % 2], dot // 2
        for row in range(top // 4, (end + 3) // 4):
            bits = spans[max(top - 4 * row, 0)][min(end - 4 * row, 4)]
            if bits:
                yield (row, column), bits

"""Marks on a chart: pointers at places on the x axis, ends of lines, and how they are set into the drawn lines of text."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from tui_optim.ui.charting.axis import Limits
from tui_optim.ui.charting.shading import Cell

FRAME = -1
"""Slot of frame, ticks and blanks."""
POINTER = 200
"""Slot of pointers."""
CURSOR = "┊"
"""A pointer over the whole height, where values are read off."""
SEVERAL = "*"
"""Stands on the axis where different pointers share a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Points at a place on the x axis, or at a point of the chart."""

    x: float
    marker: str
    is_tall: bool = False
    """Whether it goes over the whole height, behind the lines; else it stands on the axis."""
    y: float | None = None
    """Where given, it stands beside this point, whose own marker stays, over the lines; at the edge where that lies beyond."""
    slot: int = POINTER
    """Which colour."""


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one colour."""

    text: str
    slot: int


Line = list[Span]
Ink = Mapping[Cell, tuple[str, int]]
"""Character and colour of cells."""


def pointer_cells(
    pointers: Sequence[Pointer], x_limits: Limits, y_limits: Limits, *, columns: int, rows: int
) -> tuple[Ink, Ink]:
    """The cells of pointers behind the lines and of those over them; the row below the area is the axis."""
    behind: dict[Cell, tuple[str, int]] = {}
    over: dict[Cell, tuple[str, int]] = {}
    on_axis: dict[Cell, str] = {}
    for one in pointers:
        for cell in _cells(one, x_limits, y_limits, columns=columns, rows=rows):
            marker = one.marker
            if one.y is None and not one.is_tall:
                marker = on_axis[cell] = marker if on_axis.get(cell, marker) == marker else SEVERAL
            (behind if one.y is None else over)[cell] = (marker, one.slot)
    return behind, over


def painted(lines: Iterable[Line], *, left: int, height: int, behind: Ink, over: Ink) -> list[Line]:
    """The lines with ink set in, in the area of this height at the right of `left`: behind the lines, and over them."""
    inked: list[Line] = []
    for row, line in enumerate(lines):
        cells = [(character, span.slot) for span in line for character in span.text]
        for column in range(len(cells) - left):
            place = (row, column)
            if place in over:
                cells[left + column] = over[place]
            elif place in behind and (row >= height or cells[left + column][0] in " \u2800"):
                cells[left + column] = behind[place]
        runs = groupby(cells, key=itemgetter(1))
        inked.append([Span("".join(character for character, _ in run), slot) for slot, run in runs])
    return inked


def _cells(pointer: Pointer, x_limits: Limits, y_limits: Limits, *, columns: int, rows: int) -> Iterator[Cell]:
    x = x_limits.fraction(pointer.x) if math.isfinite(pointer.x) else -1.0
    if not 0.0 <= x <= 1.0:
        return
    column = round(x * (columns - 1))
    if pointer.y is not None:
        if math.isfinite(pointer.y):
            height = min(1.0, max(0.0, y_limits.fraction(pointer.y)))
            yield rows - 1 - round(height * (rows - 1)), min(column + 1, columns - 1)
        return
    for row in range(rows) if pointer.is_tall else (rows,):
        yield row, column

"""The decision boundary of a network over the plane, with the points on it, as coloured pixels or as characters."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment

from tui_optim.report.pictures.boundary import REACH, Marked, Network
from tui_optim.ui.pictures.pixels import Rgb, half_blocks, mixed, style_of

TINTS = (0.16, 0.26, 0.38)
"""Shares of the class's colour by how sure the network is: less than 75 %, less than 95 %, more."""
SURE = (math.log(0.75 / 0.25), math.log(0.95 / 0.05))
"""Margins at which the predicted class has these probabilities."""
RIGHT, WRONG = ("●", "▲"), "✕"
"""Points of class 0 and class 1 that are right; those that are wrong, in the colour of their true class."""
PLAIN = (" ", "·", "░")
"""Without colour: where class 0 is predicted, where class 1 is but not surely, and where it surely is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inks:
    """Colours of the picture."""

    ground: Rgb
    classes: tuple[Rgb, Rgb]
    is_plain: bool
    """Whether characters have to do: in a terminal of few colours or of none."""


def boundary_lines(
    network: Network, points: Sequence[Marked], *, columns: int, rows: int, inks: Inks
) -> list[list[Segment]]:
    """The plane around the origin in this many cells."""
    if columns < 1 or rows < 1:
        return []
    scale = 2 * REACH / min(columns, 2 * rows)  # of a pixel
    xs = [(column + 0.5 - columns / 2) * scale for column in range(columns)]
    if inks.is_plain:
        return _plain_lines(network, points, xs, rows, scale, inks)
    ys = [(rows - row - 0.5) * scale for row in range(2 * rows)]
    tints = [[mixed(inks.ground, colour, share) for share in TINTS] for colour in inks.classes]
    pixels = [[tints[margin > 0][_level(margin)] for margin in line] for line in network.margins(xs, ys)]
    marks: dict[tuple[int, int], tuple[str, Rgb]] = {}
    for cell, one in _cells(points, columns, rows, scale):
        marks[cell] = (_sign(one), inks.classes[one.label])
    return half_blocks(pixels, marks)


def _plain_lines(
    network: Network, points: Sequence[Marked], xs: Sequence[float], rows: int, scale: float, inks: Inks
) -> list[list[Segment]]:
    ys = [(rows - 2 * row - 1) * scale for row in range(rows)]
    margins = network.margins(xs, ys)
    signs = dict(_cells(points, len(xs), rows, scale))
    lines: list[list[Segment]] = []
    for row, line in enumerate(margins):
        segments = []
        for column, margin in enumerate(line):
            one = signs.get((row, column))
            ground = PLAIN[0] if margin <= 0 else PLAIN[1 if margin < SURE[0] else 2]
            style = style_of(inks.classes[one.label if one else 1], inks.ground, is_bold=one is not None)
            segments.append(Segment(_sign(one) if one else ground, style))
        lines.append(list(Segment.simplify(segments)))
    return lines


def _cells(points: Sequence[Marked], columns: int, rows: int, scale: float) -> list[tuple[tuple[int, int], Marked]]:
    """(row, column) of the points that can be seen; those that are wrong come last, so that they lie above."""
    found: list[tuple[tuple[int, int], Marked]] = []
    for one in sorted(points, key=lambda point: not point.is_right):
        column, row = int(one.x / scale + columns / 2), int((rows - one.y / scale) / 2)
        if 0 <= column < columns and 0 <= row < rows:
            found.append(((row, column), one))
    return found


def _sign(one: Marked) -> str:
    return RIGHT[one.label] if one.is_right else WRONG


def _level(margin: float) -> int:
    size = abs(margin)
    return 0 if size < SURE[0] else 1 if size < SURE[1] else 2

"""Charts of lines, bands and pointers as lines of characters.

Whatever runs bring, NaN, infinities, logarithms of nothing, ends here; `ui.charting.plotting` gets clean points of the unit
square.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tui_optim.ui.charting.axis import Limits, Point, clipped, dashes, decimated
from tui_optim.ui.charting.marks import FRAME, Line, Pointer, Span, painted, pointer_cells
from tui_optim.ui.charting.plotting import Plot
from tui_optim.ui.charting.seen import (
    Piece,
    band_ends,
    between,
    cut_at,
    edges_of,
    log10,
    num_outside,
    on_log_x,
    pieces_of,
    within_reach,
    x_limits_of,
    y_limits_of,
)
from tui_optim.ui.charting.series import BAND, ChartLimits, ChartSeries
from tui_optim.ui.charting.shading import shaded
from tui_optim.ui.charting.ticks import linear_ticks, log_ticks
from tui_optim.ui.charting.traces import traced

MIN_WIDTH, MIN_HEIGHT = 16, 4
MAX_WIDTH, MAX_HEIGHT = 1000, 400
MARKER_EVERY = 16
"""Columns between two markers on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What came of a drawing."""

    lines: list[Line]
    """`height` lines of exactly `width` cells; [] for an empty size."""
    num_outside: int = 0
    """How many points lie above or below what is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Area:
    """The part of a chart that lines are drawn in, the unit square of the plot."""

    x: Limits
    y: Limits
    columns: int
    rows: int
    left: int
    """Cells of the frame before it."""

    def unit(self, piece: list[Point]) -> list[Point]:
        """A piece of a line in it, as many of its points as the columns can show."""
        return [(self.x.fraction(x), self.y.fraction(y)) for x, y in decimated(piece, self.x, columns=self.columns)]


def draw_chart(
    series: Sequence[ChartSeries],
    *,
    width: int,
    height: int,
    log_x: bool = False,
    log_y: bool = False,
    limits: ChartLimits | None = None,
    clips_outliers: bool = True,
    pointers: Sequence[Pointer] = (),
) -> Drawn:
    """Draw lines, bands and pointers over a frame with ticks.

    Nothing to draw, or no room, gives blank lines. Limits that are not given
    fit what is drawn: y what lies between the limits of x, on a linear axis without extreme high values unless
    `clips_outliers` is off.
    """
    width, height = min(width, MAX_WIDTH), min(height, MAX_HEIGHT)
    if width <= 0 or height <= 0:
        return Drawn(lines=[])
    limits = limits or ChartLimits()
    if log_x:
        series, pointers, limits = on_log_x(series, pointers, limits)
    if log_y:
        pointers = [one if one.y is None else replace(one, y=log10(one.y)) for one in pointers]
    whole = series
    series = within_reach(series, limits.x, columns=width, log_y=log_y)
    pieces = pieces_of(series, log_y=log_y)
    if not pieces or width < MIN_WIDTH or height < MIN_HEIGHT:
        return Drawn(lines=[[Span(" " * width, FRAME)] for _ in range(height)])
    bands = edges_of(series, log_y=log_y)
    x = x_limits_of(pieces, limits.x)
    pieces = between(pieces, x) or pieces
    ys = [y for _, piece in pieces for _, y in piece] + band_ends(bands, x)
    y = y_limits_of(ys, limits.y, log_y=log_y, clips_outliers=clips_outliers)
    if any(one.until < math.inf for one in series):
        series = [cut_at(one, one.until) for one in whole]
        pieces, bands = between(pieces_of(series, log_y=log_y), x), edges_of(series, log_y=log_y)

    plot = Plot(width=width, height=height)
    area = _frame(plot, x, y, width=width, height=height, log_x=log_x, log_y=log_y)
    solid_first = sorted(pieces, key=lambda item: item[0].pattern != "solid")
    units = [(one, area.unit(piece)) for one, piece in solid_first]
    _draw_lines(plot, [(one, unit) for one, unit in units if not one.is_behind], area)
    size = {"columns": area.columns, "rows": area.rows}
    shades = shaded([(BAND + one.slot, edges) for one, edges in bands], x, y, **size)
    traces = traced([(one.slot, unit) for one, unit in units if one.is_behind], **size)
    behind, over = pointer_cells(pointers, x, y, **size)
    drawn = plot.lines()
    if shades or traces or behind or over:
        ink = {**shades, **traces, **behind}
        drawn = painted(drawn, left=area.left, height=area.rows, behind=ink, over=over)
    return Drawn(lines=drawn, num_outside=num_outside(ys, whole, x, y, log_y=log_y))


def _frame(plot: Plot, x: Limits, y: Limits, *, width: int, height: int, log_x: bool, log_y: bool) -> _Area:
    """Set the ticks of both axes; returns what they leave for the lines."""
    x_ticks = (log_ticks if log_x else linear_ticks)(x, count=max(2, width // 9))
    y_ticks = (log_ticks if log_y else linear_ticks)(y, count=max(2, height // 2))
    plot.mark(x=(x_ticks, x), y=(y_ticks, y))
    left = max((len(tick.label) for tick in y_ticks), default=0) + 1
    return _Area(x=x, y=y, columns=max(1, width - left), rows=max(1, height - 2), left=left)


def _draw_lines(plot: Plot, lines: list[Piece], area: _Area) -> None:
    """All lines, and then their markers over them."""
    dots = (2 * area.columns, 4 * area.rows)
    for one, unit in lines:
        parts = [piece for part in clipped(unit) for piece in dashes(part, one.pattern, dots=dots) if piece]
        plot.add(one.slot, "braille", parts)
    for one, unit in lines:
        if one.marker:
            marked = _visible(unit) if one.is_each_marked else _marked(unit, one.slot, area.columns)
            plot.add(one.slot, one.marker, [[point] for point in marked])


def _marked(unit: list[Point], slot: int, columns: int) -> Iterator[Point]:
    """The last visible point and points `MARKER_EVERY` columns apart, shifted by slot: lines that coincide show both."""
    visible = _visible(unit)
    if not visible:
        return
    following = (slot % 4 + 1) * MARKER_EVERY / 4
    for point in visible[:-1]:
        if point[0] * columns >= following and visible[-1][0] * columns - point[0] * columns > 3:
            yield point
            following = point[0] * columns + MARKER_EVERY
    yield visible[-1]


def _visible(unit: list[Point]) -> list[Point]:
    return [point for point in unit if 0.0 <= point[0] <= 1.0 and 0.0 <= point[1] <= 1.0]

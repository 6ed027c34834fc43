"""Charts of lines, bands and pointers as lines of characters: limits, ticks and what of a series can be seen.

Whatever runs bring, NaN, infinities, logarithms of nothing, ends here; `ui.plotting` gets clean points of the unit square.
"""

import math
from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from tui_optim.ui.charting.axis import (
    HUGE,
    Limits,
    Pattern,
    Point,
    clipped,
    dashes,
    decimated,
    fit_limits,
    linear_ticks,
    log_ticks,
    unbroken,
    widened,
    within,
)
from tui_optim.ui.charting.marks import FRAME, Line, Pointer, Span, painted, pointer_cells
from tui_optim.ui.charting.plotting import Plot
from tui_optim.ui.charting.reduction import reduced
from tui_optim.ui.charting.shading import Edges, shaded, unbroken_edges
from tui_optim.ui.charting.traces import traced

RAW = 50
"""Added to the slot of a line it is that of the curve that the line smooths."""
BAND = 100
"""Added to the slot of a line it is that of its band."""
MIN_WIDTH, MIN_HEIGHT = 16, 4
MAX_WIDTH, MAX_HEIGHT = 1000, 400
MARKER_EVERY = 16
"""Columns between two markers on a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSeries:
    """A line of a chart."""

    xs: Sequence[float]
    ys: Sequence[float]
    slot: int
    """Which colour: 0…99; comes back in the spans."""
    marker: str = ""
    """One character set along the line, so that lines differ without colour."""
    pattern: Pattern = "solid"
    low: Sequence[float] = ()
    """Lower edge of a band around the line, for each x; a gap where it is not finite."""
    high: Sequence[float] = ()
    version: Hashable = None
    """Differs where points do, for a line that changes elsewhere than at its end."""
    is_each_marked: bool = False
    """Whether the marker stands at every point: for lines of few points that mean something by themselves."""
    is_behind: bool = False
    """Whether it is a trace behind the lines."""
    until: float = math.inf
    """What lies beyond this x is hidden; the limits stay those of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLimits:
    """Fixed limits; None, or one that is not finite, fits the data."""

    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What came of a drawing."""

    lines: list[Line]
    """`height` lines of exactly `width` cells; [] for an empty size."""
    num_outside: int = 0
    """How many points lie above or below what is shown."""


def draw_chart(
    series: Sequence[ChartSeries],
    *,
    width: int,
    height: int,
    x_label: str = "",
    y_label: str = "",
    log_x: bool = False,
    log_y: bool = False,
    limits: ChartLimits | None = None,
    clips_outliers: bool = True,
    pointers: Sequence[Pointer] = (),
) -> Drawn:
    """Draw lines, bands and pointers over a frame with ticks.

    Labels are left out where there is no room. Nothing to draw, or no room, gives blank lines. Limits that are not given
    fit what is drawn: y what lies between the limits of x, on a linear axis without extreme high values unless
    `clips_outliers` is off.
    """
    width, height = min(width, MAX_WIDTH), min(height, MAX_HEIGHT)
    if width <= 0 or height <= 0:
        return Drawn(lines=[])
    limits = limits or ChartLimits()
    if log_x:
        series = [replace(one, xs=list(map(_log, one.xs)), until=_last(one.until)) for one in series]
        pointers = [replace(one, x=_log(one.x)) for one in pointers]
        limits = replace(limits, x=(_log(limits.x[0]), _log(limits.x[1])) if limits.x else None)
    whole = series
    if limits.x and all(map(math.isfinite, limits.x)):
        series = [_reduced(one, widened(*limits.x), columns=width, log_y=log_y) for one in series]
    pieces = _pieces(series, log_y=log_y)
    if not pieces or width < MIN_WIDTH or height < MIN_HEIGHT:
        return Drawn(lines=[[Span(" " * width, FRAME)] for _ in range(height)])
    if log_y:
        pointers = [one if one.y is None else replace(one, y=_log(one.y)) for one in pointers]
    bands = _edges(series, log_y=log_y)
    x_limits = _x_limits(pieces, limits.x)
    pieces = _between(pieces, x_limits) or pieces
    ys = [y for _, piece in pieces for _, y in piece] + _band_ends(bands, x_limits)
    y_limits = _y_limits(ys, limits.y, log_y=log_y, clips_outliers=clips_outliers)
    x_ticks = (log_ticks if log_x else linear_ticks)(x_limits, count=max(2, width // 9))
    y_ticks = (log_ticks if log_y else linear_ticks)(y_limits, count=max(2, height // 2))
    label_width = max((len(tick.label) for tick in y_ticks), default=0)
    columns, rows = max(1, width - label_width - 1), max(1, height - 2)

    plot = Plot(width=width, height=height)
    plot.mark(x=(x_ticks, x_limits), y=(y_ticks, y_limits))
    if height >= MIN_HEIGHT + 3:
        plot.name(x=x_label, y=y_label)
    if any(one.until < math.inf for one in series):
        series = [_cut(one, one.until) for one in whole]
        pieces, bands = _between(_pieces(series, log_y=log_y), x_limits), _edges(series, log_y=log_y)
    units = [
        (
            one,
            [(x_limits.fraction(x), y_limits.fraction(y)) for x, y in decimated(piece, x_limits, columns=columns)],
        )
        for one, piece in sorted(pieces, key=lambda item: item[0].pattern != "solid")
    ]
    lines = [(one, unit) for one, unit in units if not one.is_behind]
    for one, unit in lines:
        _draw_line(plot, one, unit, columns, rows)
    for one, unit in lines:
        _draw_markers(plot, one, unit, columns)
    drawn = plot.lines()
    shades = shaded([(BAND + one.slot, edges) for one, edges in bands], x_limits, y_limits, columns=columns, rows=rows)
    behind, over = pointer_cells(pointers, x_limits, y_limits, columns=columns, rows=rows)
    traces = traced([(one.slot, unit) for one, unit in units if one.is_behind], columns=columns, rows=rows)
    if shades or traces or behind or over:
        drawn = painted(drawn, left=label_width + 1, height=rows, behind={**shades, **traces, **behind}, over=over)
    return Drawn(lines=drawn, num_outside=_num_outside(ys, whole, x_limits, y_limits, log_y=log_y))


def _log(x: float) -> float:
    """The logarithm of base 10; NaN, which is drawn as a gap, where there is none."""
    return math.log10(x) if x > 0 else math.nan


def _last(until: float) -> float:
    """The end of a line on a logarithmic axis."""
    return _log(until) if until > 0 else -math.inf


def _pieces(series: Sequence[ChartSeries], *, log_y: bool) -> list[tuple[ChartSeries, list[Point]]]:
    return [(one, piece) for one in series for piece in unbroken(one.xs, one.ys, log_y=log_y)]


def _edges(series: Sequence[ChartSeries], *, log_y: bool) -> list[tuple[ChartSeries, Edges]]:
    return [(one, edges) for one in series for edges in unbroken_edges(one.xs, one.low, one.high, log_y=log_y)]


def _cut(one: ChartSeries, x: float) -> ChartSeries:
    """The part up to x, with a point at x itself."""
    i = bisect_right(one.xs, x)
    if i >= len(one.xs):
        return one
    xs, (ys, low, high) = one.xs[:i], (values[:i] for values in (one.ys, one.low, one.high))
    if i and one.xs[i] > one.xs[i - 1]:
        t = (x - one.xs[i - 1]) / (one.xs[i] - one.xs[i - 1])
        ends = [
            [(1.0 - t) * values[i - 1] + t * values[i]] if i < len(values) else []
            for values in (one.ys, one.low, one.high)
        ]
        xs, ys, low, high = [*xs, x], [*ys, *ends[0]], [*low, *ends[1]], [*high, *ends[2]]
    return replace(one, xs=xs, ys=ys, low=low, high=high)


def _between(pieces: list[tuple[ChartSeries, list[Point]]], limits: Limits) -> list[tuple[ChartSeries, list[Point]]]:
    """The parts between x limits."""
    return [(one, part) for one, piece in pieces if (part := within(piece, limits))]


def _x_limits(pieces: list[tuple[ChartSeries, list[Point]]], given: tuple[float, float] | None) -> Limits:
    if given and all(map(math.isfinite, given)):
        return widened(*given)
    return fit_limits(x for _, piece in pieces for x in (piece[0][0], piece[-1][0]))


def _y_limits(ys: list[float], given: tuple[float, float] | None, *, log_y: bool, clips_outliers: bool) -> Limits:
    if given is None:
        return fit_limits(ys, clip_outliers=clips_outliers and not log_y, margin=0.04)
    bounds = [piece for value in given for piece in unbroken([0.0], [value], log_y=log_y)]
    fixed = [piece[0][1] for piece in bounds]
    return widened(*fixed) if len(fixed) == 2 else fit_limits(ys, margin=0.04)


def _band_ends(bands: Sequence[tuple[ChartSeries, Edges]], limits: Limits) -> list[float]:
    """The edges of the bands between x limits."""
    return [
        y for _, edges in bands for x, *ends in edges if limits.low <= x <= limits.high for y in ends if abs(y) < HUGE
    ]


def _reduced(one: ChartSeries, limits: Limits, *, columns: int, log_y: bool) -> ChartSeries:
    """A long line without what no column can show; one with a band is short."""
    if len(one.low):
        return one
    xs, ys = reduced(one.xs, one.ys, limits, columns=columns, log_y=log_y)
    return one if xs is one.xs else replace(one, xs=xs, ys=ys)


def _num_outside(
    ys: list[float], series: Sequence[ChartSeries], x_limits: Limits, y_limits: Limits, *, log_y: bool
) -> int:
    """How many points of lines there are beyond y limits; `ys` are enough of them to tell whether there are any."""
    if not ys or (y_limits.low <= min(ys) and max(ys) <= y_limits.high):
        return 0
    pieces = _between(_pieces([one for one in series if not one.is_behind], log_y=log_y), x_limits)
    return sum(not y_limits.low <= y <= y_limits.high for _, piece in pieces for _, y in piece)


def _draw_line(plot: Plot, series: ChartSeries, unit: list[Point], columns: int, rows: int) -> None:
    pieces = [
        piece for part in clipped(unit) for piece in dashes(part, series.pattern, dots=(2 * columns, 4 * rows)) if piece
    ]
    plot.add(series.slot, "braille", pieces)


def _draw_markers(plot: Plot, series: ChartSeries, unit: list[Point], columns: int) -> None:
    if series.marker:
        marked = _visible(unit) if series.is_each_marked else _marked(unit, series.slot, columns)
        plot.add(series.slot, series.marker, [[point] for point in marked])


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

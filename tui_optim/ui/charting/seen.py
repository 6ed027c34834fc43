"""What of the series of a chart can be seen: their unbroken pieces, the limits that show them, and what lies outside."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from tui_optim.ui.charting.axis import HUGE, Limits, Point, fit_limits, unbroken, widened, within
from tui_optim.ui.charting.marks import Pointer
from tui_optim.ui.charting.reduction import reduced
from tui_optim.ui.charting.series import ChartLimits, ChartSeries
from tui_optim.ui.charting.shading import Edges, unbroken_edges

Piece = tuple[ChartSeries, list[Point]]
"""A part of a line without a gap, and the series that it is of."""


def on_log_x(
    series: Sequence[ChartSeries], pointers: Sequence[Pointer], limits: ChartLimits
) -> tuple[list[ChartSeries], list[Pointer], ChartLimits]:
    """The same with logarithms of base 10 for x."""
    return (
        [replace(one, xs=list(map(log10, one.xs)), until=_log_end(one.until)) for one in series],
        [replace(one, x=log10(one.x)) for one in pointers],
        replace(limits, x=(log10(limits.x[0]), log10(limits.x[1])) if limits.x else None),
    )


def log10(x: float) -> float:
    """The logarithm of base 10; NaN, which is drawn as a gap, where there is none."""
    return math.log10(x) if x > 0 else math.nan


def within_reach(
    series: Sequence[ChartSeries], x: tuple[float, float] | None, *, columns: int, log_y: bool
) -> list[ChartSeries]:
    """Long lines without what no column between these limits of x can show."""
    if not _is_known(x):
        return list(series)
    return [_reduced(one, widened(*x), columns=columns, log_y=log_y) for one in series]


def pieces_of(series: Sequence[ChartSeries], *, log_y: bool) -> list[Piece]:
    return [(one, piece) for one in series for piece in unbroken(one.xs, one.ys, log_y=log_y)]


def edges_of(series: Sequence[ChartSeries], *, log_y: bool) -> list[tuple[ChartSeries, Edges]]:
    return [(one, edges) for one in series for edges in unbroken_edges(one.xs, one.low, one.high, log_y=log_y)]


def between(pieces: list[Piece], limits: Limits) -> list[Piece]:
    """The parts between x limits."""
    return [(one, part) for one, piece in pieces if (part := within(piece, limits))]


def x_limits_of(pieces: list[Piece], given: tuple[float, float] | None) -> Limits:
    if _is_known(given):
        return widened(*given)
    return fit_limits(x for _, piece in pieces for x in (piece[0][0], piece[-1][0]))


def y_limits_of(ys: list[float], given: tuple[float, float] | None, *, log_y: bool, clips_outliers: bool) -> Limits:
    if given is None:
        return fit_limits(ys, clip_outliers=clips_outliers and not log_y, margin=0.04)
    bounds = [piece for value in given for piece in unbroken([0.0], [value], log_y=log_y)]
    fixed = [piece[0][1] for piece in bounds]
    return widened(*fixed) if len(fixed) == 2 else fit_limits(ys, margin=0.04)


def band_ends(bands: Sequence[tuple[ChartSeries, Edges]], limits: Limits) -> list[float]:
    """The edges of the bands between x limits."""
    return [
        y for _, edges in bands for x, *ends in edges if limits.low <= x <= limits.high for y in ends if abs(y) < HUGE
    ]


def cut_at(one: ChartSeries, x: float) -> ChartSeries:
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


def num_outside(
    ys: list[float], series: Sequence[ChartSeries], x_limits: Limits, y_limits: Limits, *, log_y: bool
) -> int:
    """How many points of lines there are beyond y limits; `ys` are enough of them to tell whether there are any."""
    if not ys or (y_limits.low <= min(ys) and max(ys) <= y_limits.high):
        return 0
    pieces = between(pieces_of([one for one in series if not one.is_behind], log_y=log_y), x_limits)
    return sum(not y_limits.low <= y <= y_limits.high for _, piece in pieces for _, y in piece)


def _reduced(one: ChartSeries, limits: Limits, *, columns: int, log_y: bool) -> ChartSeries:
    """A long line without what no column can show; one with a band is short."""
    if len(one.low):
        return one
    xs, ys = reduced(one.xs, one.ys, limits, columns=columns, log_y=log_y)
    return one if xs is one.xs else replace(one, xs=xs, ys=ys)


def _log_end(until: float) -> float:
    """The end of a line on a logarithmic axis."""
    return log10(until) if until > 0 else -math.inf


def _is_known(x: tuple[float, float] | None) -> TypeGuard[tuple[float, float]]:
    return x is not None and all(map(math.isfinite, x))

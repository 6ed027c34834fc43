"""Geometry of a chart in plain Python: cleaning, limits, clipping, decimation and dash patterns.

Everything here is total: NaN, ±inf, huge magnitudes, empty and single-point series have a defined result.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Literal

Point = tuple[float, float]
Pattern = Literal["solid", "dashed", "dotted"]
HUGE = 1e150
"""Magnitudes above this are treated as this: sums and differences of clean values stay finite."""
TINY = 1e-290
"""Magnitudes below this give no range its width: their parts are not numbers of full precision any more."""
OUTLIER_FACTOR = 8.0
"""A largest value this many times above the 95 % quantile is an outlier and does not set the limits."""
DASHES: dict[Pattern, tuple[float, float]] = {"dashed": (7.0, 4.0), "dotted": (1.0, 3.0)}
"""(drawn, left out) lengths in braille dots."""
_x = itemgetter(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The visible range of an axis."""

    low: float
    high: float

    def fraction(self, value: float) -> float:
        """Position of a value: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def unbroken(xs: Sequence[float], ys: Sequence[float], *, log_y: bool = False) -> list[list[Point]]:
    """Split a series where it cannot be drawn: at non-finite values and, on a log axis, at values ≤ 0.

    On a log axis the points returned hold log10(y).
    """
    pieces: list[list[Point]] = [[]]
    piece, is_finite = pieces[0], math.isfinite
    for x, y in zip(xs, ys, strict=False):
        if is_finite(x) and is_finite(y) and not (log_y and y <= 0.0):
            piece.append((bounded(x), math.log10(y) if log_y else bounded(y)))
        elif piece:
            piece = []
            pieces.append(piece)
    return [piece for piece in pieces if piece]


def fit_limits(values: Iterable[float], *, clip_outliers: bool = False, margin: float = 0.0) -> Limits:
    """Limits that show all values, or all but extreme high ones; never empty."""
    known = list(values)
    if not known:
        return Limits(low=0.0, high=1.0)
    low, high = min(known), max(known)
    if clip_outliers and len(known) >= 8:
        ordered = sorted(known)
        usual = ordered[int(0.95 * (len(ordered) - 1))]
        if high - low > OUTLIER_FACTOR * max(usual - low, 1e-12):
            high = usual + (usual - low) * 0.25
    return widened(low, high, margin=margin)


def widened(low: float, high: float, *, margin: float = 0.0) -> Limits:
    """Limits from two values in any order, with a relative margin; a range without width gets one."""
    low, high = sorted((bounded(low), bounded(high)))
    if not high - low > 1e-9 * max(abs(low), abs(high), TINY):
        pad = abs(high) * 0.05 if abs(high) > TINY else 0.5
        return Limits(low=low - pad, high=high + pad)
    pad = (high - low) * margin
    return Limits(low=low - pad, high=high + pad)


def within(points: list[Point], limits: Limits) -> list[Point]:
    """The part of a line, x rising, between x limits; where it goes on beyond a limit it ends on it."""
    if limits.low <= points[0][0] and points[-1][0] <= limits.high:
        return points
    first = bisect_left(points, limits.low, key=_x)
    after = bisect_right(points, limits.high, key=_x)
    if first == len(points) or after == 0 or after < first:
        return []
    start = [_crossing(points[first - 1], points[first], limits.low)] if first and points[first][0] > limits.low else []
    is_over = after == len(points) or points[after - 1][0] == limits.high
    end = [] if is_over else [_crossing(points[after - 1], points[after], limits.high)]
    return [*start, *points[first:after], *end]


def clipped(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Clip a polyline to the unit square; it may come out in several parts."""
    if len(points) == 1:
        if _is_inside(points[0]):
            yield [points[0]]
        return
    part: list[Point] = []
    for start, end in pairwise(points):
        segment = _clip_segment(start, end)
        if segment is None:
            if part:
                yield part
            part = []
            continue
        if not part or part[-1] != segment[0]:
            if part:
                yield part
            part = [segment[0]]
        part.append(segment[1])
    if part:
        yield part


def decimated(points: Sequence[Point], limits: Limits, *, columns: int) -> list[Point]:
    """At most four points for each of `columns` equal slices of the x limits: first, lowest, highest, last."""
    if len(points) <= 4 * columns or columns < 1:
        return list(points)
    scale, low = columns / (limits.high - limits.low), limits.low
    kept: list[Point] = []
    current = None
    first = lowest = highest = last = 0
    for index, (x, y) in enumerate(points):
        column = int((x - low) * scale)
        if column != current:
            if current is not None:
                kept += [points[i] for i in sorted({first, lowest, highest, last})]
            current, first, lowest, highest = column, index, index, index
        elif y < points[lowest][1]:
            lowest = index
        elif y > points[highest][1]:
            highest = index
        last = index
    return kept + [points[i] for i in sorted({first, lowest, highest, last})]


def dashes(points: Sequence[Point], pattern: Pattern, *, dots: tuple[int, int]) -> Iterator[list[Point]]:
    """Cut a polyline in the unit square into the drawn pieces of a pattern; `dots` is the square's size in dots."""
    if pattern == "solid" or len(points) < 2:
        yield list(points)
        return
    drawn, gap = DASHES[pattern]
    left, is_drawn, piece = drawn, True, [points[0]]
    for start, end in pairwise(points):
        length = math.hypot((end[0] - start[0]) * dots[0], (end[1] - start[1]) * dots[1])
        position = 0.0
        while length - position > left:
            position += left
            t = position / length
            corner = (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1]))
            if is_drawn:
                yield [*piece, corner]
            is_drawn, piece = not is_drawn, [corner]
            left = drawn if is_drawn else gap
        left -= length - position
        if is_drawn:
            piece.append(end)
    if is_drawn and len(piece) > 1:
        yield piece


def _crossing(start: Point, end: Point, x: float) -> Point:
    """Where a segment has this x."""
    width = end[0] - start[0]
    t = (x - start[0]) / width if width > 0.0 else 0.0
    return x, (1.0 - t) * start[1] + t * end[1]


def bounded(value: float) -> float:
    """A number within ±HUGE."""
    return value if -HUGE < value < HUGE else math.copysign(HUGE, value)


def _is_inside(point: Point) -> bool:
    return 0.0 <= point[0] <= 1.0 and 0.0 <= point[1] <= 1.0


def _clip_segment(start: Point, end: Point) -> tuple[Point, Point] | None:
    """Liang & Barsky 1984."""
    if _is_inside(start) and _is_inside(end):
        return start, end
    enter, leave = 0.0, 1.0
    for axis in (0, 1):
        delta = end[axis] - start[axis]
        if delta == 0.0:
            if not 0.0 <= start[axis] <= 1.0:
                return None
            continue
        near, far = sorted((-start[axis] / delta, (1.0 - start[axis]) / delta))
        enter, leave = max(enter, near), min(leave, far)
    if enter > leave:
        return None
    return _along(start, end, enter), _along(start, end, leave)


def _along(start: Point, end: Point, t: float) -> Point:
    x = start[0] + t * (end[0] - start[0])
    y = start[1] + t * (end[1] - start[1])
    return min(1.0, max(0.0, x)), min(1.0, max(0.0, y))

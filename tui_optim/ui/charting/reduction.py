"""Of a long curve the points that a chart can show, before any of them is looked at by itself: slices are searched in C.

10,000 points cost a hundredth of what looking at each would: charts of long runs that train are drawn several times a second.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tui_optim.ui.charting.axis import Limits

KEPT = 4
"""Most points of a column: the first, the lowest, the highest, the last."""


def reduced(
    xs: Sequence[float], ys: Sequence[float], limits: Limits, *, columns: int, log_y: bool = False
) -> tuple[Sequence[float], Sequence[float]]:
    """The points between x limits and one on each side: at most `KEPT` for each of `columns` equal slices.

    A slice with a gap, a value that is not finite or on a logarithmic axis not above 0, is left whole. So is a curve that
    is short, or whose x does not rise.
    """
    if len(xs) != len(ys) or len(xs) <= KEPT * columns or columns < 1:
        return xs, ys
    given, xs = xs, list(xs)  # an array would make each number anew wherever it is looked at
    if sorted(xs) != xs:
        return given, ys
    begin, stop = bisect_left(xs, limits.low), bisect_right(xs, limits.high)
    kept = [begin - 1] if begin else []
    for number in range(1, columns + 1):
        bound = limits.low + (limits.high - limits.low) * number / columns
        end = bisect_left(xs, bound, begin, stop) if number < columns else stop
        kept += _chosen(ys, begin, end, log_y=log_y)
        begin = end
    kept += [stop] if stop < len(xs) else []
    return [xs[i] for i in kept], [ys[i] for i in kept]


def _chosen(ys: Sequence[float], begin: int, end: int, *, log_y: bool) -> Sequence[int]:
    if end - begin <= KEPT:
        return range(begin, end)
    part = ys[begin:end]
    lowest = min(part)
    if not math.isfinite(sum(part)) or (log_y and lowest <= 0.0):
        return range(begin, end)
    return sorted({begin, begin + part.index(lowest), begin + part.index(max(part)), end - 1})

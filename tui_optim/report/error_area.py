"""The area under the error–cost curve: what a method cost on the way, not only where it ended.

The curve is the error over the gradient evaluations ÷ n, on straight lines between evaluations, and the area is divided by the
cost that it is taken over: A = 1/C ∫₀ᶜ e(c) dc, the mean error on the way. The error is 1 − accuracy; where there are no
classes, the gap to the known minimum.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from tui_optim.report.comparison import Setting, contest
from tui_optim.report.entry import Entry
from tui_optim.report.failure import failed_value
from tui_optim.report.measures import followed_by
from tui_optim.report.series import RunSeries


def error_areas(setting: Setting, *, until: float) -> list[float]:
    """The areas of its runs, seed by seed, from the start to this many gradient evaluations ÷ n; those that have a curve."""
    found = [_area(entry, series, until) for entry, series in zip(setting.entries, setting.series, strict=True)]
    return [area for area in found if area is not None]


def common_cost(setting: Setting, compared: Sequence[Setting]) -> int:
    """What all that may be compared with it were given: the fewest planned epochs, in gradient evaluations ÷ n."""
    return min(one.spec.epochs for one in compared if contest(one.spec) == contest(setting.spec))


def area_under(xs: Sequence[float], ys: Sequence[float], *, until: float) -> float:
    """1/C ∫₀ᶜ y dx for C = `until`, by trapezoids; y is level before the first point and after the last.

    NaN or ∞ where a point up to C is so; `xs` rise and are not empty.
    """
    points = [(0.0, ys[0]), *zip(xs, ys, strict=True), (max(until, xs[-1]), ys[-1])]
    total = 0.0
    for (x, y), (next_x, next_y) in pairwise(points):
        end = min(next_x, until)
        if end > x:
            end_y = next_y if end == next_x else y + (next_y - y) * (end - x) / (next_x - x)
            total += (end - x) * (y + end_y) / 2
    return total / until


def _area(entry: Entry, series: RunSeries, until: float) -> float | None:
    """Of one run; one that diverged errs as often as chance from there on."""
    measure = followed_by(entry.spec)
    xs, ys = series.curve(measure.quantity, measure.split, "epoch")
    if entry.run.status.state == "diverged" and entry.outcome is not None:
        end = entry.outcome.effective_epochs
        before = [(x, y) for x, y in zip(xs, ys, strict=True) if x < end]
        failed = failed_value(entry.spec, measure.quantity)
        xs, ys = [*(x for x, _ in before), end], [*(y for _, y in before), math.nan if failed is None else failed]
    if not xs:
        return None
    errors = [1.0 - y if measure.quantity == "accuracy" else y for y in ys]
    area = area_under(xs, errors, until=until)
    return math.inf if math.isnan(area) else area

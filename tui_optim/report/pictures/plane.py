"""Two quadratics seen from above: a part of the plane, level lines of the function, and the paths that runs took over it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from tui_optim.report.series import RunSeries
from tui_optim.spec.quadratics import Quadratic

Point = tuple[float, float]

REACH = 2.0
"""Paths set the window as far as this many times the distance of the start from the minimum; a diverged one leaves it."""
BEYOND = 0.45
"""What lies beyond the minimum is shown for this share of the start's distance: level lines close around it."""
MARGIN = 0.1
NUM_LEVELS = 10
LEVEL_POWER = 2.4
"""2 would set level lines at equal distances; more brings them closer together near the minimum."""
LINE_POINTS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle along the axes."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def size(self) -> Point:
        """Width and height."""
        return self.right - self.left, self.top - self.bottom

    def fraction(self, point: Point) -> Point:
        """Where a point lies: (0, 0) is the lower left corner, (1, 1) the upper right."""
        return (point[0] - self.left) / (self.right - self.left), (point[1] - self.bottom) / (self.top - self.bottom)


def path_of(series: RunSeries, quadratic: Quadratic) -> list[Point]:
    """Where a run's parameters were after each step, from the start that all runs have; not finite once it has diverged."""
    return [_pair(quadratic.start), *map(_pair, series.path)]


def box_of(points: Iterable[Point], quadratic: Quadratic) -> Box:
    """What of a path is near enough to be shown, with the start and what surrounds the minimum."""
    start, best = _pair(quadratic.start), _pair(quadratic.minimiser)
    beyond = best[0] - BEYOND * (start[0] - best[0]), best[1] - BEYOND * (start[1] - best[1])
    reach = REACH * math.dist(start, best)
    near = [start, beyond, *(point for point in points if math.dist(point, best) <= reach)]
    xs, ys = zip(*near, strict=True)
    return Box(left=min(xs), bottom=min(ys), right=max(xs), top=max(ys))


def window_around(boxes: Iterable[Box], *, aspect: float) -> Box:
    """What shows all boxes with a margin and one scale in both directions; `aspect` is width ÷ height of the paper."""
    all_boxes = list(boxes)
    left, right = min(box.left for box in all_boxes), max(box.right for box in all_boxes)
    bottom, top = min(box.bottom for box in all_boxes), max(box.top for box in all_boxes)
    pad = MARGIN * max(right - left, top - bottom)
    width = max(right - left + 2 * pad, (top - bottom + 2 * pad) * aspect)
    x, y = (left + right) / 2, (bottom + top) / 2
    return Box(left=x - width / 2, bottom=y - width / aspect / 2, right=x + width / 2, top=y + width / aspect / 2)


def level_gaps(quadratic: Quadratic, window: Box) -> list[float]:
    """Gaps F − F* of level lines that fill the window, the smallest first."""
    corners = [(x, y) for x in (window.left, window.right) for y in (window.bottom, window.top)]
    largest = max(quadratic.gap(corner) for corner in corners)
    return [largest * ((number + 0.6) / NUM_LEVELS) ** LEVEL_POWER for number in range(NUM_LEVELS)]


def facts(quadratic: Quadratic, *, is_short: bool = False) -> str:
    """Eigenvalues and condition number in words, or in letters of the field."""
    values = [f"{value:.3g}" for value in quadratic.eigenvalues]
    if is_short:
        return f"λ {', '.join(values)}  κ {quadratic.condition_number:.3g}"
    return f"eigenvalues {' and '.join(values)}, condition number {quadratic.condition_number:.3g}"


def _pair(point: tuple[float, ...]) -> Point:
    x, y = point
    return x, y

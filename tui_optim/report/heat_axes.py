"""The axes of a sweep's heat map: which keys can be rows and columns, and where on them a point lies."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import is_number
from tui_optim.spec.hyperparameters import Value, format_value
from tui_optim.spec.sweeps.plan import Point, SweepPlan
from tui_optim.spec.sweeps.space import Range

ARM = "arm"
"""The axis of scenarios and presets; called after the one of them of which there are several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatAxis:
    """One of the two keys."""

    key: str
    """'arm' or a searched key; '' where the sweep has no second key."""
    title: str
    labels: tuple[str, ...]
    """One for each row or column."""
    numbers: tuple[float, ...] | None = None
    """The values, where all of them are numbers."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A key as rows or columns."""

    shown: HeatAxis
    values: Sequence[Value]


def map_keys(plan: SweepPlan) -> list[str]:
    """What can be rows or columns: keys with several values, arms first; [] where a searched key is a range."""
    if any(isinstance(dimension, Range) for dimension in plan.space.values()):
        return []
    keys = [ARM] if len(plan.arms) > 1 else []
    keys += [plan.tuned] if plan.search == "rate" else [name for name, values in plan.space.items() if _is_many(values)]
    return keys or [ARM]


def usual_axes(plan: SweepPlan) -> tuple[str, str]:
    """Rows and columns unless the user turns them: arms against the rate, else the first two keys, the rate along x."""
    keys = map_keys(plan)
    first, *others = keys
    if not others:
        return (ARM, first) if first != ARM else (ARM, "")
    rate = plan.tuned if plan.search == "rate" else "lr"
    if first == ARM:
        return ARM, rate if rate in others else others[0]
    return (others[0], first) if first == rate else (first, others[0])


def turned_axes(plan: SweepPlan, axes: tuple[str, str], *, of_rows: bool) -> tuple[str, str] | None:
    """Rows and columns with the next key as rows, or as columns; the two change places where it was the other one.

    None where there is no other choice. Arms of several scenarios are never folded: their figures are not comparable.
    """
    keys = map_keys(plan)
    turned, kept = axes if of_rows else axes[::-1]
    if len(keys) < 2 or kept not in keys:
        return None
    for step in range(1, len(keys)):
        following = keys[(keys.index(turned) + step) % len(keys)]
        pair = (following, turned if following == kept else kept)
        if len(plan.scenarios) == 1 or ARM in pair:
            return pair if of_rows else pair[::-1]
    return None


def arm_label(plan: SweepPlan, arm: tuple[str, str]) -> str:
    """Scenario and preset of an arm, as far as they tell it from the sweep's others."""
    scenario, preset = arm
    if len(plan.scenarios) == 1:
        return preset
    return scenario if len(plan.presets) == 1 else f"{preset} {scenario}"


def place_of(plan: SweepPlan, key: str, expected: Sequence[Point]) -> Callable[[Point], Value]:
    """What tells which row or column a point is in."""
    if key == ARM:
        return lambda point: arm_label(plan, point.arm)
    if key == "":
        return lambda _: ""
    if plan.search == "rate" and len(plan.arms) > 1:
        return _rungs(expected)
    return lambda point: dict(point.values)[key]


def make_axis(plan: SweepPlan, key: str, place: Callable[[Point], Value], points: Iterable[Point]) -> Axis:
    """The axis of a key, with the values that lie on it: numbers ascend, all else is in the order of the plan."""
    values: list[Value] = list(dict.fromkeys(place(point) for point in points))
    if key in plan.space and plan.search != "grid":  # values that the search may never come to
        dimension = plan.space[key]
        assert isinstance(dimension, tuple)
        values = list(dimension)
    if key == ARM:
        values = [arm_label(plan, arm) for arm in plan.arms]
    numbers = [float(value) for value in values if is_number(value)]
    are_numbers = len(numbers) == len(values) > 0
    if are_numbers:
        values = [value for _, value in sorted(zip(numbers, values, strict=True))]
    shown = HeatAxis(
        key=key,
        title=_title(plan, key),
        labels=tuple(format_value(value) for value in values),
        numbers=tuple(sorted(numbers)) if are_numbers else None,
    )
    return Axis(shown, values)


def _is_many(values: object) -> bool:
    return isinstance(values, tuple) and len(values) > 1


def _rungs(expected: Sequence[Point]) -> Callable[[Point], Value]:
    """For rates that are thirds of a decade around each arm's own: the nearest of all arms' common thirds.

    Counted from one value of each arm, so that no two of an arm meet.
    """
    origins = {point.arm: _number(point) for point in reversed(expected)}

    def rung(point: Point) -> Value:
        origin = origins[point.arm]
        thirds = round(3 * math.log10(origin)) + round(3 * math.log10(_number(point) / origin))
        return float(f"{10 ** (thirds / 3):.2g}")

    return rung


def _number(point: Point) -> float:
    (_, value), *_ = point.values
    assert isinstance(value, (int, float))
    return float(value)


def _title(plan: SweepPlan, key: str) -> str:
    if key == ARM:
        return "scenario" if len(plan.presets) == 1 and len(plan.scenarios) > 1 else "preset"
    return f"{key}, nearest third of a decade" if plan.search == "rate" and len(plan.arms) > 1 else key

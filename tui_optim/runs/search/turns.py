"""Whose turn it is: arms are searched in turns, so that each has the same number of points at any time."""

from collections.abc import Sequence

from tui_optim.spec.sweeps.plan import Point, SweepPlan
from tui_optim.spec.sweeps.trial import Verdict


def next_arm(plan: SweepPlan, tried: Sequence[Verdict]) -> tuple[Point, list[Verdict]] | None:
    """The arm with the fewest points, as a point without values, with what it has tried; None when all have theirs."""
    assert plan.trials is not None
    by_arm: dict[tuple[str, str], list[Verdict]] = {arm: [] for arm in plan.arms}
    for verdict in tried:
        by_arm[verdict.point.arm].append(verdict)
    arm = min(plan.arms, key=lambda one: len(by_arm[one]))
    if len(by_arm[arm]) >= plan.trials:
        return None
    return Point(scenario=arm[0], preset=arm[1]), by_arm[arm]

"""Tuning a rate: log-spaced values around the preset's own, extended while the best lies on the border.

Every arm tries the same number of values at first (`protocol.md`'s equal budget): its own, then those a factor 10^⅓ apart around
it, the nearest first, three below and four above. While the best of them is the smallest or the largest, one more is tried beyond
it, up to fourteen. Values that the preset does not take are not tried: a search that has come to the limit of its key is at its
end there.
"""

from collections.abc import Sequence

from tui_optim.spec.sweeps.plan import MAX_RATES, RATE_ORDER, Point
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Verdict


def propose(sweep: SweepSpec, tried: Sequence[Verdict]) -> Point | None:
    """The next value of the first arm that wants one."""
    for scenario, preset in sweep.plan.arms:
        arm = Point(scenario=scenario, preset=preset)
        own = {verdict.point: verdict for verdict in tried if verdict.point.arm == arm.arm}
        point = _next(sweep, arm, own)
        if point is not None:
            return point
    return None


def _next(sweep: SweepSpec, arm: Point, own: dict[Point, Verdict]) -> Point | None:
    points = sweep.rate_points(arm)
    for offset in RATE_ORDER:
        if offset in points and points[offset] not in own:
            return points[offset]
    if len(own) >= MAX_RATES or any(_is_open(verdict) for verdict in own.values()):
        return None
    # among equals (all diverged, say) the smaller rate is the better one: the search goes down, not up
    tried = [(_cost(own[point], sweep), offset) for offset, point in points.items() if point in own]
    _, chosen = min(tried)
    beyond = [one for one in (chosen - 1, chosen + 1) if one in points and points[one] not in own]
    return points[beyond[0]] if beyond else None


def _is_open(verdict: Verdict) -> bool:
    return any(trial.state == "running" for trial in verdict.trials)


def _cost(verdict: Verdict, sweep: SweepSpec) -> float:
    """Smaller is better; what failed counts as the worst."""
    if verdict.value != verdict.value:
        return float("inf")
    return verdict.value if sweep.plan.is_minimised else -verdict.value

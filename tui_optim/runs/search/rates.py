"""Tuning a rate: log-spaced values around the preset's own, extended while the best lies on the border.

Every arm tries the same number of values at first: a factor 10^⅓ apart, three below and four above its own value (`protocol.md`'s
equal budget). While the best of them is the smallest or the largest, one more is tried beyond it, up to fourteen.
"""

from collections.abc import Sequence

from tui_optim.spec.sweeps.plan import MAX_RATES, RATE_OFFSETS, Point
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
    low, high = RATE_OFFSETS[0], RATE_OFFSETS[-1]
    for offset in RATE_OFFSETS:
        if (point := sweep.rate_point(arm, offset)) not in own:
            return point
    while sweep.rate_point(arm, low - 1) in own:
        low -= 1
    while sweep.rate_point(arm, high + 1) in own:
        high += 1
    if len(own) >= MAX_RATES or any(_is_open(verdict) for verdict in own.values()):
        return None
    # among equals (all diverged, say) the smaller rate is the better one: the search goes down, not up
    values = [(_cost(own[sweep.rate_point(arm, offset)], sweep), offset) for offset in range(low, high + 1)]
    _, chosen = min(values)
    if chosen == low:
        return sweep.rate_point(arm, low - 1)
    return sweep.rate_point(arm, high + 1) if chosen == high else None


def _is_open(verdict: Verdict) -> bool:
    return any(trial.state == "running" for trial in verdict.trials)


def _cost(verdict: Verdict, sweep: SweepSpec) -> float:
    """Smaller is better; what failed counts as the worst."""
    if verdict.value != verdict.value:
        return float("inf")
    return verdict.value if sweep.plan.is_minimised else -verdict.value

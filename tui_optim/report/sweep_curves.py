"""The curves of a sweep: the metric against a searched key, and the best so far against the number of points tried."""

import math
from dataclasses import dataclass

from tui_optim.report.heat_axes import arm_label
from tui_optim.report.heatmap import HeatMap
from tui_optim.report.sweep_table import SweepView


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepCurve:
    """One line."""

    name: str
    """The row of the map, or the arm."""
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    """NaN where there is a point without a figure: diverged, pruned, failed, or still under way."""


def sensitivity(drawn: HeatMap) -> list[SweepCurve]:
    """For each row the metric of what has finished against the columns' numbers; [] where these are no numbers."""
    numbers = drawn.columns.numbers
    if numbers is None or len(numbers) < 2:
        return []
    curves: list[SweepCurve] = []
    for label, cells in zip(drawn.rows.labels, drawn.cells, strict=True):
        there = [(x, cell) for x, cell in zip(numbers, cells, strict=True) if cell.state not in ("none", "awaited")]
        ys = (cell.value if cell.state == "finished" and cell.value is not None else math.nan for _, cell in there)
        curves.append(SweepCurve(name=label, xs=tuple(x for x, _ in there), ys=tuple(ys)))
    return curves


def best_so_far(view: SweepView) -> list[SweepCurve]:
    """For each arm the best metric of its first n points, against n; points count in the order in which they were asked for.

    NaN until a point of the arm has finished; the curve ends where its points are not over yet.
    """
    plan = view.sweep.spec.plan
    better = min if plan.is_minimised else max
    curves: list[SweepCurve] = []
    judged = view.verdicts
    for arm in plan.arms:
        ys: list[float] = []
        for verdict in (one for one in judged if one.point.arm == arm):
            states = {trial.state for trial in verdict.trials}
            if "running" in states:
                break
            known = [y for y in (*ys[-1:], verdict.value if states == {"finished"} else math.nan) if not math.isnan(y)]
            ys.append(better(known) if known else math.nan)
        curves.append(SweepCurve(name=arm_label(plan, arm), xs=tuple(map(float, range(1, len(ys) + 1))), ys=tuple(ys)))
    return curves

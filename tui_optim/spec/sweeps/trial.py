"""A trial of a sweep: a point with a seed, the run that it is, and what came of it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from tui_optim.spec.sweeps.plan import Point, SweepPlan

Stage = Literal["search", "final"]
TrialState = Literal["running", "finished", "pruned", "diverged", "failed", "stopped"]
TRIAL_STATES: tuple[TrialState, ...] = get_args(TrialState)
REQUEUED_STATES: frozenset[TrialState] = frozenset({"failed", "stopped"})
"""Outcomes that say nothing about the method."""

SweepState = Literal["running", "paused", "stopped", "finished", "failed"]
SWEEP_STATES: tuple[SweepState, ...] = get_args(SweepState)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One run of a sweep."""

    number: int
    """Counted from 0 in the order in which they were asked for."""
    point: Point
    seed: int
    run_id: str
    stage: Stage = "search"
    state: TrialState = "running"
    """'running' from the moment it is asked for until its outcome is written down."""
    value: float | None = None
    """The metric at its end; where it was pruned, at that epoch. None while it runs, and where it failed."""
    curve: tuple[float, ...] = ()
    """The metric after each epoch, as far as it counts."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a point is worth: the mean over its tuning seeds."""

    point: Point
    trials: tuple[Trial, ...]
    value: float
    """Mean of the metric; the worst possible where a trial diverged or was pruned.

    NaN while one runs, and where one failed or has no such metric.
    """


def search_trials(trials: Iterable[Trial]) -> list[Trial]:
    """Those that search, in order."""
    return [trial for trial in trials if trial.stage == "search"]


def to_retry(trials: Iterable[Trial], stage: Stage) -> list[Trial]:
    """What 'requeue' tries again. Once the winners are being tested these alone: a trial of the search could make another one
    the winner, and the choice would have seen test."""
    return [trial for trial in trials if trial.state in REQUEUED_STATES and trial.stage == stage]


def why_no_retry(trials: Sequence[Trial], stage: Stage) -> str:
    """What keeps 'requeue' from trying anything again, to be said after the sweep's name; '' where there is something."""
    if to_retry(trials, stage):
        return ""
    if stage == "final" and to_retry(trials, "search"):
        return "has chosen its winners and tested them: trials of the search are not tried again; start another sweep"
    return "has no failed or stopped trial to try again"


def verdicts(trials: Iterable[Trial], *, is_minimised: bool) -> list[Verdict]:
    """Judge the points in the order in which they were first asked for."""
    groups: dict[Point, list[Trial]] = {}
    for trial in search_trials(trials):
        groups.setdefault(trial.point, []).append(trial)
    return [
        Verdict(point=point, trials=tuple(group), value=_worth(group, is_minimised=is_minimised))
        for point, group in groups.items()
    ]


def best(judged: Sequence[Verdict], *, is_minimised: bool) -> Verdict | None:
    """The best point all of whose trials finished with a number; the first of equals. None where no point has."""
    finished = [one for one in judged if all(trial.state == "finished" for trial in one.trials)]
    sound = [one for one in finished if not math.isnan(one.value)]
    if not sound:
        return None
    return min(sound, key=lambda one: one.value if is_minimised else -one.value)


def winners(trials: Iterable[Trial], plan: SweepPlan) -> list[Verdict]:
    """The best point of each arm that has one, in the order of the arms; where one wins over all presets, of each scenario."""
    judged = verdicts(trials, is_minimised=plan.is_minimised)
    groups = [[arm] for arm in plan.arms]
    if plan.final.winner == "overall":
        groups = [[arm for arm in plan.arms if arm[0] == scenario] for scenario in plan.scenarios]
    found = (best([one for one in judged if one.point.arm in arms], is_minimised=plan.is_minimised) for arms in groups)
    return [verdict for verdict in found if verdict is not None]


def final_points(trials: Iterable[Trial], plan: SweepPlan) -> list[Point]:
    """What is trained at the end: the winners, or with the values of the one winner every preset, itself first."""
    chosen = [verdict.point for verdict in winners(trials, plan)]
    if plan.final.winner == "each":
        return chosen
    return [
        replace(point, preset=preset) for point in chosen for preset in dict.fromkeys((point.preset, *plan.presets))
    ]


def _worth(trials: Sequence[Trial], *, is_minimised: bool) -> float:
    if any(trial.state in ("running", "failed", "stopped") for trial in trials):
        return float("nan")
    if any(trial.state in ("diverged", "pruned") for trial in trials):
        return float("inf") if is_minimised else float("-inf")
    values = [trial.value for trial in trials if trial.value is not None]
    return sum(values) / len(trials) if len(values) == len(trials) else float("nan")

"""Searches carried out in memory: a function of the point stands for its run."""

from collections.abc import Callable

from tui_optim.runs.search import propose
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Trial, TrialState, Verdict, verdicts

Judge = Callable[[Point], float]


def trial_of(number: int, point: Point, value: float | None, *, state: TrialState = "finished", seed: int = 7) -> Trial:
    """A trial at its end."""
    curve = () if value is None else (value,)
    return Trial(number=number, point=point, seed=seed, run_id=f"run-{number}", state=state, value=value, curve=curve)


def search(sweep: SweepSpec, judge: Judge, *, history: list[Trial] | None = None, limit: int = 200) -> list[Trial]:
    """Go on with a search, one trial at a time, until nothing is proposed."""
    trials = list(history or [])
    while len(trials) < limit:
        point = propose(sweep, verdicts(trials, is_minimised=sweep.plan.is_minimised))
        if point is None:
            return trials
        trials.append(trial_of(len(trials), point, judge(point)))
    return trials


def judged(sweep: SweepSpec, trials: list[Trial]) -> list[Verdict]:
    """The points of these trials."""
    return verdicts(trials, is_minimised=sweep.plan.is_minimised)

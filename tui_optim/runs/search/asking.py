"""Which trial a sweep asks for next: a pure function of the sweep and of its trials so far."""

from collections.abc import Sequence

from tui_optim.runs.search import propose
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Stage, Trial, verdicts, winners


def next_trial(spec: SweepSpec, trials: Sequence[Trial], stage: Stage) -> Trial | None:
    """The next trial, without a run yet; None where there is none, for now or for good.

    A point is tried with all tuning seeds before the search proposes another; winners are tested seed by seed, so that a table of
    them is fair at any time.
    """
    found = _next_final(spec, trials) if stage == "final" else _next_of_search(spec, trials)
    if found is None:
        return None
    point, seed = found
    number = 1 + max((trial.number for trial in trials), default=-1)
    return Trial(number=number, point=point, seed=seed, run_id="", stage=stage)


def run_of(spec: SweepSpec, trial: Trial) -> RunSpec:
    """What a trial trains. Raises UsageError for a value that its preset does not take."""
    make = spec.final_run if trial.stage == "final" else spec.trial_run
    return make(trial.point, trial.seed)


def _next_of_search(spec: SweepSpec, trials: Sequence[Trial]) -> tuple[Point, int] | None:
    tried = verdicts(trials, is_minimised=spec.plan.is_minimised)
    for verdict in tried:
        for seed in spec.plan.seeds:
            if seed not in {trial.seed for trial in verdict.trials}:
                return verdict.point, seed
    point = propose(spec, tried)
    return None if point is None else (point, spec.plan.seeds[0])


def _next_final(spec: SweepSpec, trials: Sequence[Trial]) -> tuple[Point, int] | None:
    begun = {(trial.point, trial.seed) for trial in trials if trial.stage == "final"}
    points = [verdict.point for verdict in winners(trials, spec.plan)]
    return next(
        ((point, seed) for seed in spec.plan.final.seeds for point in points if (point, seed) not in begun), None
    )

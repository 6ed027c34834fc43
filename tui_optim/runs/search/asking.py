"""Which trials a sweep asks for next: a pure function of the sweep and of its trials so far."""

from collections.abc import Sequence

from tui_optim.runs.search import propose
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Stage, Trial, final_points, verdicts


def wanted(spec: SweepSpec, trials: Sequence[Trial], stage: Stage) -> Sequence[tuple[Point, int]]:
    """Point and seed of the trials that come next, as far as can be told now; empty where none does.

    A point is tried with all tuning seeds before the search proposes another; winners are tested seed by seed, so that a table of
    them is fair at any time.
    """
    return _of_winners(spec, trials) if stage == "final" else _of_search(spec, trials)


def new_trial(trials: Sequence[Trial], stage: Stage, point: Point, seed: int) -> Trial:
    """The trial that follows these, without a run yet."""
    number = 1 + max((trial.number for trial in trials), default=-1)
    return Trial(number=number, point=point, seed=seed, run_id="", stage=stage)


def run_of(spec: SweepSpec, trial: Trial) -> RunSpec:
    """What a trial trains. Raises UsageError for a value that its preset does not take."""
    make = spec.final_run if trial.stage == "final" else spec.trial_run
    return make(trial.point, trial.seed)


def _of_search(spec: SweepSpec, trials: Sequence[Trial]) -> Sequence[tuple[Point, int]]:
    """The seeds that a point still wants, or those of a new one."""
    seeds = spec.plan.seeds
    tried = verdicts(trials, is_minimised=spec.plan.is_minimised)
    for verdict in tried:
        if missing := [seed for seed in seeds if seed not in {trial.seed for trial in verdict.trials}]:
            return [(verdict.point, seed) for seed in missing]
    point = propose(spec, tried)
    return [] if point is None else [(point, seed) for seed in seeds]


def _of_winners(spec: SweepSpec, trials: Sequence[Trial]) -> Sequence[tuple[Point, int]]:
    begun = {(trial.point, trial.seed) for trial in trials if trial.stage == "final"}
    found = [(point, seed) for seed in spec.plan.final.seeds for point in final_points(trials, spec.plan)]
    return [one for one in found if one not in begun]

"""Tree-structured Parzen estimator (Bergstra, Bardenet, Bengio & Kégl 2011) through Optuna (extra `tune`).

For every point a study is built anew in memory from what the arm has tried, with a sampler whose seed depends on the sweep's seed
and on the number of points alone: a search that was interrupted makes the suggestions that it would have made.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_optim.runs.search.turns import next_arm
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.space import Dimension, Range
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Verdict

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution


def propose(sweep: SweepSpec, tried: Sequence[Verdict]) -> Point | None:
    """Ask the estimator for the arm whose turn it is."""
    turn = next_arm(sweep.plan, tried)
    if turn is None:
        return None
    import optuna

    arm, own = turn
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    space = {name: _distribution(one, sweep.is_whole(arm, name)) for name, one in sweep.plan.space.items()}
    sampler = optuna.samplers.TPESampler(seed=_seed(sweep, arm, len(own)), constant_liar=True)
    study = optuna.create_study(sampler=sampler, direction="minimize" if sweep.plan.is_minimised else "maximize")
    study.add_trials([_told(verdict, space) for verdict in own])
    asked = study.ask(space)
    values = [(name, _value(asked.params[name], sweep.plan.space[name])) for name in space]
    return replace(arm, values=tuple(values))


def _seed(sweep: SweepSpec, arm: Point, number: int) -> int:
    text = f"{sweep.plan.seed} {arm.scenario} {arm.preset} {number}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _distribution(dimension: Dimension, is_whole: bool) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if not isinstance(dimension, Range):
        return CategoricalDistribution(dimension)
    is_log = dimension.scale == "log"
    if is_whole:
        return IntDistribution(math.ceil(dimension.low), math.floor(dimension.high), log=is_log)
    return FloatDistribution(dimension.low, dimension.high, log=is_log)


def _told(verdict: Verdict, space: "dict[str, BaseDistribution]") -> "optuna.trial.FrozenTrial":
    """A point as Optuna knows it: running ones count as poor until they end, diverged ones are the worst there is."""
    from optuna.trial import TrialState, create_trial

    params = dict(verdict.point.values)
    states = {trial.state for trial in verdict.trials}
    if "running" in states:
        return create_trial(state=TrialState.RUNNING, params=params, distributions=space)
    if states & {"failed", "stopped"}:
        return create_trial(state=TrialState.FAIL, params=params, distributions=space)
    if "pruned" in states:
        curve = next(trial.curve for trial in verdict.trials if trial.state == "pruned")
        return create_trial(
            state=TrialState.PRUNED,
            params=params,
            distributions=space,
            intermediate_values=dict(enumerate(curve, start=1)),
        )
    return create_trial(value=verdict.value, params=params, distributions=space)


def _value(suggested: Value, dimension: Dimension) -> Value:
    return (
        dimension.shortened(suggested) if isinstance(dimension, Range) and isinstance(suggested, float) else suggested
    )

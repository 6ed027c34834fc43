"""Random search (Bergstra & Bengio 2012, JMLR 13): independent draws from the space."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace

from tui_optim.runs.search.turns import next_arm
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.space import Range
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Verdict


def propose(sweep: SweepSpec, tried: Sequence[Verdict]) -> Point | None:
    """Draw a point for the arm whose turn it is."""
    turn = next_arm(sweep.plan, tried)
    if turn is None:
        return None
    arm, own = turn
    chance = random.Random(f"{sweep.plan.seed} {arm.scenario} {arm.preset} {len(own)}")
    values = [(name, _draw(chance, sweep, arm, name)) for name in sweep.plan.space]
    return replace(arm, values=tuple(values))


def _draw(chance: random.Random, sweep: SweepSpec, arm: Point, name: str) -> Value:
    dimension = sweep.plan.space[name]
    if not isinstance(dimension, Range):
        return chance.choice(dimension)
    value = _uniform(chance, dimension)
    return round(value) if sweep.is_whole(arm, name) else dimension.shortened(value)


def _uniform(chance: random.Random, within: Range) -> float:
    """A draw that is uniform on the range's scale."""
    if within.scale == "linear":
        return chance.uniform(within.low, within.high)
    value = math.exp(chance.uniform(math.log(within.low), math.log(within.high)))
    return min(max(value, within.low), within.high)  # rounding may leave the interval by the last bit

"""Back-tracking until a step decreases F enough, by forward passes alone."""

import math
from typing import NamedTuple

import torch

from tui_optim.engine.batches import Batch
from tui_optim.engine.objective import Objective

SUFFICIENT_DECREASE = 1e-4
"""c₁ of Armijo's condition (Nocedal & Wright 2006, sufficient decrease)."""
MAX_TRIALS = 20


class Search(NamedTuple):
    """What a search along a direction found."""

    length: float
    """α; 0 where no trial decreased F enough, or the direction does not descend."""
    first_value: float
    """F at the first trial; NaN where there was none."""


def backtrack(
    objective: Objective, batch: Batch, direction: torch.Tensor, *, first: float, value: float, slope: torch.Tensor
) -> Search:
    """Halve α from `first` until F(θ + α p) ≤ F(θ) + c₁ α gᵀp on a batch; θ stays (Nocedal & Wright 2006, backtracking).

    `value` is F(θ) and `slope` is gᵀp on that batch. A trial costs a forward pass, ⅓ of a gradient.
    """
    if not slope < 0:
        return Search(0.0, math.nan)
    here, descent, first_value = objective.point, float(slope), math.nan
    for trial in range(MAX_TRIALS):
        length = first / 2**trial
        reached = objective.value_at(here + length * direction, batch)
        first_value = reached if trial == 0 else first_value
        if reached <= value + SUFFICIENT_DECREASE * length * descent:
            return Search(length, first_value)
    return Search(0.0, first_value)

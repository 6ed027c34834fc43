"""SGD with a batch that grows geometrically (Bottou, Curtis & Nocedal 2018, eqs. 5.6-5.7).

    for k = 0, 1, …:
        n_k ← min(⌈n_0 τ^k⌉, n_max)
        g ← mean of ∇f_i(θ) over the next n_k examples
        θ ← SGD step with g

With a constant rate, plain SGD stalls where the noise of g balances its progress. The noise of this g falls as 1/n_k, so on
strongly convex problems the gap falls linearly in the number of steps; the work per step grows to match.
"""

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "GeometricBatch":
    """Build from the hyper-parameters of `spec.optimizers`."""
    sgd: dict[str, Any] = dict(values)
    growth, max_batch_size = sgd.pop("growth"), sgd.pop("max_batch_size")
    optimizer = torch.optim.SGD(model.parameters(), **sgd)
    return GeometricBatch(optimizer, growth=growth, max_batch_size=max_batch_size)


class GeometricBatch(GradientStep):
    """Sets the size of the batch before every step; the run's batch size is n₀."""

    def __init__(self, optimizer: torch.optim.SGD, *, growth: float, max_batch_size: int) -> None:
        """`growth` is τ ≥ 1, `max_batch_size` is n_max; a first batch larger than that keeps its size."""
        super().__init__(optimizer)
        self._growth, self._max_batch_size = growth, max_batch_size
        self._num_steps = 0
        self._first_size = 0
        """n₀, known from the first step on."""

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Step k with a batch of n_k."""
        if self._num_steps == 0:
            self._first_size = batches.batch_size
        largest = max(self._first_size, min(self._max_batch_size, objective.num_examples))
        batches.batch_size = self._size(largest)
        self._num_steps += 1
        return super().step(objective, batches)

    def state_dict(self) -> dict[str, Any]:
        """State of SGD, k and n₀."""
        return {"optimizer": super().state_dict(), "num_steps": self._num_steps, "first_size": self._first_size}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        super().load_state_dict(state_dict["optimizer"])
        self._num_steps, self._first_size = state_dict["num_steps"], state_dict["first_size"]

    def _size(self, largest: int) -> int:
        """n_k; compared by logarithms first, for τ^k of a long run has no float."""
        if self._num_steps * math.log(self._growth) >= math.log(largest / self._first_size):
            return largest
        return min(largest, math.ceil(self._first_size * self._growth**self._num_steps))

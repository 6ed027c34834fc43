"""Stochastic quasi-Newton with curvature at averaged iterates (Byrd, Hansen, Nocedal & Singer 2016).

    g ← ∇F_S(θ);  θ ← θ − η H g, H from the last `memory` pairs (the identity before there is one)
    every `update_every` steps, θ̄ the average of their iterates, from the second time on:
        s ← θ̄ − θ̄ of the last time;  y ← ∇²F_{S_H}(θ̄) s on a batch S_H of its own

In Bottou, Curtis & Nocedal 2018: Alg. 6.2 with eq. 6.13–6.14. Noise does not enter y as it would enter a difference of two
gradients, and a pair's product is paid for once in many steps.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.engine.optimizers.second_order.two_loop import Pair, inverse_hessian_times, with_pair
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "StochasticQuasiNewton":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return StochasticQuasiNewton(
        lr=numbers["lr"],
        l2=numbers["weight_decay"],
        update_every=numbers["update_every"],
        memory=numbers["memory"],
        curvature_batch_size=numbers["curvature_batch_size"],
        is_gauss_newton=numbers["curvature"] == "gauss-newton",
        min_curvature=numbers["min_curvature"],
    )


class StochasticQuasiNewton(VectorMethod):
    """Limited-memory quasi-Newton steps on mini-batch gradients."""

    remembered = ("pairs", "num_steps", "iterate_sum", "last_average")

    def __init__(
        self,
        *,
        lr: float,
        l2: float,
        update_every: int,
        memory: int,
        curvature_batch_size: int,
        is_gauss_newton: bool,
        min_curvature: float,
    ) -> None:
        """As in `spec.optimizers`."""
        super().__init__(lr=lr, l2=l2)
        self._update_every, self._memory = update_every, memory
        self._curvature_batch_size, self._is_gauss_newton = curvature_batch_size, is_gauss_newton
        self._min_curvature = min_curvature
        self.pairs: list[Pair] = []
        self.num_steps = 0
        self.iterate_sum: torch.Tensor | None = None
        self.last_average: torch.Tensor | None = None

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One quasi-Newton step; the last of `update_every` steps also makes a pair."""
        gradient, seen = objective.gradient(batches.next())
        here = objective.point
        self.iterate_sum = here if self.iterate_sum is None else self.iterate_sum + here
        objective.point = here - self.lr * inverse_hessian_times(gradient, self.pairs)
        self.num_steps += 1
        if self.num_steps % self._update_every == 0:
            average, self.iterate_sum = self.iterate_sum / self._update_every, None
            if self.last_average is not None:
                self._learn(average, average - self.last_average, objective, batches)
            self.last_average = average
        return seen

    def _learn(self, average: torch.Tensor, displacement: torch.Tensor, objective: Objective, batches: Batches) -> None:
        """y by a product of the curvature at θ̄ with s."""
        sample = batches.random(self._curvature_batch_size)
        with objective.moved_to(average):
            curvature = objective.gauss_newton(sample) if self._is_gauss_newton else objective.hessian(sample)
            change = curvature(displacement)
        self.pairs = with_pair(self.pairs, displacement, change, memory=self._memory, min_curvature=self._min_curvature)

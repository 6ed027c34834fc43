"""SARAH: stochastic recursive gradient (Nguyen, Liu, Scheinberg & Takáč 2017).

    v ← ∇F(θ);  θ⁻ ← θ;  θ ← θ − η v
    for j = 1 … m:
        draw a mini-batch S
        v ← ∇F_S(θ) − ∇F_S(θ⁻) + v
        θ⁻ ← θ;  θ ← θ − η v

v is biased, but goes to zero within a cycle, which SVRG's estimate does not. A cycle starts from the last iterate of the one
before, where their analysis draws one of them; the mini-batches come in passes over the training set.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "SARAH":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return SARAH(lr=numbers["lr"], l2=numbers["weight_decay"], inner_steps=numbers["inner_steps"])


class SARAH(VectorMethod):
    """Cycles of one full-gradient step and m recursive mini-batch steps."""

    remembered = ("inner_step", "estimate", "last_point")

    def __init__(self, *, lr: float, l2: float, inner_steps: int) -> None:
        """`inner_steps` is m, the mini-batch steps of a cycle; 0 for one pass."""
        super().__init__(lr=lr, l2=l2)
        self._inner_steps = inner_steps
        self.inner_step = 0
        """Position in the cycle; 0 is the step with the full gradient."""
        self.estimate = torch.empty(0)
        """v, shape [d]."""
        self.last_point = torch.empty(0)
        """θ⁻, shape [d]."""

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """The full-gradient step of a cycle, which sees the whole training set, or one of its mini-batch steps."""
        if self.inner_step == 0:
            self.estimate, seen = objective.gradient(objective.whole)
        else:
            batch = batches.next()
            gradient, seen = objective.gradient(batch)
            self.estimate = gradient - objective.gradient_at(self.last_point, batch) + self.estimate
        self.last_point = objective.point
        objective.point = self.last_point - self.lr * self.estimate
        self.inner_step = (self.inner_step + 1) % ((self._inner_steps or batches.steps_per_pass) + 1)
        return seen

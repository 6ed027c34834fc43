"""Momentum as an exponential moving average (EMA) of gradients, starting from zero.

m ← β m + (1 − β) g,  m₀ = 0
θ ← θ − η m

The weights on past gradients sum to 1 − βᵗ: the first steps are short, and nothing corrects it (Adam's m̂ would). Heavy ball sums
gradients with weight 1 each instead: its rate η (1 − β) gives the same steps.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "MomentumEMA":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return MomentumEMA(lr=numbers["lr"], beta=numbers["beta"], l2=numbers["weight_decay"])


class MomentumEMA(VectorMethod):
    """Steps along the running mean of the mini-batch gradients."""

    remembered = ("mean",)

    def __init__(self, *, lr: float, beta: float, l2: float = 0.0) -> None:
        """`beta` is the decay β of the mean."""
        super().__init__(lr=lr, l2=l2)
        self._beta = beta
        self.mean: torch.Tensor | None = None

    @property
    def momentum(self) -> torch.Tensor | None:
        """m."""
        return self.mean

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """m ← β m + (1 − β) g on the next mini-batch; θ ← θ − η m."""
        gradient, seen = objective.gradient(batches.next())
        if self.mean is None:
            self.mean = torch.zeros_like(gradient)
        self.mean = self.mean.lerp(gradient, 1 - self._beta)
        objective.point = objective.point - self.lr * self.mean
        return seen

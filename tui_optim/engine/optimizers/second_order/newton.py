"""Newton's method with the whole Hessian, for problems with few parameters (Nocedal & Wright 2006, Newton's direction).

g ← ∇F(θ);  H ← ∇²F(θ), column by column
θ ← θ − η (H + λ_d I)⁻¹ g
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "Newton":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return Newton(lr=numbers["lr"], l2=numbers["weight_decay"], damping=numbers["damping"])


class Newton(VectorMethod):
    """Full Newton steps on the whole training set."""

    def __init__(self, *, lr: float, l2: float, damping: float) -> None:
        """`damping` is λ_d, constant."""
        super().__init__(lr=lr, l2=l2)
        self._damping = damping

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One Newton step; where H + λ_d I is singular, the shortest of the steps that solve best."""
        del batches
        gradient, seen = objective.gradient(objective.whole)
        product = objective.hessian(objective.whole)
        columns = [product(unit) for unit in torch.eye(len(gradient), dtype=gradient.dtype, device=gradient.device)]
        hessian = torch.stack(columns, dim=1)
        hessian = (hessian + hessian.T) / 2  # symmetric to the last bit
        hessian.diagonal().add_(self._damping)
        objective.point = objective.point - self.lr * (torch.linalg.pinv(hessian, hermitian=True) @ gradient)
        return seen

"""BFGS with the whole inverse Hessian approximation, for problems with few parameters (Nocedal & Wright 2006, Alg. 6.1).

g ← ∇F(θ)
H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ with s = θ − θ_last, y = g − g_last, ρ = 1 / sᵀy   (eq. 6.17)
α ← η, η/2, η/4, … until F(θ − α H g) ≤ F(θ) − c₁ α gᵀH g;  θ ← θ − α H g
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.engine.optimizers.second_order.backtracking import backtrack
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "BFGS":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return BFGS(lr=numbers["lr"], l2=numbers["weight_decay"])


class BFGS(VectorMethod):
    """Quasi-Newton steps on the whole training set; a pair costs nothing more than the gradients of the steps."""

    remembered = ("inverse", "last_point", "last_gradient")

    def __init__(self, *, lr: float, l2: float) -> None:
        """`lr` is the first step length that the line search tries."""
        super().__init__(lr=lr, l2=l2)
        self.inverse: torch.Tensor | None = None
        """H, shape [d, d]; the identity while there is none."""
        self.last_point: torch.Tensor | None = None
        self.last_gradient: torch.Tensor | None = None

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Learn from the last step, then take one."""
        del batches
        gradient, seen = objective.gradient(objective.whole)
        here = objective.point
        if self.last_point is not None and self.last_gradient is not None:
            self._learn(here - self.last_point, gradient - self.last_gradient)
        self.last_point, self.last_gradient = here, gradient
        direction = -gradient if self.inverse is None else -(self.inverse @ gradient)
        search = backtrack(
            objective,
            objective.whole,
            direction,
            first=self.lr,
            value=objective.loss_of(seen),
            slope=gradient @ direction,
        )
        objective.point = here + search.length * direction
        return seen

    def _learn(self, displacement: torch.Tensor, change: torch.Tensor) -> None:
        """Update H; Armijo's condition does not make sure that sᵀy > 0, so a pair without it is left out."""
        curvature = displacement @ change
        if not curvature > 0:
            return
        if self.inverse is None:  # eq. 6.20: the right scale before the first update
            identity = torch.eye(len(change), dtype=change.dtype, device=change.device)
            self.inverse = curvature / (change @ change) * identity
        turned = self.inverse @ change
        mixed = torch.outer(displacement, turned)
        along = (1 + change @ turned / curvature) * torch.outer(displacement, displacement)
        self.inverse = self.inverse + (along - mixed - mixed.T) / curvature  # the products of eq. 6.17 multiplied out

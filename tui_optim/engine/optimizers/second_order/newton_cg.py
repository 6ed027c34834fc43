"""Sub-sampled Newton-CG, also called Hessian-free (Bottou, Curtis & Nocedal 2018, Alg. 6.1, eq. 6.16; Martens 2010).

draw S, and S_H from S;  g ← ∇F_S(θ)
p ← −(B + λ_d I)⁻¹ g by at most max_cg conjugate gradient iterations, B the Gauss–Newton matrix or Hessian on S_H
α ← η, η/2, η/4, … until F_S(θ + α p) ≤ F_S(θ) + c₁ α gᵀp
θ ← θ + α p
λ_d ← 3/2 λ_d or 2/3 λ_d, by how well the model gᵀp + ½ pᵀBp foretold F_S at the first trial
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.engine.optimizers.second_order.backtracking import backtrack
from tui_optim.engine.optimizers.second_order.conjugate_gradients import conjugate_gradients
from tui_optim.spec.hyperparameters import Value

DAMPING_FACTOR = 3 / 2
POOR, GOOD = 1 / 4, 3 / 4
"""Ratios of actual to foretold decrease below and above which the damping changes (Martens 2010, Levenberg–Marquardt damping)."""


def build(model: nn.Module, values: Mapping[str, Value]) -> "NewtonCG":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return NewtonCG(
        lr=numbers["lr"],
        l2=numbers["weight_decay"],
        curvature_batch_size=numbers["curvature_batch_size"],
        max_cg=numbers["max_cg"],
        is_gauss_newton=numbers["curvature"] == "gauss-newton",
        cg_tolerance=numbers["cg_tolerance"],
        damping=numbers["damping"],
        preconditioning=numbers["preconditioning"],
        warm_start=numbers["warm_start"],
    )


class NewtonCG(VectorMethod):
    """Newton steps whose linear system is solved by a few conjugate gradient iterations on a small curvature batch."""

    remembered = ("damping", "direction")

    def __init__(
        self,
        *,
        lr: float,
        l2: float,
        curvature_batch_size: int,
        max_cg: int,
        is_gauss_newton: bool,
        cg_tolerance: float,
        damping: float,
        preconditioning: float,
        warm_start: float,
    ) -> None:
        """`lr` is the first step length that the line search tries; the rest as in `spec.optimizers`."""
        super().__init__(lr=lr, l2=l2)
        self._curvature_batch_size, self._max_cg, self._cg_tolerance = curvature_batch_size, max_cg, cg_tolerance
        self._is_gauss_newton = is_gauss_newton
        self._preconditioning, self._warm_start = preconditioning, warm_start
        self.damping = damping
        self.direction: torch.Tensor | None = None

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One inexact Newton step."""
        batch = batches.next()
        gradient, seen = objective.gradient(batch)
        sample = _subset(batch, self._curvature_batch_size, batches.generator)
        curvature = objective.gauss_newton(sample) if self._is_gauss_newton else objective.hessian(sample)
        damping = self.damping
        solution = conjugate_gradients(
            lambda vector: curvature(vector) + damping * vector,
            -gradient,
            max_iterations=self._max_cg,
            tolerance=self._cg_tolerance,
            start=self._start(),
            diagonal=self._diagonal(gradient),
        )
        direction, value, slope = solution.vector, objective.loss_of(seen), gradient @ solution.vector
        search = backtrack(objective, batch, direction, first=self.lr, value=value, slope=slope)
        curved = direction @ (-gradient - solution.residual) - damping * (direction @ direction)  # pᵀBp
        foretold = float(self.lr * slope + self.lr**2 / 2 * curved)
        self._adapt_damping(search.first_value - value, foretold)
        if search.length > 0:
            objective.point = objective.point + search.length * direction
        self.direction = direction if search.length > 0 else None
        return seen

    def _start(self) -> torch.Tensor | None:
        """Where the iteration starts: at the decayed last direction, or at zero."""
        if self._warm_start == 0 or self.direction is None:
            return None
        return self._warm_start * self.direction

    def _diagonal(self, gradient: torch.Tensor) -> torch.Tensor | None:
        """(g² + λ_d)^ξ with the square of the batch's gradient, which costs nothing more.

        Martens 2010 takes the squares of each example's gradient.
        """
        if self._preconditioning == 0:
            return None
        # without damping, where a unit is dead: neither 0 / 0 nor an overflow
        positive = (gradient.square() + self.damping).clamp_min(torch.finfo(gradient.dtype).tiny)
        return positive**self._preconditioning

    def _adapt_damping(self, change: float, foretold: float) -> None:
        """λ_d grows where the model was too hopeful, or the search found nothing (`change` is NaN then)."""
        ratio = change / foretold if foretold < 0 else 0.0
        if not ratio >= POOR:
            self.damping *= DAMPING_FACTOR
        elif ratio > GOOD:
            self.damping /= DAMPING_FACTOR


def _subset(batch: Batch, size: int, generator: torch.Generator) -> Batch:
    """Random examples of a batch without replacement; the whole of a batch that is not larger."""
    if size >= len(batch.labels):
        return batch
    chosen = torch.randperm(len(batch.labels), generator=generator)[:size].to(batch.labels.device)
    return Batch(batch.inputs.index_select(0, chosen), batch.labels.index_select(0, chosen))

"""SAGA (Defazio, Bach & Lacoste-Julien 2014; Bottou, Curtis & Nocedal 2018, Alg. 5.2).

    at the start: g_b ← ∇f_b(θ) for every block
    draw a block b;  g ← ∇f_b(θ)
    θ ← θ − η (B p_b (g − g_b) + Σ p_b g_b)
    g_b ← g

B p_b is 1 for blocks of equal size; it keeps the estimate unbiased where the last examples do not fill one.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.noise_reduction.gradient_table import GradientTableMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "SAGA":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return SAGA(lr=numbers["lr"], l2=numbers["weight_decay"], blocks=numbers["blocks"])


class SAGA(GradientTableMethod):
    """Steps along a gradient whose error the table cancels on average."""

    def open(self, objective: Objective, batches: Batches) -> None:
        """Fill the table with the gradients at the start; costs n."""
        super().open(objective, batches)
        for block in range(self.num_blocks):
            gradient, _ = objective.part_gradient(batches.rows(self.rows(block)))
            self.store(block, gradient)

    def estimate(self, block: int, gradient: torch.Tensor) -> torch.Tensor:
        """Unbiased over the draw of the block."""
        return self.num_blocks * self.share(block) * (gradient - self.table[block]) + self.mean

"""SAG: stochastic average gradient (Schmidt, Le Roux & Bach 2017; Bottou, Curtis & Nocedal 2018, eq. 5.15).

    draw a block b;  g ← ∇f_b(θ)
    g_b ← g
    θ ← θ − η Σ p_b g_b / Σ p_b, both sums over the blocks seen so far

The table starts with zeros and the mean goes over the blocks seen so far (Schmidt et al., re-weighting on early
iterations), so that nothing has to be computed before the first step. The estimate is biased: the new gradient weighs no more
than the old ones.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.noise_reduction.gradient_table import GradientTableMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "SAG":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return SAG(lr=numbers["lr"], l2=numbers["weight_decay"], blocks=numbers["blocks"])


class SAG(GradientTableMethod):
    """Steps along the mean of the table."""

    def estimate(self, block: int, gradient: torch.Tensor) -> torch.Tensor:
        """The mean of the table as it will be with the new gradient, over the examples that it then covers."""
        num_new = 0 if self.is_filled[block] else len(self.rows(block))
        replaced = self.mean + self.share(block) * (gradient - self.table[block])
        return replaced * (len(self.order) / (self.num_covered + num_new))

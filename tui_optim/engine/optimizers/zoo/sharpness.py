"""SAM: the gradient is taken where the loss nearby is worst (Foret et al. 2021).

draw B
g ← ∇F_B(θ);  ε ← ρ g / ‖g‖
g ← ∇F_B(θ + ε)
θ ← update(θ, g)   of SGD with momentum
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value

if TYPE_CHECKING:
    from pytorch_optimizer import SAM


class SharpnessAwareStep(GradientStep):
    """Two gradients on one batch: at θ, and uphill from there."""

    def __init__(self, sam: "SAM") -> None:
        """Wrap the package's SAM, whose state is its base optimizer's."""
        super().__init__(sam)
        self._sam = sam

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Go uphill, take the gradient, come back and step with it; what is seen is seen at θ."""
        batch = batches.next()
        seen = objective.backward(batch)
        self._sam.first_step()
        with objective.statistics_kept():
            objective.backward(batch)
        self._sam.second_step()
        return seen


def build(model: nn.Module, values: Mapping[str, Value]) -> SharpnessAwareStep:
    """Around torch's SGD."""
    from pytorch_optimizer import SAM

    numbers: dict[str, Any] = dict(values)
    return SharpnessAwareStep(SAM(model.parameters(), torch.optim.SGD, **numbers))

"""AdaHessian and Sophia-H: the Hessian's diagonal by random probes in the place of squared gradients.

draw B
g ← ∇F_B(θ)
now and then:  h ← u ⊙ ∇²F_B(θ) u,  u random with mean 0 and covariance I, so that E h = diag ∇²F_B   (Hutchinson 1990)
θ ← update(θ, g, h)   (Yao et al. 2021; Liu et al. 2023)
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.building import with_betas
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value

if TYPE_CHECKING:
    from pytorch_optimizer import AdaHessian, SophiaH

Probe = Callable[[int, torch.Generator], torch.Tensor]
"""Maps a size d and a generator to a random vector [d]."""


class HessianDiagonalStep(GradientStep):
    """Hands the package an estimate of the diagonal whenever it is due; its own would draw from the global generator."""

    def __init__(self, optimizer: "AdaHessian | SophiaH", *, probe: Probe) -> None:
        """`optimizer` knows by its `update_period` when the diagonal is due."""
        super().__init__(optimizer)
        self._hessian_aware, self._probe = optimizer, probe

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """g on the next mini-batch, with the diagonal where it is due."""
        batch = batches.next()
        if self.param_groups[0].get("step", 0) % self._hessian_aware.update_period != 0:
            seen = objective.backward(batch)
            self._hessian_aware.step()
            return seen
        like = objective.parameters[0]
        size = sum(parameter.numel() for parameter in objective.parameters)
        probe = self._probe(size, batches.generator).to(device=like.device, dtype=like.dtype)
        seen, product = objective.backward_with_product(batch, probe)
        self._hessian_aware.step(hessian=objective.parts(probe * product))
        return seen


def adahessian(model: nn.Module, values: Mapping[str, Value]) -> HessianDiagonalStep:
    """AdaHessian, with a new diagonal in every step."""
    from pytorch_optimizer import AdaHessian

    return HessianDiagonalStep(AdaHessian(model.parameters(), **with_betas(values)), probe=signs)


def sophia_h(model: nn.Module, values: Mapping[str, Value]) -> HessianDiagonalStep:
    """Sophia-H."""
    from pytorch_optimizer import SophiaH

    arguments: dict[str, Any] = with_betas(values)
    clip, period = arguments.pop("clip"), arguments.pop("update_every")
    return HessianDiagonalStep(SophiaH(model.parameters(), p=clip, update_period=period, **arguments), probe=gaussian)


def signs(size: int, generator: torch.Generator) -> torch.Tensor:
    """±1 with equal chance."""
    return torch.randint(2, (size,), generator=generator) * 2 - 1


def gaussian(size: int, generator: torch.Generator) -> torch.Tensor:
    """N(0, I)."""
    return torch.randn(size, generator=generator)

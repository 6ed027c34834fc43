"""The optimizers that torch has, in their default implementation (the one that the assignment's script uses)."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.building import Builder, with_betas
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value


def native(optimizer: Callable[..., torch.optim.Optimizer]) -> Builder:
    """The builder of one that takes its hyper-parameters by our names."""
    return lambda model, values: GradientStep(optimizer(model.parameters(), **with_betas(values)))


def rprop(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Rprop."""
    numbers: dict[str, Any] = dict(values)
    return GradientStep(
        RpropWithDecay(
            list(model.parameters()),
            lr=numbers["lr"],
            etas=(numbers["eta_minus"], numbers["eta_plus"]),
            step_sizes=(numbers["min_step"], numbers["max_step"]),
            weight_decay=numbers["weight_decay"],
        )
    )


def adafactor(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adafactor."""
    numbers: dict[str, Any] = dict(values)
    return GradientStep(
        torch.optim.Adafactor(
            model.parameters(),
            lr=numbers["lr"],
            beta2_decay=-numbers["beta2_exponent"],
            eps=(None, numbers["min_scale"]),
            d=numbers["clip_threshold"],
            weight_decay=numbers["weight_decay"],
        )
    )


class RpropWithDecay(torch.optim.Rprop):
    """Rprop with λ/2 ‖θ‖² in the objective: torch's own has no weight decay, and scenarios with L2 ask for it."""

    def __init__(
        self,
        parameters: list[nn.Parameter],
        *,
        lr: float,
        etas: tuple[float, float],
        step_sizes: tuple[float, float],
        weight_decay: float,
    ) -> None:
        """`weight_decay` is λ; the rest is torch's."""
        super().__init__(parameters, lr=lr, etas=etas, step_sizes=step_sizes)
        self._weight_decay = weight_decay

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """g ← g + λ θ, then torch's step."""
        for parameter in self.param_groups[0]["params"]:
            if parameter.grad is not None:
                parameter.grad.add_(parameter, alpha=self._weight_decay)
        return super().step(closure)


BUILDERS: dict[str, Builder] = {
    "sgd": native(torch.optim.SGD),
    "adagrad": native(torch.optim.Adagrad),
    "adadelta": native(torch.optim.Adadelta),
    "rmsprop": native(torch.optim.RMSprop),
    "adam": native(torch.optim.Adam),
    "adamw": native(torch.optim.AdamW),
    "adamax": native(torch.optim.Adamax),
    "nadam": native(torch.optim.NAdam),
    "radam": native(torch.optim.RAdam),
    "rprop": rprop,
    "adafactor": adafactor,
}

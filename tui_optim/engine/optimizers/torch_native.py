"""The optimizers that torch has, in their default implementation (the one that the assignment's script uses)."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.optimizers.method import GradientStep, Method
from tui_optim.spec.hyperparameters import Value


def sgd(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Plain, heavy-ball or Nesterov SGD."""
    return GradientStep(torch.optim.SGD(model.parameters(), **_arguments(values)))


def adagrad(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adagrad."""
    return GradientStep(torch.optim.Adagrad(model.parameters(), **_arguments(values)))


def adadelta(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adadelta."""
    return GradientStep(torch.optim.Adadelta(model.parameters(), **_arguments(values)))


def rmsprop(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """RMSProp."""
    return GradientStep(torch.optim.RMSprop(model.parameters(), **_arguments(values)))


def adam(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adam and AMSGrad."""
    return GradientStep(torch.optim.Adam(model.parameters(), **_arguments(values)))


def adamw(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """AdamW."""
    return GradientStep(torch.optim.AdamW(model.parameters(), **_arguments(values)))


def adamax(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adamax."""
    return GradientStep(torch.optim.Adamax(model.parameters(), **_arguments(values)))


def nadam(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """NAdam."""
    return GradientStep(torch.optim.NAdam(model.parameters(), **_arguments(values)))


def radam(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """RAdam."""
    return GradientStep(torch.optim.RAdam(model.parameters(), **_arguments(values)))


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


def _arguments(values: Mapping[str, Value]) -> dict[str, Any]:
    """torch's keyword arguments: ours, with `beta1` and `beta2` joined to `betas`."""
    arguments: dict[str, Any] = dict(values)
    if "beta1" in arguments:
        arguments["betas"] = (arguments.pop("beta1"), arguments.pop("beta2"))
    return arguments


BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {
    "sgd": sgd,
    "adagrad": adagrad,
    "adadelta": adadelta,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
    "adamax": adamax,
    "nadam": nadam,
    "radam": radam,
    "rprop": rprop,
    "adafactor": adafactor,
}

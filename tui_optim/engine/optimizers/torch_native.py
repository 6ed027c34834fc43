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
}

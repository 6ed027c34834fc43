"""The optimizers that torch has, in their default implementation (the one that the assignment's script uses)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.spec.hyperparameters import Value


def sgd(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """Plain, heavy-ball or Nesterov SGD."""
    return torch.optim.SGD(model.parameters(), **_arguments(values))


def adagrad(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """Adagrad."""
    return torch.optim.Adagrad(model.parameters(), **_arguments(values))


def adadelta(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """Adadelta."""
    return torch.optim.Adadelta(model.parameters(), **_arguments(values))


def rmsprop(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """RMSProp."""
    return torch.optim.RMSprop(model.parameters(), **_arguments(values))


def adam(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """Adam and AMSGrad."""
    return torch.optim.Adam(model.parameters(), **_arguments(values))


def adamw(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """AdamW."""
    return torch.optim.AdamW(model.parameters(), **_arguments(values))


def adamax(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """Adamax."""
    return torch.optim.Adamax(model.parameters(), **_arguments(values))


def nadam(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """NAdam."""
    return torch.optim.NAdam(model.parameters(), **_arguments(values))


def radam(model: nn.Module, values: Mapping[str, Value]) -> torch.optim.Optimizer:
    """RAdam."""
    return torch.optim.RAdam(model.parameters(), **_arguments(values))


def _arguments(values: Mapping[str, Value]) -> dict[str, Any]:
    """torch's keyword arguments: ours, with `beta1` and `beta2` joined to `betas`."""
    arguments: dict[str, Any] = dict(values)
    if "beta1" in arguments:
        arguments["betas"] = (arguments.pop("beta1"), arguments.pop("beta2"))
    return arguments

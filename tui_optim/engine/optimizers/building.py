"""How a method is made from the hyper-parameters of `spec.optimizers`."""

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value

Builder = Callable[[nn.Module, Mapping[str, Value]], Method]
"""From the model and complete hyper-parameters to the method."""


def with_betas(values: Mapping[str, Value]) -> dict[str, Any]:
    """Keyword arguments of torch and of packages like it: ours, with `beta1`, `beta2` and so on joined to `betas`."""
    names = [name for name in ("beta1", "beta2", "beta3") if name in values]
    arguments: dict[str, Any] = {name: value for name, value in values.items() if name not in names}
    return {**arguments, "betas": tuple(values[name] for name in names)} if names else arguments

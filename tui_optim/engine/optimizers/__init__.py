"""One builder per optimizer of `spec.optimizers`; a test keeps the two registries equal."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers import muon, torch_native
from tui_optim.engine.optimizers.update_rule import UpdateRule
from tui_optim.spec.hyperparameters import Value

BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], UpdateRule]] = {
    "sgd": torch_native.sgd,
    "adagrad": torch_native.adagrad,
    "adadelta": torch_native.adadelta,
    "rmsprop": torch_native.rmsprop,
    "adam": torch_native.adam,
    "adamw": torch_native.adamw,
    "adamax": torch_native.adamax,
    "nadam": torch_native.nadam,
    "radam": torch_native.radam,
    "muon": muon.build,
}

"""Methods of the package pytorch-optimizer (extra `zoo`), behind the same protocol."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value

ZOO_BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {}

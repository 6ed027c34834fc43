"""One builder per optimizer of `spec.optimizers`; a test keeps the two registries equal."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers import muon, torch_native
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.noise_reduction import NOISE_REDUCTION_BUILDERS
from tui_optim.engine.optimizers.second_order import SECOND_ORDER_BUILDERS
from tui_optim.engine.optimizers.zoo import ZOO_BUILDERS
from tui_optim.spec.hyperparameters import Value

BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {
    **torch_native.BUILDERS,
    "muon": muon.build,
    **NOISE_REDUCTION_BUILDERS,
    **SECOND_ORDER_BUILDERS,
    **ZOO_BUILDERS,
}

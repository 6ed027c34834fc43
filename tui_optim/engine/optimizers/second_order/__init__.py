"""Methods that use curvature, one module each."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.second_order import bfgs, kfac, lbfgs, multibatch_lbfgs, newton, newton_cg, sqn
from tui_optim.spec.hyperparameters import Value

SECOND_ORDER_BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {
    "newton-cg": newton_cg.build,
    "sqn": sqn.build,
    "multibatch-lbfgs": multibatch_lbfgs.build,
    "lbfgs": lbfgs.build,
    "newton": newton.build,
    "bfgs": bfgs.build,
    "kfac": kfac.build,
}

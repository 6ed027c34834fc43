"""Methods that use curvature, one module each."""

from tui_optim.engine.optimizers.building import Builder
from tui_optim.engine.optimizers.second_order import bfgs, kfac, lbfgs, multibatch_lbfgs, newton, newton_cg, sqn

SECOND_ORDER_BUILDERS: dict[str, Builder] = {
    "newton-cg": newton_cg.build,
    "sqn": sqn.build,
    "multibatch-lbfgs": multibatch_lbfgs.build,
    "lbfgs": lbfgs.build,
    "newton": newton.build,
    "bfgs": bfgs.build,
    "kfac": kfac.build,
}

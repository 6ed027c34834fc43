"""Methods of the package pytorch-optimizer, in the optional extra `zoo`."""

from tui_optim.spec.optimizers.optimizer import Optimizer

ZOO: tuple[Optimizer, ...] = ()

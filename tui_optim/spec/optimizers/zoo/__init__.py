"""Methods of the package pytorch-optimizer, in the optional extra `zoo`."""

from dataclasses import replace

from tui_optim.spec.optimizers.optimizer import Optimizer
from tui_optim.spec.optimizers.zoo.first_order import FIRST_ORDER
from tui_optim.spec.optimizers.zoo.second_order import SECOND_ORDER

ZOO: tuple[Optimizer, ...] = tuple(replace(method, extra="zoo") for method in (*FIRST_ORDER, *SECOND_ORDER))

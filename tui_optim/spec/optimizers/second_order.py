"""Curvature (Bottou, Curtis & Nocedal 2018, section 6)."""

from tui_optim.spec.optimizers.optimizer import Optimizer

SECOND_ORDER: tuple[Optimizer, ...] = ()

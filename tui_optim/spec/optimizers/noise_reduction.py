"""Noise reduction: gradient aggregation and growing batches (Bottou, Curtis & Nocedal 2018, section 5)."""

from tui_optim.spec.optimizers.optimizer import Optimizer

NOISE_REDUCTION: tuple[Optimizer, ...] = ()

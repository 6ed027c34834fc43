"""Noise reduction: gradient aggregation and growing batches, one module each."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.noise_reduction import geometric_batch, norm_test, sag, saga, sarah, svrg
from tui_optim.spec.hyperparameters import Value

NOISE_REDUCTION_BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {
    "svrg": svrg.build,
    "sag": sag.build,
    "saga": saga.build,
    "sarah": sarah.build,
    "geometric-batch": geometric_batch.build,
    "norm-test": norm_test.build,
}

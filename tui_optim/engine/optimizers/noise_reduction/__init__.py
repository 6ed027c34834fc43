"""Noise reduction: gradient aggregation and growing batches, one module each."""

from tui_optim.engine.optimizers.building import Builder
from tui_optim.engine.optimizers.noise_reduction import geometric_batch, norm_test, sag, saga, sarah, svrg

NOISE_REDUCTION_BUILDERS: dict[str, Builder] = {
    "svrg": svrg.build,
    "sag": sag.build,
    "saga": saga.build,
    "sarah": sarah.build,
    "geometric-batch": geometric_batch.build,
    "norm-test": norm_test.build,
}

"""One builder per optimizer of `spec.optimizers`; a test keeps the two registries equal."""

from torch import nn

from tui_optim.engine.optimizers import by_hand, momentum_ema, muon, torch_native
from tui_optim.engine.optimizers.building import Builder
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.noise_reduction import NOISE_REDUCTION_BUILDERS
from tui_optim.engine.optimizers.plugin import build_plugin
from tui_optim.engine.optimizers.second_order import SECOND_ORDER_BUILDERS
from tui_optim.engine.optimizers.zoo import ZOO_BUILDERS
from tui_optim.spec.run import RunSpec

BUILDERS: dict[str, Builder] = {
    **torch_native.BUILDERS,
    "muon": muon.build,
    "momentum-ema": momentum_ema.build,
    "sgd-by-hand": by_hand.build,
    **NOISE_REDUCTION_BUILDERS,
    **SECOND_ORDER_BUILDERS,
    **ZOO_BUILDERS,
}


def build_method(run: RunSpec, model: nn.Module) -> Method:
    """The method of a run over a model's parameters.

    Raises:
        UsageError: a plugin cannot be loaded any more, or builds something else than an optimizer.
    """
    if run.optimizer_origin:
        return build_plugin(run, model)
    return BUILDERS[run.optimizer](model, run.hyperparameters)

"""One builder per optimizer of `spec.optimizers`; a test keeps the two registries equal."""

from collections.abc import Callable, Mapping

from torch import nn

from tui_optim.engine.optimizers import by_hand, momentum_ema, muon, torch_native
from tui_optim.engine.optimizers.method import GradientStep, Method, TorchOptimizer
from tui_optim.engine.optimizers.noise_reduction import NOISE_REDUCTION_BUILDERS
from tui_optim.engine.optimizers.second_order import SECOND_ORDER_BUILDERS
from tui_optim.engine.optimizers.zoo import ZOO_BUILDERS
from tui_optim.spec.errors import UsageError, shown
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.plugins import load_plugin
from tui_optim.spec.run import RunSpec

BUILDERS: dict[str, Callable[[nn.Module, Mapping[str, Value]], Method]] = {
    **torch_native.BUILDERS,
    "muon": muon.build,
    "momentum-ema": momentum_ema.build,
    "sgd-by-hand": by_hand.build,
    **NOISE_REDUCTION_BUILDERS,
    **SECOND_ORDER_BUILDERS,
    **ZOO_BUILDERS,
}


def build_method(run: RunSpec, model: nn.Module) -> Method:
    """The method of a run over a model's parameters; a plugin's torch optimizer becomes a gradient step.

    Raises:
        UsageError: the plugin cannot be loaded any more, or builds something else.
    """
    if not run.optimizer_origin:
        return BUILDERS[run.optimizer](model, run.hyperparameters)
    built = load_plugin(run.optimizer_origin).build(model, run.hyperparameters)
    if not isinstance(built, Method | TorchOptimizer):
        raise UsageError(
            f"plugin {run.optimizer_origin}: build returned {shown(built)}; expected a torch.optim.Optimizer or a Method"
        )
    if any("lr" not in group for group in built.param_groups):
        raise UsageError(f"plugin {run.optimizer_origin}: a parameter group has no 'lr', which schedules set")
    return built if isinstance(built, Method) else GradientStep(built)

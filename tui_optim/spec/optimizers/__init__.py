"""The optimizers that can be chosen: data only; `engine.optimizers` holds the builder of each."""

from tui_optim.spec.errors import unknown
from tui_optim.spec.optimizers.adaptive import ADAPTIVE
from tui_optim.spec.optimizers.momentum import MOMENTUM
from tui_optim.spec.optimizers.noise_reduction import NOISE_REDUCTION
from tui_optim.spec.optimizers.optimizer import FAMILIES, FAMILY_TITLES, Family, Optimizer
from tui_optim.spec.optimizers.second_order import SECOND_ORDER
from tui_optim.spec.optimizers.zoo import ZOO

__all__ = ["FAMILIES", "FAMILY_TITLES", "OPTIMIZERS", "Family", "Optimizer", "all_optimizers", "find_optimizer"]

OPTIMIZERS: dict[str, Optimizer] = {
    optimizer.id: optimizer for optimizer in (*MOMENTUM, *ADAPTIVE, *NOISE_REDUCTION, *SECOND_ORDER, *ZOO)
}


def all_optimizers() -> dict[str, Optimizer]:
    """Those that come with the program, then the plugins; a plugin cannot replace one of ours."""
    from tui_optim.spec.plugins import find_plugins  # not above: plugins are made of what is defined here

    return {plugin.optimizer.id: plugin.optimizer for plugin in find_plugins().by_id.values()} | OPTIMIZERS


def find_optimizer(optimizer_id: str) -> Optimizer:
    """Look an optimizer up; raises UsageError with the nearest valid name."""
    if optimizer_id in OPTIMIZERS:
        return OPTIMIZERS[optimizer_id]
    known = all_optimizers()
    if optimizer_id not in known:
        raise unknown("optimizer", optimizer_id, known)
    return known[optimizer_id]

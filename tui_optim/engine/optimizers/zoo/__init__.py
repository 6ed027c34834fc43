"""Methods of the package pytorch-optimizer (extra `zoo`), behind the same protocol.

The package is optional and takes a second to import: only a builder imports it.
"""

from collections.abc import Mapping

from torch import nn

from tui_optim.engine.optimizers.building import Builder
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.zoo import (
    gradient_steps,
    hessian_diagonal,
    kronecker,
    lookahead,
    schedule_free,
    sharpness,
)
from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import missing_extra
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS

_BUILDERS: dict[str, Builder] = {
    "lion": gradient_steps.lion,
    "adan": gradient_steps.adan,
    "lamb": gradient_steps.lamb,
    "prodigy": gradient_steps.prodigy,
    "lookahead": lookahead.build,
    "sam": sharpness.build,
    "schedule-free-sgd": schedule_free.schedule_free_sgd,
    "schedule-free-adamw": schedule_free.schedule_free_adamw,
    "shampoo": kronecker.shampoo,
    "soap": gradient_steps.soap,
    "sophia-h": hessian_diagonal.sophia_h,
    "adahessian": hessian_diagonal.adahessian,
    "psgd-kron": kronecker.psgd_kron,
}


def _if_installed(optimizer_id: str, build: Builder) -> Builder:
    def build_if_installed(model: nn.Module, values: Mapping[str, Value]) -> Method:
        if missing := missing_extra(OPTIMIZERS[optimizer_id]):
            raise UsageError(missing)
        return build(model, values)

    return build_if_installed


ZOO_BUILDERS: dict[str, Builder] = {
    optimizer_id: _if_installed(optimizer_id, build) for optimizer_id, build in _BUILDERS.items()
}

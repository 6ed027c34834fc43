"""Hyper-parameters that several of the extra's methods have."""

from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers.optimizer import beta

DECOUPLED = "decoupled weight decay λ: θ ← θ − η λ θ"


def beta1(default: float) -> Hyperparameter:
    """β₁ where it is not Adam's usual one."""
    return beta("beta1", default, "decay β₁ of the gradient's running mean")

"""The methods that take one gradient on one mini-batch: the package's update does the rest."""

from collections.abc import Mapping

from torch import nn

from tui_optim.engine.optimizers.building import with_betas
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.spec.hyperparameters import Value


def lion(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Lion."""
    from pytorch_optimizer import Lion

    return GradientStep(Lion(model.parameters(), **with_betas(values)))


def adan(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Adan with the paper's proximal weight decay."""
    from pytorch_optimizer import Adan

    return GradientStep(Adan(model.parameters(), **with_betas(values)))


def lamb(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """LAMB with weight decay inside the trust ratio, as in the paper.

    Without bias correction, which the ratio would cancel: the package corrects the first moment only, after the ratio, and
    the first steps would be ten times too long.
    """
    from pytorch_optimizer import Lamb

    return GradientStep(Lamb(model.parameters(), weight_decouple=False, adam_debias=True, **with_betas(values)))


def prodigy(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """Prodigy."""
    from pytorch_optimizer import Prodigy

    return GradientStep(Prodigy(model.parameters(), **with_betas(values)))


def soap(model: nn.Module, values: Mapping[str, Value]) -> GradientStep:
    """SOAP; its first step sets the bases and moves nothing."""
    from pytorch_optimizer import SOAP

    arguments = with_betas(values)
    frequency, longest = arguments.pop("update_every"), arguments.pop("max_dim")
    return GradientStep(
        SOAP(model.parameters(), precondition_frequency=frequency, max_precondition_dim=longest, **arguments)
    )

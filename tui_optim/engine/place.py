"""Where a run stands on an objective whose minimum is known."""

from dataclasses import dataclass

from torch import nn
from torch.nn.utils import parameters_to_vector

from tui_optim.spec.quadratics import Quadratic


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point with the objective there; none of it costs the run anything."""

    point: tuple[float, ...]
    """θ."""
    loss: float
    """F(θ)."""
    gap: float
    """F(θ) − F*, exact to its own last digits."""


def place_of(model: nn.Module, quadratic: Quadratic) -> Place:
    """Where the model's parameters are."""
    point = tuple(parameters_to_vector(model.parameters()).tolist())
    return Place(point=point, loss=quadratic.value(point), gap=quadratic.gap(point))

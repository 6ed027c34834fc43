"""What an optimizer is to the user: its formula, what it stores and costs, its hyper-parameters and what it asks for."""

from dataclasses import dataclass
from typing import Literal, get_args

from tui_optim.spec.hyperparameters import Hyperparameter

Family = Literal["basic", "schedules", "momentum", "adaptive", "noise-reduction", "second-order", "averaging"]
FAMILIES: tuple[Family, ...] = get_args(Family)

FAMILY_TITLES: dict[Family, str] = {
    "basic": "Basic gradient methods",
    "schedules": "Learning-rate schedules",
    "momentum": "Momentum",
    "adaptive": "Adaptive scaling",
    "noise-reduction": "Noise reduction",
    "second-order": "Second order",
    "averaging": "Iterate averaging",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimizer:
    """A method with its hyper-parameters. Where a sentence says d it means the number of parameters, n the examples."""

    id: str
    name: str
    family: Family
    formula: str
    """The update rule in Unicode, one line per step; θ parameters, g mini-batch gradient, η rate, λ weight decay."""
    source: str
    hyperparameters: tuple[Hyperparameter, ...]
    stores: str
    """What it keeps between steps, in units of d."""
    step_cost: str = "1 gradient per example of the batch"
    """What a step computes, in gradients per example."""
    helps: str = ""
    """A sentence: when to take it."""
    hurts: str = ""
    """A sentence: when not to."""
    is_full_batch: bool = False
    """Whether it needs exact gradients: batch_size must be 'full'."""
    max_parameters: int | None = None
    """Largest d that its dense matrices are sensible for."""
    needs_matrices: bool = False
    """Whether it means nothing without 2-D weights."""
    remembers_examples: bool = False
    """Whether it needs an example's gradient to be a function of the parameters alone: no BatchNorm, no dropout."""
    compares_points: bool = False
    """Whether it compares losses or gradients of the same examples at two points of a step: no dropout."""
    needs_cross_entropy: bool = False
    """Whether it draws labels from the softmax of the outputs."""
    searches_line: bool = False
    """Whether its `lr` is only the first length that a line search tries."""
    is_averaging: bool = False
    """Whether it is judged by a mean of its own iterates, so that no other averaging goes with it."""
    is_by_hand: bool = False
    """Whether it takes its gradients from a model that has them written out."""
    extra: str = ""
    """Name of the optional dependency group that it needs."""
    origin: str = ""
    """File or module of a plugin; empty for the ones that come with the program."""


def rate(default: float, help_text: str = "learning rate η") -> Hyperparameter:
    """`lr`."""
    return Hyperparameter(name="lr", default=default, help=help_text, maximum=1e6)


def beta(name: str, default: float, help_text: str) -> Hyperparameter:
    """A decay factor in [0, 1)."""
    return Hyperparameter(name=name, default=default, help=help_text, maximum=0.999999)


def eps(default: float) -> Hyperparameter:
    """The term that keeps a denominator from zero."""
    return Hyperparameter(name="eps", default=default, help="term ε that keeps the denominator from zero", maximum=1.0)


def decay(default: float = 0.0, help_text: str = "L2 coefficient λ") -> Hyperparameter:
    """`weight_decay`."""
    return Hyperparameter(name="weight_decay", default=default, help=help_text, maximum=10.0)


def momentum(default: float) -> Hyperparameter:
    """`momentum` of SGD."""
    return beta("momentum", default, "momentum μ")


def switch(name: str, help_text: str, *, default: bool = False) -> Hyperparameter:
    """true or false."""
    return Hyperparameter(name=name, kind="bool", default=default, help=help_text)


def count(name: str, default: int, help_text: str, *, minimum: int = 1, maximum: int = 1_000_000) -> Hyperparameter:
    """A whole number."""
    return Hyperparameter(name=name, kind="int", default=default, help=help_text, minimum=minimum, maximum=maximum)

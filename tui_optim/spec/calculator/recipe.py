"""What the calculator knows of an optimizer: the states that it keeps for a weight, and its step as lines."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_optim.spec.calculator.expression import Symbol
from tui_optim.spec.calculator.worksheet import G, T, W, Worksheet
from tui_optim.spec.hyperparameters import Hyperparameter, Value

Start = Callable[[Mapping[str, float]], float | None]
"""From gradient, weight, step and hyper-parameters to a state's value before the step; None where it has none yet."""

LR = Symbol("lr", "η")
BETA1, BETA2, BETA3 = Symbol("beta1", "β₁"), Symbol("beta2", "β₂"), Symbol("beta3", "β₃")
EPS = Symbol("eps", "ε")
DECAY = Symbol("weight_decay", "λ")
MU = Symbol("momentum", "μ")
SHARED = (LR, BETA1, BETA2, BETA3, EPS, DECAY, MU)
"""Hyper-parameters with one letter in all formulas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A number that an optimizer keeps for each weight between steps."""

    symbol: Symbol
    help: str
    is_positive: bool = False
    """Whether it cannot be below 0."""
    needs: str = ""
    """Hyper-parameter without which it is not kept."""
    start: Start = lambda _: 0.0
    """Its value before a step that is given none."""

    def is_kept(self, hyperparameters: Mapping[str, Value]) -> bool:
        """Whether it is kept with these hyper-parameters."""
        return not self.needs or bool(hyperparameters[self.needs])

    @property
    def about(self) -> Hyperparameter:
        """How it is checked: as a hyper-parameter is."""
        minimum = 0.0 if self.is_positive else -math.inf
        return Hyperparameter(name=self.symbol.name, default=0.0, help=self.help, minimum=minimum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The step of an elementwise optimizer for one weight."""

    states: tuple[State, ...]
    step: Callable[[Worksheet], None]
    symbols: tuple[Symbol, ...] = ()
    """Its own hyper-parameters, those in `SHARED` excepted."""
    corrects_bias: bool = False
    """Whether its running means can be divided by what is missing of them at the start."""


def add_l2(sheet: Worksheet) -> None:
    """Weight decay in the gradient: L2 regularisation; no line where there is none."""
    if sheet.is_on(DECAY.name):
        sheet.let(G, G + DECAY * W)


def corrected(sheet: Worksheet, mean: Symbol, beta: Symbol, hat: Symbol) -> Symbol:
    """A running mean that began at 0, divided by the weights that it has seen so far; itself without that correction."""
    return sheet.let(hat, mean / (1 - beta**T)) if sheet.corrects_bias else mean

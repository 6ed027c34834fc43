"""The sheet on which a step is calculated: every line is kept with its formula, its numbers and its value."""

from collections.abc import Mapping
from dataclasses import dataclass

from tui_optim.spec.calculator.expression import Expression, Symbol
from tui_optim.spec.hyperparameters import Value

G, W, T = Symbol("g", "g"), Symbol("w", "w"), Symbol("t", "t")
"""The gradient, the weight, and the number of the step, from 1."""
CHANGE = Symbol("dw", "Δw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a step."""

    name: str
    """The symbol as it is typed and as files have it: `m`, `v_hat`."""
    symbol: str
    """As it stands in the formula: `v̂`."""
    formula: str
    """With letters."""
    numbers: str
    """With numbers in their place."""
    value: float
    is_new: bool
    """Whether the symbol had no value before this line."""

    @property
    def equation(self) -> str:
        """Both sides: `m ← β₁ m + (1 − β₁) g`."""
        return f"{self.symbol} {'=' if self.is_new else '←'} {self.formula}"


class Worksheet:
    """What a step starts from, and its lines so far."""

    def __init__(self, values: Mapping[str, float], switches: Mapping[str, Value], *, corrects_bias: bool) -> None:
        """`values` by the name of the symbol; `switches` are the hyper-parameters that are no numbers."""
        self.values = dict(values)
        self.lines: list[Line] = []
        self.remarks: list[str] = []
        self.corrects_bias = corrects_bias
        self._switches = switches

    def let(self, symbol: Symbol, expression: Expression) -> Symbol:
        """Write a line: the symbol gets the expression's value; returns the symbol, for the lines that follow."""
        value = expression.value(self.values)
        self.lines.append(
            Line(
                name=symbol.name,
                symbol=symbol.letter,
                formula=expression.formula,
                numbers=expression.numbers(self.values),
                value=value,
                is_new=symbol.name not in self.values,
            )
        )
        self.values[symbol.name] = value
        return symbol

    def move(self, change: Expression) -> None:
        """The last two lines: Δw, and w with it."""
        self.let(CHANGE, change)
        self.let(W, W + CHANGE)

    def remark(self, sentence: str) -> None:
        """Say what the lines do not: which case this is."""
        self.remarks.append(sentence)

    def has(self, symbol: Symbol) -> bool:
        """Whether a symbol has a value."""
        return symbol.name in self.values

    def is_on(self, name: str) -> bool:
        """Whether a switch is on, a choice made, or a number other than 0."""
        return bool(self._switches.get(name, self.values.get(name)))

    def choice(self, name: str) -> str:
        """The value of a choice."""
        return str(self._switches[name])

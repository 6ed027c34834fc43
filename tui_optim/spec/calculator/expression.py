"""Formulas that can be written with letters, written with numbers, and computed.

`BETA1 * M + (1 - BETA1) * G` in Python is "β₁ m + (1 − β₁) g" with letters and "0.9 · 0.5 + (1 − 0.9) · 2" with numbers; its
value is computed in double precision. Nothing raises: as in torch, 0/0 is NaN, 1/0 is ∞, and what exceeds the range of floats
is ∞.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tui_optim.spec.calculator.numbers import format_number

Values = Mapping[str, float]
"""Name of a symbol → its value."""
_SUM, _QUOTIENT, _PRODUCT, _POWER, _ATOM = range(5)
"""How tightly the outermost operation of a text binds; a looser one is put into parentheses."""
_RAISED = {"2": "²", "t": "ᵗ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notation:
    """How the leaves of a formula are written."""

    of_symbol: Callable[["Symbol"], str]
    times: str
    is_raised: bool
    """Whether exponents are small letters."""


class Expression(ABC):
    """A formula; built with Python's operators, `root`, `magnitude`, `sign`, `largest` and `smallest`."""

    @abstractmethod
    def value(self, values: Values) -> float:
        """What it comes to."""

    @abstractmethod
    def write(self, notation: Notation) -> tuple[str, int]:
        """The text, and how tightly its outermost operation binds."""

    @property
    def formula(self) -> str:
        """With letters."""
        return self.write(_LETTERS)[0]

    def numbers(self, values: Values) -> str:
        """With numbers in the letters' place."""
        return self.write(
            Notation(of_symbol=lambda symbol: format_number(values[symbol.name]), times=" · ", is_raised=False)
        )[0]

    def __add__(self, other: "Operand") -> "Expression":
        return _Sum(self, _expression(other))

    def __radd__(self, other: float) -> "Expression":
        return _expression(other) + self

    def __sub__(self, other: "Operand") -> "Expression":
        return _Binary(" − ", self, _expression(other), lambda a, b: a - b, levels=(_SUM, _SUM, _QUOTIENT))

    def __rsub__(self, other: float) -> "Expression":
        return _expression(other) - self

    def __mul__(self, other: "Operand") -> "Expression":
        return _Binary("", self, _expression(other), lambda a, b: a * b, levels=(_PRODUCT, _PRODUCT, _PRODUCT))

    def __rmul__(self, other: float) -> "Expression":
        return _expression(other) * self

    def __truediv__(self, other: "Operand") -> "Expression":
        return _Binary(" / ", self, _expression(other), _divided, levels=(_QUOTIENT, _PRODUCT, _POWER))

    def __rtruediv__(self, other: float) -> "Expression":
        return _expression(other) / self

    def __pow__(self, other: "Operand") -> "Expression":
        return _Power(self, _expression(other))

    def __rpow__(self, other: float) -> "Expression":
        return _expression(other) ** self

    def __neg__(self) -> "Expression":
        return _Negative(self)


Operand = Expression | float


@dataclass(frozen=True, slots=True)
class Symbol(Expression):
    """A letter: a state, a hyper-parameter, the gradient, an intermediate value."""

    name: str
    """As the user types it."""
    letter: str
    """As it stands in a formula."""

    def value(self, values: Values) -> float:
        return values[self.name]

    def write(self, notation: Notation) -> tuple[str, int]:
        text = notation.of_symbol(self)
        return text, _SUM if text.startswith("−") else _ATOM


def constant(number: float) -> Expression:
    """A number."""
    return _Constant(number)


def root(operand: Expression) -> Expression:
    """√x; NaN for x < 0."""
    return _Prefix("√", operand, lambda x: math.sqrt(x) if x >= 0 else math.nan)


def sign(operand: Expression) -> Expression:
    """1, 0 or −1."""
    return _Call("sign", (operand,), lambda x: math.nan if math.isnan(x) else float((x > 0) - (x < 0)))


def magnitude(operand: Expression) -> Expression:
    """|x|."""
    return _Magnitude(operand)


def largest(first: Expression, second: Expression) -> Expression:
    """The larger of two; NaN where one is."""
    return _Call("max", (first, second), lambda a, b: math.nan if math.isnan(a + b) else max(a, b))


def smallest(first: Expression, second: Expression) -> Expression:
    """The smaller of two; NaN where one is."""
    return _Call("min", (first, second), lambda a, b: math.nan if math.isnan(a + b) else min(a, b))


_LETTERS = Notation(of_symbol=lambda symbol: symbol.letter, times=" ", is_raised=True)


@dataclass(frozen=True, slots=True)
class _Constant(Expression):
    number: float

    def value(self, values: Values) -> float:
        del values
        return self.number

    def write(self, notation: Notation) -> tuple[str, int]:
        del notation
        text = format_number(self.number)
        return text, _SUM if text.startswith("−") else _ATOM


@dataclass(frozen=True, slots=True)
class _Binary(Expression):
    operator: str
    """Empty for a product, which a notation writes its own way."""
    first: Expression
    second: Expression
    compute: Callable[[float, float], float]
    levels: tuple[int, int, int]
    """How tightly the whole binds, and how tightly each operand must."""

    def value(self, values: Values) -> float:
        return self.compute(self.first.value(values), self.second.value(values))

    def write(self, notation: Notation) -> tuple[str, int]:
        level, *needed = self.levels
        first, second = (
            _parted(one, notation, least) for one, least in zip((self.first, self.second), needed, strict=True)
        )
        return f"{first}{self.operator or notation.times}{second}", level


@dataclass(frozen=True, slots=True)
class _Sum(Expression):
    first: Expression
    second: Expression

    def value(self, values: Values) -> float:
        return self.first.value(values) + self.second.value(values)

    def write(self, notation: Notation) -> tuple[str, int]:
        first, second = _parted(self.first, notation, _SUM), self.second.write(notation)[0]
        if isinstance(self.second, Symbol) and second.startswith("−"):  # a negative number is taken away
            return f"{first} − {second[1:]}", _SUM
        return f"{first} + {_parted(self.second, notation, _QUOTIENT)}", _SUM


@dataclass(frozen=True, slots=True)
class _Power(Expression):
    base: Expression
    exponent: Expression

    def value(self, values: Values) -> float:
        try:
            power = self.base.value(values) ** self.exponent.value(values)
        except (OverflowError, ZeroDivisionError):
            return math.inf
        return power if isinstance(power, float) else math.nan  # a root of a negative number is complex

    def write(self, notation: Notation) -> tuple[str, int]:
        base = _parted(self.base, notation, _ATOM)
        exponent = _parted(self.exponent, notation, _ATOM)
        if exponent in _RAISED and (notation.is_raised or isinstance(self.exponent, _Constant)):
            return f"{base}{_RAISED[exponent]}", _POWER
        return f"{base}^{exponent}", _POWER


@dataclass(frozen=True, slots=True)
class _Negative(Expression):
    operand: Expression

    def value(self, values: Values) -> float:
        return -self.operand.value(values)

    def write(self, notation: Notation) -> tuple[str, int]:
        return f"−{_parted(self.operand, notation, _QUOTIENT)}", _SUM


@dataclass(frozen=True, slots=True)
class _Prefix(Expression):
    mark: str
    operand: Expression
    compute: Callable[[float], float]

    def value(self, values: Values) -> float:
        return self.compute(self.operand.value(values))

    def write(self, notation: Notation) -> tuple[str, int]:
        return f"{self.mark}{_parted(self.operand, notation, _ATOM)}", _POWER


@dataclass(frozen=True, slots=True)
class _Magnitude(Expression):
    operand: Expression

    def value(self, values: Values) -> float:
        return abs(self.operand.value(values))

    def write(self, notation: Notation) -> tuple[str, int]:
        return f"|{self.operand.write(notation)[0]}|", _ATOM


@dataclass(frozen=True, slots=True)
class _Call(Expression):
    name: str
    arguments: tuple[Expression, ...]
    compute: Callable[..., float]

    def value(self, values: Values) -> float:
        return self.compute(*(argument.value(values) for argument in self.arguments))

    def write(self, notation: Notation) -> tuple[str, int]:
        return f"{self.name}({', '.join(argument.write(notation)[0] for argument in self.arguments)})", _ATOM


def _expression(operand: Operand) -> Expression:
    return operand if isinstance(operand, Expression) else _Constant(float(operand))


def _parted(operand: Expression, notation: Notation, least: int) -> str:
    text, level = operand.write(notation)
    return text if level >= least else f"({text})"


def _divided(a: float, b: float) -> float:
    if b != 0:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1.0, b)

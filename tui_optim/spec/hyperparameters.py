"""Hyper-parameters: name, type, bounds and meaning; reading and checking what a user typed."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tui_optim.spec.errors import UsageError, nearest, shown, similar

Value = float | int | bool | str
Kind = Literal["float", "int", "bool", "choice", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hyperparameter:
    """One number, switch, choice or word that a user may set."""

    name: str
    default: Value
    help: str
    kind: Kind = "float"
    minimum: float = 0.0
    maximum: float = float("inf")
    is_open: bool = False
    """Whether the bounds themselves are excluded."""
    choices: tuple[str, ...] = ()

    @property
    def expected(self) -> str:
        """What a valid value is, in words: ``"a number in [0, 1)"``."""
        if self.kind == "bool":
            return "true or false"
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "text":
            return "one word"
        noun = "a whole number" if self.kind == "int" else "a number"
        left, right = ("(", ")") if self.is_open else ("[", "]")
        if self.minimum == -float("inf"):
            return noun
        if self.maximum == float("inf"):
            return f"{noun} {'>' if self.is_open else '≥'} {self.minimum:g}"
        return f"{noun} in {left}{self.minimum:g}, {self.maximum:g}{right}"

    def check(self, value: object, *, where: str) -> Value:
        """Return `value` in this hyper-parameter's type.

        Raises:
            UsageError: wrong type, not finite or out of bounds; the message says what was expected.
        """
        if self.kind == "bool":
            if isinstance(value, bool):
                return value
        elif self.kind == "choice":
            if isinstance(value, str) and value in self.choices:
                return value
            if isinstance(value, str) and (close := similar(value, self.choices)):
                raise UsageError(f"{where} = {shown(value)}: expected {self.expected}; did you mean {close!r}?")
        elif self.kind == "text":
            word = str(value)
            if word.isprintable() and len(word.split()) == 1 and word == word.strip():
                return word
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and self._is_within(value):
            if self.kind == "float":
                return float(value)
            if float(value).is_integer():
                return int(value)
        raise UsageError(f"{where} = {shown(value)}: expected {self.expected}")

    def _is_within(self, value: float) -> bool:
        try:
            if not math.isfinite(value):
                return False
        except OverflowError:  # an integer too large for a float
            return False
        if self.is_open:
            return self.minimum < value < self.maximum
        return self.minimum <= value <= self.maximum


def check_all(
    values: Mapping[str, object], known: tuple[Hyperparameter, ...], *, where: str, kind: str
) -> dict[str, Value]:
    """Check every given value; keys that are unknown are refused with the nearest valid name."""
    by_name = {parameter.name: parameter for parameter in known}
    checked: dict[str, Value] = {}
    for name, value in values.items():
        if name not in by_name:
            raise UsageError(f"{where}{name}: {kind} has no such key; {nearest(name, by_name)}")
        checked[name] = by_name[name].check(value, where=f"{where}{name}")
    return checked


def format_value(value: Value | None) -> str:
    """A value as a user would type it, in as few characters as say it exactly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def word_of(value: Value) -> str:
    """A value as a word of a command line; `parse_value` gives it back."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def flag(name: str, is_given: bool) -> list[str]:
    """An option of a command line without a value, where it is given."""
    return [name] if is_given else []


def option(name: str, value: object, *, usual: object = None) -> list[str]:
    """An option of a command line with its value, unless that is the usual one."""
    return [] if value == usual else [name, str(value)]


def parse_value(text: str) -> Value:
    """Read a value as typed on the command line or in an input field: bool, int, float, else text."""
    lowered = text.strip().lower()
    if lowered in ("true", "false"):
        return lowered == "true"
    for convert in (int, float):
        try:
            return convert(lowered)
        except ValueError:
            continue
    return text.strip()

"""Filters of runs as a user types them: `lr>=0.01 family~second state=diverged`.

Terms stand side by side and all of them have to hold. A term is a field, one of `OPERATORS` and a value, or a bare word, which
has to be a part of what a run is called. Values with blanks stand in quotes.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from tui_optim.report.cells import Cell, typed_number
from tui_optim.report.run_fields import Fields, RunField, value_text
from tui_optim.spec.errors import UsageError, nearest, shown, unknown
from tui_optim.store.catalogue import StoredRun

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~", "!~"]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
EXAMPLE = "lr>=0.01 family~second state=diverged"
TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})

FIELD = r"[A-Za-z_][\w.]*(?:-\w+)*"
"""What a field's name looks like."""
SIGN = r"!=|!~|<=|>=|==|=|<|>|~"
_COMPARISON = re.compile(rf"({FIELD})\s*({SIGN})\s*")
_SIGN = re.compile(SIGN)
_VALUE = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^\s"']\S*))(?=\s|$)""")
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A field compared with a value."""

    field: RunField
    operator: Operator
    value: str
    number: float | None
    """The value as a number, where it is one."""

    def holds(self, run: StoredRun) -> bool:
        """Whether a run meets it; what a run does not have equals nothing, holds nothing, and is in no order."""
        value = self.field.value(run)
        match self.operator:
            case "~" | "!~":
                return (self.value.lower() in value_text(value).lower() and value is not None) == (self.operator == "~")
            case "=" | "!=":
                return self._equals(value) == (self.operator == "=")
        if self.number is None or isinstance(value, (str, bool)) or value is None:
            return False
        return _ORDERS[self.operator](value, self.number)

    def _equals(self, value: Cell) -> bool:
        if value is None:
            return False
        if isinstance(value, bool):
            return self.value.lower() in (TRUE if value else FALSE)
        if isinstance(value, str) or self.number is None:
            return value_text(value).lower() == self.value.lower()
        return math.isclose(value, self.number, rel_tol=1e-9) or (math.isnan(value) and math.isnan(self.number))


@dataclass(frozen=True, slots=True)
class Word:
    """A bare word."""

    text: str

    def holds(self, run: StoredRun) -> bool:
        """Whether it is a part of preset, optimizer, scenario, name or note."""
        spec, wanted = run.info.spec, self.text.lower()
        called = (spec.preset, spec.optimizer, spec.scenario, run.label.name, run.label.note)
        return any(wanted in text.lower() for text in called)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """All of its terms have to hold; without any it lets every run pass."""

    text: str = ""
    """As the user wrote it, without superfluous blanks."""
    terms: tuple[Condition | Word, ...] = ()

    def passes(self, run: StoredRun) -> bool:
        """Whether a run meets every term."""
        return all(term.holds(run) for term in self.terms)


NO_FILTER = RunFilter()


def parse_filter(text: str, fields: Fields) -> RunFilter:
    """Read a filter over these fields.

    Raises:
        UsageError: a field that is not known, with the nearest one; an operator that the field does not take, or a value that it
            cannot have.
    """
    return RunFilter(text=" ".join(text.split()), terms=tuple(_terms(text, fields)))


def operators_of(field: RunField) -> tuple[Operator, ...]:
    """Those that a field takes."""
    return OPERATORS if field.is_ordered else ("=", "!=", "~", "!~")


def _terms(text: str, fields: Fields) -> Iterator[Condition | Word]:
    position = _next(text, 0)
    while position < len(text):
        head = _COMPARISON.match(text, position)
        start = head.end() if head else position
        body = _VALUE.match(text, start)
        if body is None:
            raise _no_value(text[position:], has_rest=start < len(text))
        value = next(group for group in body.groups() if group is not None)
        if head:
            yield _condition(head[1], head[2], value, fields)
        elif _SIGN.match(value):
            raise UsageError(f"{shown(value)} has no field before it: write, for example, lr>=0.01")
        elif value:
            yield Word(value)
        position = _next(text, body.end())


def _next(text: str, position: int) -> int:
    """Where the next term begins."""
    return position + len(text[position:]) - len(text[position:].lstrip())


def _no_value(rest: str, *, has_rest: bool) -> UsageError:
    if has_rest:
        return UsageError(f"{shown(rest)}: a quote is not closed, or text follows it without a blank")
    return UsageError(f"{rest.strip()} needs a value: for example lr>=0.01")


def _condition(name: str, sign: str, value: str, fields: Fields) -> Condition:
    field = fields.get(name) or fields.get(name.lower())
    if field is None:
        raise unknown("field", name, fields)
    operator: Operator = "=" if sign == "==" else next(one for one in OPERATORS if one == sign)
    if operator not in operators_of(field):
        raise UsageError(f"{field.name} is text: it takes {', '.join(operators_of(field))}, not {operator}")
    if operator in ("~", "!~"):
        return Condition(field=field, operator=operator, value=value, number=None)
    number = _number(value)
    if field.choices == ("true", "false"):
        if value.lower() not in TRUE | FALSE:
            raise UsageError(f"{field.name} is true or false, not {shown(value)}")
    elif field.choices and value.lower() not in field.choices:
        raise UsageError(f"{field.name}: {shown(value)} is none; {nearest(value, field.choices)}")
    elif number is None and (field.kind in ("number", "fraction") or operator in _ORDERS):
        raise UsageError(f"{field.name} {operator} {shown(value)}: expected a number")
    elif field.kind == "fraction" and number is not None and number > 1 and not value.endswith("%"):
        raise UsageError(f"{field.name} is a fraction: write {number / 100:g} or {number:g}%")
    return Condition(field=field, operator=operator, value=value, number=number)


def _number(text: str) -> float | None:
    try:
        return typed_number(text)
    except ValueError:
        return None

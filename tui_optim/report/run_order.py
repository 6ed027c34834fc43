"""Sorting runs by a field: `test_accuracy`, or `-test_accuracy` for the largest first."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from tui_optim.report.cells import Cell
from tui_optim.report.run_fields import Fields, RunField
from tui_optim.spec.errors import UsageError, unknown
from tui_optim.store.catalogue import StoredRun

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """By which field, and which end of it comes first."""

    field: RunField
    is_descending: bool = False

    @property
    def reversed(self) -> "RunOrder":
        """The other end first."""
        return replace(self, is_descending=not self.is_descending)

    @property
    def arrow(self) -> str:
        """Down where values fall from row to row."""
        return "↓" if self.is_descending else "↑"

    def arranged(self, items: Iterable[Item], value_of: Callable[[Item], Cell]) -> list[Item]:
        """The items by their values; those without one, or with NaN, come last whichever end is first."""
        valued = [(value_of(item), item) for item in items]
        having = [(sort_key(value), item) for value, item in valued if not is_missing(value)]
        having.sort(key=lambda pair: pair[0], reverse=self.is_descending)
        return [item for _, item in having] + [item for value, item in valued if is_missing(value)]


def parse_order(text: str, fields: Fields) -> RunOrder:
    """Read a field's name, with a minus in front for the largest first. Raises UsageError with the nearest field."""
    name = text.strip().removeprefix("-").strip()
    if not name:
        raise UsageError("--sort needs a field, for example --sort -test_accuracy")
    if name not in fields:
        raise unknown("field", name, fields)
    return RunOrder(field=fields[name], is_descending=text.strip().startswith("-"))


def order_runs(runs: Iterable[StoredRun], order: RunOrder) -> list[StoredRun]:
    """The runs in this order; where values are equal, as they were."""
    return order.arranged(runs, order.field.value)


def is_missing(value: Cell) -> bool:
    """Whether there is nothing to sort by."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def sort_key(value: Cell) -> tuple[bool, float, str]:
    """Numbers before words, which some fields have both of."""
    if isinstance(value, (int, float)):
        return False, float(value), ""
    return True, 0.0, str(value).lower()

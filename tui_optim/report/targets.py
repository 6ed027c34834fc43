"""Targets: an accuracy or a loss to reach, and what a run had spent when it did."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tui_optim.report.series import Axis, position_of
from tui_optim.report.statistics import median
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RunState
from tui_optim.spec.results import EpochResult

MEASURES = ("val_accuracy", "val_loss", "test_accuracy", "test_loss", "train_accuracy", "train_loss")


@dataclass(frozen=True, slots=True)
class Target:
    """A measure of the end of an epoch that is to reach a value: accuracies from below, losses from above."""

    measure: str
    value: float

    @property
    def text(self) -> str:
        """As users type it."""
        return f"{self.measure}{'>=' if self.measure.endswith('accuracy') else '<='}{self.value:g}"

    @property
    def title(self) -> str:
        """For the head of a column."""
        split, _, quantity = self.measure.partition("_")
        return f"{self.value * 100:g} % {split}" if quantity == "accuracy" else f"{split} loss {self.value:g}"

    def is_met(self, result: EpochResult) -> bool:
        """Whether this epoch reached it; a measure that the run does not have is never reached."""
        reached: float | None = getattr(result, self.measure)
        if reached is None:
            return False
        return reached >= self.value if self.measure.endswith("accuracy") else reached <= self.value

    def cost(self, results: Iterable[EpochResult], axis: Axis = "epoch") -> float:
        """What was spent at the end of the first epoch that met it, on this axis; ∞ where none did."""
        return next((position_of(result, axis) for result in results if self.is_met(result)), math.inf)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How the runs of a setting fared with a target."""

    costs: tuple[float, ...]
    """What each run had spent when it met the target, ∞ where it has not; a diverged run never meets one."""
    num_open: int
    """How many of these are ∞ for now only: their runs are not at their end, and may still meet it."""

    @property
    def num_runs(self) -> int:
        """All runs."""
        return len(self.costs)

    @property
    def num_hits(self) -> int:
        """The runs that met it."""
        return sum(map(math.isfinite, self.costs))

    @property
    def median(self) -> float | None:
        """Cost of the middle run; None while it is not known whether that one will meet the target."""
        middle = median(self.costs)
        return middle if math.isfinite(middle) or not self.num_open else None


def reach(
    outcomes: Sequence[tuple[RunState, Sequence[EpochResult]]],
    target: Target,
    axis: Axis = "epoch",
    *,
    until: float = math.inf,
) -> Reach:
    """How runs fared with a target, given how each ended and its epochs.

    `until` looks no further along the axis: what came later is taken as still to come.
    """
    costs: list[float] = []
    num_open = 0
    for state, results in outcomes:
        cost = math.inf if state == "diverged" else target.cost(results, axis)
        costs.append(cost if cost <= until else math.inf)
        num_open += math.isinf(costs[-1]) and (state not in ("finished", "diverged") or until < math.inf)
    return Reach(costs=tuple(costs), num_open=num_open)


def parse_target(text: str) -> Target:
    """Read `val_accuracy>=0.9` or `test_loss<=0.3`. Raises UsageError."""
    parts = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(\S+)\s*", text)
    try:
        value = float(parts[3]) if parts else math.nan
    except ValueError:
        value = math.nan
    if parts is None or parts[1] not in MEASURES or not math.isfinite(value):
        raise UsageError(
            f"target {text!r}: expected a measure, >= or <=, and a number, for example val_accuracy>=0.9; "
            f"measures: {', '.join(MEASURES)}"
        )
    target = Target(parts[1], value)
    if parts[2] not in target.text:
        raise UsageError(f"target {text!r}: accuracies rise and losses fall; write {target.text}")
    return target

"""Targets: an accuracy, a loss or a gap to the minimum to reach, and what a run had spent when it did."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.cells import typed_number
from tui_optim.report.columns import GAP
from tui_optim.report.measures import MEASURE_NAMES, followed_by
from tui_optim.report.series import Axis, RunSeries, position_of
from tui_optim.report.statistics import median
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import AT_THEIR_END, RunState
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec


@dataclass(frozen=True, slots=True)
class Target:
    """A measure that is to reach a value: accuracies from below, losses and the gap from above.

    Accuracies and losses count at the end of an epoch, the gap after every step that was measured.
    """

    measure: str
    value: float

    @property
    def text(self) -> str:
        """As users type it."""
        return f"{self.measure}{'>=' if self.measure.endswith('accuracy') else '<='}{self.value:g}"

    @property
    def title(self) -> str:
        """For the head of a column."""
        if self.measure == "gap":
            return f"{GAP.title} {self.value:g}"
        split, _, quantity = self.measure.partition("_")
        return f"{self.value * 100:g} % {split}" if quantity == "accuracy" else f"{split} loss {self.value:g}"

    def is_met(self, result: EpochResult) -> bool:
        """Whether this epoch reached it; a measure that the run does not have is never reached."""
        reached: float | None = getattr(result, self.measure)
        if reached is None:
            return False
        return reached >= self.value if self.measure.endswith("accuracy") else reached <= self.value

    def cost(self, series: RunSeries, axis: Axis = "epoch") -> float:
        """What a run had spent, on this axis, where it met the target first; ∞ where it did not."""
        if self.measure == "gap":
            return next(
                (x for x, y in zip(*series.curve("gap", "train", axis), strict=True) if y <= self.value), math.inf
            )
        return next((position_of(result, axis) for result in series.epochs if self.is_met(result)), math.inf)


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
    outcomes: Sequence[tuple[RunState, RunSeries]],
    target: Target,
    axis: Axis = "epoch",
    *,
    until_s: float = math.inf,
) -> Reach:
    """How runs fared with a target, given how each ended and its log.

    `until_s` looks no further than so much training: what came later is taken as still to come.
    """
    costs: list[float] = []
    num_open = 0
    for state, series in outcomes:
        cost = math.inf if state == "diverged" else target.cost(series, axis)
        is_hidden = until_s < math.inf and target.cost(series, "seconds") > until_s
        costs.append(math.inf if is_hidden else cost)
        num_open += math.isinf(costs[-1]) and (state not in AT_THEIR_END or until_s < math.inf)
    return Reach(costs=tuple(costs), num_open=num_open)


def own_targets(spec: RunSpec) -> list[Target]:
    """Those of a run's scenario, where the user names none."""
    return [Target(followed_by(spec).name, value) for value in spec.scenario_info.targets]


def parse_target(text: str) -> Target:
    """Read `val_accuracy>=0.9`, which is `val_accuracy>=90%`, or `test_loss<=0.3`. Raises UsageError."""
    parts = re.fullmatch(r"\s*(\w+)\s*(>=|<=)\s*(\S+)\s*", text)
    try:
        value = typed_number(parts[3]) if parts else math.nan
    except ValueError:
        value = math.nan
    if parts is None or parts[1] not in MEASURE_NAMES or not math.isfinite(value):
        raise UsageError(
            f"target {text!r}: expected a measure, >= or <=, and a number, for example val_accuracy>=0.9; "
            f"measures: {', '.join(MEASURE_NAMES)}"
        )
    if parts[3].endswith("%") and not parts[1].endswith("accuracy"):
        raise UsageError(f"target {text!r}: only accuracies are percentages; write {value:g} for {parts[3]}")
    target = Target(parts[1], value)
    if parts[2] not in target.text:
        raise UsageError(f"target {text!r}: accuracies rise and losses fall; write {target.text}")
    if target.measure.endswith("accuracy") and not 0 < value <= 1:
        raise UsageError(f"target {text!r}: accuracies are fractions above 0 and up to 1; write 0.9 for 90 %, or 90%")
    return target

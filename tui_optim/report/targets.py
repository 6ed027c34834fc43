"""Targets: an accuracy or a loss to reach, and what a run had spent when it did."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tui_optim.spec.errors import UsageError
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

    def cost(self, results: Iterable[EpochResult]) -> float:
        """Effective epochs (gradient evaluations ÷ n) at the end of the first epoch that met it; ∞ where none did."""
        return next((result.effective_epochs for result in results if self.is_met(result)), math.inf)


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

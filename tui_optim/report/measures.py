"""What runs are measured by, and which of it they are judged by."""

from dataclasses import dataclass
from typing import Literal

from tui_optim.report.cells import Column
from tui_optim.report.columns import GAP
from tui_optim.report.columns import measure as measure_column
from tui_optim.report.series import Split
from tui_optim.spec.errors import unknown
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a split; the gap F − F* is one of the training objective."""

    split: Split
    quantity: Literal["accuracy", "loss", "gap"]

    @property
    def name(self) -> str:
        """As in results and targets."""
        return "gap" if self.quantity == "gap" else f"{self.split}_{self.quantity}"

    @property
    def title(self) -> str:
        """For the head of a chart; accuracies are shown in percent."""
        if self.quantity == "gap":
            return GAP.title
        return f"{self.split.capitalize()} {self.quantity}{' %' if self.quantity == 'accuracy' else ''}"

    @property
    def column(self) -> Column:
        """Its column in tables."""
        return GAP if self.quantity == "gap" else measure_column(self.split, self.quantity)

    @property
    def is_minimised(self) -> bool:
        """Whether a smaller one is better."""
        return self.quantity != "accuracy"

    @property
    def factor(self) -> float:
        """What makes of it the number that a chart shows: accuracies are drawn in percent."""
        return 1.0 if self.is_minimised else 100.0


MEASURES = (
    *(Measure(split, quantity) for split in ("val", "test") for quantity in ("accuracy", "loss")),
    Measure("train", "gap"),
    *(Measure("train", quantity) for quantity in ("accuracy", "loss")),
)
"""What may choose comes first: held-out figures, and the gap where the minimum is known."""
MEASURE_NAMES = tuple(one.name for one in MEASURES)


def find_measure(name: str) -> Measure:
    """The measure of this name. Raises UsageError with the nearest valid one."""
    for one in MEASURES:
        if one.name == name:
            return one
    raise unknown("measure", name, MEASURE_NAMES)


def judged_split(spec: RunSpec) -> Split:
    """The split that a run is judged on: the held-out one where the test set was never evaluated."""
    return "val" if spec.holdout else "test" if spec.scenario_info.has_test else "train"


def judged_by(spec: RunSpec) -> Measure:
    """What a run is judged by before all: its accuracy, how far it is from the minimum, or else its loss."""
    scenario = spec.scenario_info
    return Measure(judged_split(spec), "accuracy" if scenario.has_accuracy else "gap" if scenario.quadratic else "loss")


def followed_by(spec: RunSpec) -> Measure:
    """What is known of a run after each epoch: as it is judged, or where test waits for its end as validation or training are."""
    judged = judged_by(spec)
    if not spec.test_once:
        return judged
    return Measure("val" if spec.scenario_info.validation_size else "train", judged.quantity)


def has_measure(spec: RunSpec, name: str) -> bool:
    """Whether a run is measured by this: it has the split, and accuracies or the gap."""
    split, _, quantity = name.partition("_")
    scenario = spec.scenario_info
    if name == "gap":
        return scenario.quadratic is not None
    if split == "test" and (spec.holdout or not scenario.has_test):
        return False
    if split == "val" and not (spec.holdout or scenario.validation_size):
        return False
    return quantity != "accuracy" or scenario.has_accuracy


def measures_on(scenario: Scenario, split: Split) -> tuple[Measure, ...]:
    """What a scenario has to show on a split: the loss, and accuracy or gap where it has one."""
    if scenario.has_accuracy:
        return Measure(split, "loss"), Measure(split, "accuracy")
    return (Measure(split, "loss"), Measure(split, "gap")) if scenario.quadratic else (Measure(split, "loss"),)

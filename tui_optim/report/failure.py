"""What a diverged run counts as, wherever it is read: chance accuracy and no loss, however good its figures were by accident.

A run that diverged is evaluated like any other, but where its weights happened to end is no achievement of its method. Tables,
curves, figures, reports and exports all take its figures from here.
"""

from dataclasses import replace
from math import nan

from tui_optim.report.series import Quantity
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec

FAILURE = "chance accuracy where there are classes, loss NaN"
"""For notes."""


def chance_accuracy(spec: RunSpec) -> float | None:
    """What guessing gets; None where there are no classes."""
    classes = spec.scenario_info.data_set.classes
    return 1 / len(classes) if classes else None


def failed_value(spec: RunSpec, quantity: Quantity) -> float | None:
    """What a diverged run has of a quantity: chance accuracy, else NaN; None where there are no classes."""
    return chance_accuracy(spec) if quantity == "accuracy" else nan


def failed_result(spec: RunSpec, reached: EpochResult | None) -> EpochResult:
    """The result of a diverged run on every split that it has; where it was then, and what it had spent, is as it was."""
    found = reached or EpochResult(epoch=0, step=0, elapsed_s=0.0, train_time_s=0.0, lr=nan)
    accuracy, loss = failed_value(spec, "accuracy"), failed_value(spec, "loss")
    has_test = spec.scenario_info.has_test and not spec.holdout
    has_val = spec.holdout or spec.scenario_info.validation_size > 0
    return replace(
        found,
        train_loss=loss,
        train_accuracy=accuracy,
        val_loss=loss if has_val else None,
        val_accuracy=accuracy if has_val else None,
        test_loss=loss if has_test else None,
        test_accuracy=accuracy if has_test else None,
        handout_loss=loss if spec.scenario_info.has_handout_loss and not spec.holdout else None,
        gap=failed_value(spec, "gap") if spec.scenario_info.quadratic else None,
        penalty=None,
        sparsity=None,
    )

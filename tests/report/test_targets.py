"""Targets: reading them, and the cost at which a run met one."""

import math
from dataclasses import replace

import pytest

from tests.factories import make_result, make_spec
from tui_optim.report.targets import Target, parse_target
from tui_optim.spec.errors import UsageError


@pytest.mark.parametrize("text", ["val_accuracy>=0.9", "test_loss<=0.3"])
def test_a_target_reads_as_it_is_written(text: str) -> None:
    """What is parsed is shown in the same words."""
    assert parse_target(text).text == text


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("val_acuracy>=0.9", "val_accuracy"),
        ("test_loss>=0.3", "write test_loss<=0.3"),
        ("test_accuracy>=high", "a number"),
        ("test_accuracy>=nan", "a number"),
        ("test_accuracy=0.9", ">= or <="),
    ],
)
def test_a_wrong_target_says_what_is_expected(text: str, part: str) -> None:
    """One line names the text and what to write."""
    with pytest.raises(UsageError) as raised:
        parse_target(text)
    assert repr(text) in str(raised.value)
    assert part in str(raised.value)


def test_the_cost_is_that_of_the_first_epoch_that_met_it() -> None:
    """A later fall below does not matter; never reached costs ∞, as does a measure that the run lacks."""
    spec = make_spec(epochs=3)
    accuracies = [0.1, 0.7, 0.88, 0.86]
    results = [make_result(spec, epoch, test_accuracy=value) for epoch, value in enumerate(accuracies)]
    results = [replace(result, effective_epochs=1.5 * result.epoch) for result in results]
    assert Target("test_accuracy", 0.85).cost(results) == 3.0
    assert Target("test_accuracy", 0.88).cost(results) == 3.0
    assert Target("test_accuracy", 0.9).cost(results) == math.inf
    assert Target("val_accuracy", 0.1).cost(results) == math.inf

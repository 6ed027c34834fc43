"""Targets: reading them, and the cost at which a run met one."""

import math
from dataclasses import replace

import pytest

from tests.factories import make_events, make_progress, make_result, make_series, make_spec, make_started
from tui_optim.report.targets import Target, own_targets, parse_target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Event


@pytest.mark.parametrize("text", ["val_accuracy>=0.9", "test_loss<=0.3", "gap<=1e-06"])
def test_a_target_reads_as_it_is_written(text: str) -> None:
    """What is parsed is shown in the same words."""
    assert parse_target(text).text == text


@pytest.mark.parametrize(("text", "value"), [("85%", 0.85), ("81.51%", 0.8151), ("100%", 1.0)])
def test_accuracies_are_percentages_as_in_filters(text: str, value: float) -> None:
    """To the last bit the fraction that it stands for: 8,151 of 10,000 reach 81.51 %."""
    assert parse_target(f"test_accuracy>={text}") == Target("test_accuracy", value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("val_acuracy>=0.9", "val_accuracy"),
        ("test_loss>=0.3", "write test_loss<=0.3"),
        ("test_accuracy>=high", "a number"),
        ("test_accuracy>=nan", "a number"),
        ("test_accuracy=0.9", ">= or <="),
        ("test_accuracy>=90", "write 0.9 for 90 %"),
        ("val_accuracy>=-1", "fractions"),
        ("val_accuracy>=900%", "fractions"),
        ("val_accuracy>=%", "a number"),
        ("test_loss<=30%", "only accuracies are percentages; write 0.3"),
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
    series = make_series(make_events(spec, results=results))
    assert Target("test_accuracy", 0.85).cost(series) == 3.0
    assert Target("test_accuracy", 0.88).cost(series) == 3.0
    assert Target("test_accuracy", 0.9).cost(series) == math.inf
    assert Target("val_accuracy", 0.1).cost(series) == math.inf


def test_a_gap_is_reached_at_a_step() -> None:
    """Within an epoch too: what every step was measured by is looked at step by step."""
    spec = make_spec("scalar-mean", epochs=1)
    events: list[Event] = [make_started(spec), *(replace(make_progress(step), gap=0.1**step) for step in range(1, 6))]
    series = make_series(events)
    assert Target("gap", 1e-3).cost(series, "step") == 4  # 0.1³ is a little above 10⁻³
    assert Target("gap", 1e-3).title == "f − f* 0.001"
    assert Target("gap", 1e-10).cost(series) == math.inf
    assert [target.text for target in own_targets(spec)] == ["gap<=0.001", "gap<=1e-06", "gap<=1e-10"]

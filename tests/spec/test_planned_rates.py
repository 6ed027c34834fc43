"""The rate over a run, before it starts."""

import pytest

from tests.factories import make_preset, make_source
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.planned_rates import PlannedRates, planned_rates, shape_of
from tui_optim.spec.run import resolve_run
from tui_optim.spec.schedules import SCHEDULES


def plan(
    scenario: str = "lenet5-fashion", *, epochs: int = 4, holdout: bool = False, **overrides: Value
) -> PlannedRates:
    """The plan of SGD at rate 0.2 with batches of 64."""
    preset = make_preset("sgd", hyperparameters={"lr": 0.2})
    settings = {name.replace("__", "."): value for name, value in overrides.items()}
    return planned_rates(
        resolve_run(scenario, preset, data=make_source(), epochs=epochs, holdout=holdout, overrides=settings)
    )


@pytest.mark.parametrize(
    ("scenario", "holdout", "steps"),
    [
        ("lenet5-fashion", False, 938),
        ("lenet5-fashion", True, 782),
        ("mlp-fashion", False, 782),
        ("mlp-fashion", True, 782),
    ],
)
def test_epochs_have_as_many_steps_as_the_run_will(scenario: str, holdout: bool, steps: int) -> None:
    """What is held out is not trained on: 60,000 images in batches of 64 are 938 steps, 50,000 are 782."""
    rates = plan(scenario, holdout=holdout)
    assert (rates.length.steps_per_epoch, rates.num_epochs) == (steps, 4)


def test_a_full_batch_is_one_step_an_epoch() -> None:
    """The plan of batch gradient descent over four epochs has four steps."""
    assert plan(batch_size="full").length.num_steps == 4


def test_samples_begin_and_end_with_the_run() -> None:
    """The first is the first step's rate, the last that of the last step; the epochs rise."""
    rates = plan(schedule__kind="cosine")
    samples = rates.sampled(50)
    assert samples[0] == (0.0, rates.at(0)) == (0.0, 0.2)
    assert samples[-1][1] == rates.at(rates.length.num_steps - 1) < 1e-5
    assert [epoch for epoch, _ in samples] == sorted(epoch for epoch, _ in samples)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_every_schedule_has_a_shape(kind: str) -> None:
    """Its defaults over ten epochs, between 0 and 1; all but two change."""
    rates = shape_of(kind)
    values = {rate for _, rate in rates.sampled(100)}
    assert 0 <= min(values) <= max(values) <= 1 + 1e-12
    assert (len(values) == 1) == rates.is_constant == (kind in ("constant", "plateau"))

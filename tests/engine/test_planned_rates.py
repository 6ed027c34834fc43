"""The rates that are drawn before a run are those that it trains with."""

import pytest

from tests.engine.runs_for_tests import CPU, Listener, make_run, sample_source, splits_of
from tui_optim.engine.loop import train
from tui_optim.spec.events import Progress, Started
from tui_optim.spec.planned_rates import planned_rates
from tui_optim.spec.schedules import SCHEDULES

NUM_EPOCHS = 3


@pytest.mark.parametrize("kind", sorted(set(SCHEDULES) - {"plateau"}))
def test_a_run_trains_at_the_planned_rates(kind: str) -> None:
    """Every reported rate is the plan's of that step, to the last bit; epochs have as many steps as planned."""
    run = make_run(
        sample_source(), scenario="mlp-fashion", schedule={"kind": kind}, batch_size=250, epochs=NUM_EPOCHS, lr=0.05
    )
    listener, rates = Listener(), planned_rates(run)
    train(run, listener.emit, listener, data=splits_of(run), device=CPU)
    (started,) = [event for event in listener.events if isinstance(event, Started)]
    reported = {event.step: event.lr for event in listener.events if isinstance(event, Progress)}
    assert started.steps_per_epoch == rates.length.steps_per_epoch
    assert max(reported) == rates.length.num_steps
    assert reported == {step: rates.at(step - 1) for step in reported}

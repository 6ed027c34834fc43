"""What is said of runs that have finished, and of stored runs: thresholds on either side, and nothing of a healthy one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import EXPLODED, make_preset, make_result, make_run, make_series, make_spec
from tui_optim.report.finding import Verdict
from tui_optim.report.standstill import verdict_of_end
from tui_optim.report.verdict import suggested_run, verdict_lines, verdict_of
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Examined
from tui_optim.store.home import Home, open_home

SPEC = make_spec("mlp-fashion", make_preset(hyperparameters={"lr": 0.1}), epochs=4)
FALLING = (2.0, 1.5, 1.2, 1.0)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def verdict_on(
    val: Sequence[float], train: Sequence[float] = FALLING, accuracies: Sequence[float] = ()
) -> Verdict | None:
    """Of a run with these validation losses from the untrained model on, and training losses from epoch 1 on."""
    results = [
        replace(make_result(SPEC, epoch), val_loss=loss, train_loss=([None, *train])[epoch], val_accuracy=accuracy)
        for epoch, (loss, accuracy) in enumerate(zip(val, accuracies or [0.1] * len(val), strict=True))
    ]
    return verdict_of_end(SPEC, results)


def test_a_run_overfits_from_a_tenth_on() -> None:
    """Validation loss up by 10 % from its lowest while the training loss falls; the epoch of the lowest is suggested."""
    assert verdict_on([2.3, 1.6, 1.0, 1.05, 1.09]) is None
    verdict = verdict_on([2.3, 1.6, 1.0, 1.05, 1.2])
    assert verdict is not None
    assert (verdict.finding, verdict.changes) == ("overfit", {"epochs": 2})
    assert "since epoch 2 the validation loss went from 1 up to 1.2 (+20 %)" in verdict.sentence
    assert "training loss went from 1.5 down to 1" in verdict.sentence
    assert verdict_on([2.3, 1.6, 1.0, 1.05, 1.2], train=(2.0, 1.5, 1.6, 1.7)) is None


def test_a_run_stands_still_within_a_hundredth() -> None:
    """The lowest validation loss is above 99 % of the untrained one, and no more is right than was."""
    assert verdict_on([2.3, 2.29, 2.28, 2.27, 2.27]) is None
    verdict = verdict_on([2.3, 2.299, 2.298, 2.297, 2.296], train=(2.299, 2.298, 2.297, 2.296))
    assert verdict is not None
    assert (verdict.finding, verdict.changes) == ("stalled", {"lr": 1.0})
    assert "less than 1 % down" in verdict.sentence
    unclear = verdict_on([2.3, 2.31, 2.3, 2.31, 2.3], train=(2.31, 2.3, 2.31, 2.3))
    assert unclear is not None
    assert "do not say why" in unclear.sentence
    assert not unclear.changes
    dead = verdict_on([2.3, 2.31, 2.3, 2.31, 2.3], train=(40.0, 2.3, 2.31, 2.3))
    assert dead is not None
    assert dead.changes == {"lr": 0.01}
    assert verdict_on([2.3, 2.31, 2.3, 2.31, 2.3], train=(2.31,) * 4, accuracies=(0.1, 0.2, 0.3, 0.4, 0.5)) is None


def test_a_run_may_get_worse_without_a_number_that_is_not_finite() -> None:
    """Both losses end above where they began; an overfit one, whose training loss falls, has not got worse."""
    verdict = verdict_on([2.3, 50.0, 1e3, 1e4, 1e5], train=(50.0, 1e3, 1e4, 1e5))
    assert verdict is not None
    assert (verdict.finding, verdict.changes) == ("worse", {"lr": 0.01})
    overfit = verdict_on([2.3, 1.0, 2.0, 3.0, 4.0])
    assert overfit is not None
    assert overfit.finding == "overfit"


def test_a_stored_death_has_figures_a_cause_and_a_run(home: Home) -> None:
    """The sentence, what it rests on, and the same run with one thing changed, in its specification and its command line."""
    run = make_run(home, SPEC, state="diverged", reason="the training loss is not finite from step 17 on")
    series = make_series([Examined(evidence=EXPLODED)])
    lines = verdict_lines(run, series)
    assert lines[0].startswith("why: The learning rate is too large: at 0.1 the loss grew from 2.3 to 1e+30")
    assert "  first bad layer: fc2" in lines
    assert "  gradient norm then: 4e+29" in lines
    assert lines[-1].endswith("lr=0.005 instead of 0.1 (its beginning was tried and lived)")
    again = suggested_run(run, verdict_of(run, series))
    assert again.hyperparameters["lr"] == 0.005
    assert "--set lr=0.005" in again.command
    assert again.model_copy(update={"hyperparameters": SPEC.hyperparameters, "overrides": {}}) == SPEC


def test_a_run_that_is_well_has_nothing_to_mend(home: Home) -> None:
    """Nothing is said of it, and asking for another run is answered with a sentence."""
    run = make_run(home, SPEC)
    series = make_series([])
    assert verdict_of(run, series) is None
    with pytest.raises(UsageError, match="a healthy run; no other run is suggested"):
        suggested_run(run, None)

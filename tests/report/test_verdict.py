"""What is said of runs that have finished, and of stored runs: thresholds on either side, and nothing of a healthy one."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import EXPLODED, make_preset, make_progress, make_result, make_run, make_series, make_spec
from tui_optim.report.death import verdict_of_death
from tui_optim.report.finding import Verdict
from tui_optim.report.standstill import verdict_of_end
from tui_optim.report.verdict import suggested_run, suggestion_text, verdict_lines, verdict_of
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import CommandSeen, Ended, Event, Examined
from tui_optim.spec.evidence import Evidence, Trial
from tui_optim.spec.run import RunSpec
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
    assert lines[0].startswith("why: The learning rate is too large: at 0.05 the loss grew from 2.3 to 1e+30")
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


def death_of(spec: RunSpec, evidence: Evidence | None, *told: CommandSeen) -> Verdict:
    """What is said of a run that was told this, and died with this evidence."""
    events: list[Event] = [*told, make_progress(49)]
    if evidence is not None:
        events.append(Examined(evidence=evidence))
    return verdict_of_death(
        spec, make_series([*events, Ended(state="diverged", reason="it is not finite from step 49 on")])
    )


def test_a_rate_that_rises_is_named_as_it_was_and_as_far_as_it_was_tried() -> None:
    """The rate of the last finite step, not the one it was to come to; and whether the trial saw its own largest."""
    rising = replace(EXPLODED, rate_share=0.5)
    verdict = death_of(SPEC, rising)
    assert "at 0.05, on its way up to 0.1, the loss grew from 2.3 to 1e+30" in verdict.sentence
    assert "after 44 steps, beyond its largest rate of 0.005." in verdict.sentence
    assert suggestion_text(SPEC, verdict).endswith(
        "(its beginning, up to beyond its largest rate, was tried and lived)"
    )
    partly = death_of(SPEC, replace(rising, trials=(replace(EXPLODED.trials[0], rate_share=0.2),)))
    assert "its rate then at 0.001 of 0.005; what comes after was not tried" in partly.sentence
    assert suggestion_text(SPEC, partly).endswith("(its beginning, up to a rate of 0.001, was tried and lived)")


def test_a_command_that_raised_the_rate_is_the_cause_where_trial_or_log_decides() -> None:
    """Named with factor and step; the same run without it is suggested. A run that lived on for longer is not decided."""
    told = CommandSeen(command="rate", step=40, value=100.0)
    untried = replace(EXPLODED, step=49, trials=(), untried="its rate was changed while it trained")
    trial = Trial(cause="command", changes={}, steps=30, last_loss=0.4, has_lived=True)
    verdict = death_of(SPEC, replace(untried, trials=(trial,)), told)
    assert verdict.finding == "command"
    assert "The rate was multiplied by 100 at step 40: at 0.05 the loss came to 1e+30" in verdict.sentence
    assert suggestion_text(SPEC, verdict) == (
        "its own rate, lr=0.1, and no command (its way beyond step 49 was tried and lived)"
    )
    assert (verdict.to_json()["without_commands"], verdict.changes) == (True, {})
    assert ("without the command", "loss 0.4 after 30 steps") in verdict.figures
    for evidence in (untried, None):
        logged = death_of(SPEC, evidence, told)
        assert (logged.finding, logged.has_suggestion, logged.was_tried) == ("command", True, False)
        assert "It had lived 40 steps before that, and lived 8 after it" in logged.sentence
    died_too = replace(untried, trials=(replace(trial, last_loss=float("inf"), has_lived=False),))
    assert death_of(SPEC, died_too, told).finding == "unknown"
    early = death_of(SPEC, untried, replace(told, step=5))
    assert (early.finding, early.is_without_commands) == ("unknown", True)
    lowered = death_of(SPEC, untried, replace(told, value=0.5))
    assert (lowered.finding, lowered.changes) == ("unknown", {"lr": 0.01})
    parents = death_of(SPEC, untried, told, CommandSeen(command="branch", step=45))
    assert (parents.finding, parents.is_without_commands) == ("unknown", False)


def test_the_run_without_its_commands_is_its_specification(home: Home) -> None:
    """What is queued differs in nothing."""
    run = make_run(home, SPEC, state="diverged")
    told = CommandSeen(command="rate", step=40, value=100.0)
    verdict = death_of(SPEC, None, told)
    assert suggested_run(run, verdict) == SPEC

"""A run ends once its validation loss has not been bettered for so many epochs; cut and resumed, in the same bits."""

import math

import pytest

from tests.engine.runs_for_tests import Listener, branch_at, make_run, numbers, train_here
from tests.factories import make_result, make_spec
from tui_optim.engine.judge import is_better
from tui_optim.engine.patience import Patience
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.forking import fork_run
from tui_optim.spec.keeping import Keeping
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec


def results(*losses: float, every: int = 1) -> list[EpochResult]:
    """An epoch for each validation loss; `every` epochs of a method end at once."""
    spec = make_spec("mlp-fashion", epochs=100)
    made = (make_result(spec, number * every) for number in range(1, len(losses) + 1))
    return [_with_loss(result, loss) for result, loss in zip(made, losses, strict=True)]


def _with_loss(result: EpochResult, loss: float) -> EpochResult:
    return EpochResult.from_json({**result.to_json(), "val_loss": loss})


def test_a_loss_that_is_no_number_is_never_the_best() -> None:
    """Whatever comes after it would be below it never: not even the first epoch is the best one by it."""
    nothing, good, worse = results(math.nan, 0.5, 0.6)
    assert not is_better(nothing, None)
    assert is_better(good, None)
    assert not is_better(nothing, good)
    assert not is_better(worse, good)


@pytest.mark.parametrize(
    ("losses", "keeping", "ends_at"),
    [
        ((0.5, 0.4, 0.3, 0.2), Keeping(patience=1), None),
        ((0.5, 0.4, 0.45, 0.44, 0.3), Keeping(patience=3), None),
        ((0.5, 0.4, 0.45, 0.44, 0.4), Keeping(patience=3), 5),
        ((0.5, 0.495, 0.489, 0.485), Keeping(patience=2, min_delta=0.01), None),
        ((0.5, 0.495, 0.492, 0.491), Keeping(patience=2, min_delta=0.01), 3),
        ((math.nan, 0.5, math.nan, math.inf), Keeping(patience=2), 4),
        ((math.nan, math.nan), Keeping(patience=2), 2),
        ((0.5, 0.6, 0.7), Keeping(), None),
    ],
)
def test_it_ends_where_a_loss_was_last_bettered_long_enough_ago(
    losses: tuple[float, ...], keeping: Keeping, ends_at: int | None
) -> None:
    """Equal is not better, nor is what is no number; with a delta, small steps add up to one that counts."""
    patience = Patience(keeping)
    found = None
    for result in results(*losses):
        patience.hear(result)
        if patience.is_over and found is None:
            found = result.epoch
    assert found == ends_at
    assert bool(patience.reason) == patience.is_over


def test_epochs_that_end_at_once_count_as_so_many() -> None:
    """A step that costs three epochs is evaluated once."""
    patience = Patience(Keeping(patience=3))
    better, worse = results(0.5, 0.6, every=3)
    patience.hear(better)
    assert not patience.is_over
    patience.hear(worse)
    assert patience.reason == "stopped early: val_loss 0.5 at epoch 3 was not bettered for 3 epochs"


def circles(keeping: Keeping, *, epochs: int = 12) -> RunSpec:
    """A run on half a hundred points, with some held out."""
    run = make_run(
        generated_source("circles"), scenario="circles", optimizer="adam", lr=0.02, holdout=True, epochs=epochs
    )
    return run.model_copy(update={"keeping": keeping})


def test_an_early_end_is_the_beginning_of_the_whole_run_and_comes_again_after_a_resume() -> None:
    """No loss is better by ten: four epochs of the twelve, the same bits; resumed from any, and from the end itself."""
    run = circles(Keeping(patience=3, min_delta=10.0, every=2))
    _, all_of_it = train_here(circles(Keeping()))
    ended, heard = train_here(run)

    assert (ended.state, len(heard.epochs) - 1) == ("finished", 4)
    assert ended.reason.startswith("stopped early: val_loss ")
    assert ended.reason.endswith(" at epoch 1 was not bettered by more than 10 for 3 epochs")
    assert ended.best is not None
    assert [numbers(one) for one in heard.epochs] == [numbers(one) for one in all_of_it.epochs[:5]]
    assert heard.staying == [heard.epochs[2].step, heard.epochs[4].step]
    for checkpoint in (heard.checkpoints[0], heard.checkpoints[1], heard.checkpoints[-1]):
        again, later = train_here(run, checkpoint=checkpoint)
        assert again.reason == ended.reason
        assert again.final is not None
        assert ended.final is not None
        assert numbers(again.final) == numbers(ended.final)
        assert [numbers(one) for one in later.epochs] == [numbers(one) for one in heard.epochs[5 - len(later.epochs) :]]


def test_a_fork_of_a_run_that_stopped_early_has_a_patience_of_its_own() -> None:
    """Its parent's is over: it goes on, for as many epochs as are allowed without a better loss from the branch on."""
    run = circles(Keeping(patience=3, min_delta=10.0))
    checkpoint = train_here(run)[1].checkpoints[-1]
    ended, heard = train_here(fork_run(branch_at(run, checkpoint), epochs=12), checkpoint=checkpoint)

    assert ended.reason.endswith(" at epoch 5 was not bettered by more than 10 for 3 epochs")
    assert [one.epoch for one in heard.epochs][-1] == 8


def test_a_run_that_gets_better_trains_all_of_its_epochs() -> None:
    """Then there is no reason."""
    ended, heard = train_here(circles(Keeping(patience=12)), listener=Listener(wants_checkpoints=False))
    assert (ended.state, ended.reason) == ("finished", "")
    assert len(heard.epochs) == 13
    assert heard.staying == []


def test_a_fork_waits_on_as_its_parent_did_and_anew_where_that_was_over_or_something_is_changed() -> None:
    """The parent ends after its fourth epoch; so does a fork of the second, and one of the end has three epochs more."""
    run = circles(Keeping(patience=3, min_delta=10.0))
    _, heard = train_here(run)
    second, last = heard.checkpoints[1], heard.checkpoints[-1]
    ends = {
        "as it was": (fork_run(branch_at(run, second)), second),
        "changed": (fork_run(branch_at(run, second), overrides={"lr": 0.01}), second),
        "from the end": (fork_run(branch_at(run, last)), last),
    }
    epochs = {name: train_here(fork, checkpoint=begin)[1].epochs[-1].epoch for name, (fork, begin) in ends.items()}
    assert epochs == {"as it was": 4, "changed": 6, "from the end": 8}

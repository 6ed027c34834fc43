"""A fork begins with its parent's state: unchanged it is the parent to the last bit, and what is changed holds from there on."""

from typing import Any

import pytest
import torch

from tests.engine.runs_for_tests import CPU, Listener, branch_at, make_run, numbers, splits_of, train_here
from tui_optim.engine.branch import take_up
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.training import Training
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.errors import DataError
from tui_optim.spec.events import Examined
from tui_optim.spec.forking import fork_run
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.planned_rates import planned_rates
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec


def begun(run: RunSpec, checkpoint: bytes) -> Training:
    """A run that has taken a checkpoint up."""
    heard = Listener()
    training = Training(run, heard.emit, heard, splits_of(run), CPU)
    take_up(training, checkpoint)
    return training


def preset_of(optimizer: str, schedule: dict[str, Value] | None = None, **values: Value) -> Preset:
    return Preset(
        id=optimizer,
        name=optimizer,
        family="adaptive",
        optimizer=optimizer,
        advice="",
        hyperparameters=values,
        schedule=schedule or {"kind": "constant"},
    )


def assert_same(one: Any, other: Any) -> None:
    """Equal to the last bit, whatever is nested."""
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name in one:
            assert_same(one[name], other[name])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for mine, theirs in zip(one, other, strict=True):
            assert_same(mine, theirs)
    else:
        assert one == other


@pytest.mark.parametrize(
    ("scenario", "preset"),
    [
        ("lenet5-fashion", "adam with all"),
        ("mlp-fashion", "svrg"),
        ("mlp-fashion", "kfac"),
        ("circles", "sgd-by-hand"),
    ],
)
def test_a_fork_without_changes_equals_its_parent_from_the_branch_on(
    source: DataSource, scenario: str, preset: str
) -> None:
    """The same losses, figures of each epoch, weights, states and draws: Adam with schedule and average, SVRG, K-FAC, by hand."""
    run = {
        "adam with all": lambda: make_run(
            source, optimizer="adam", schedule={"kind": "cosine", "warmup": 0.2}, epochs=2, batch_size=256, lr=0.003
        ).model_copy(update={"averaging": {"kind": "ema", "decay": 0.99}}),
        "svrg": lambda: make_run(source, scenario=scenario, optimizer="svrg", epochs=3, batch_size=256, lr=0.05),
        "kfac": lambda: make_run(source, scenario=scenario, optimizer="kfac", epochs=2, batch_size=512),
        "sgd-by-hand": lambda: make_run(
            generated_source("circles"), scenario="circles", optimizer="sgd-by-hand", epochs=4, batch_size=10, lr=0.5
        ),
    }[preset]()
    whole, heard = train_here(run)
    branch = branch_at(run, heard.checkpoints[0])

    fork = fork_run(branch)
    ended, forked = train_here(fork, checkpoint=heard.checkpoints[0])

    assert fork == run.model_copy(update={"parent": branch})
    assert whole.final is not None
    assert ended.final is not None
    assert numbers(ended.final) == numbers(whole.final)
    assert [numbers(one) for one in forked.epochs] == [numbers(one) for one in heard.epochs if one.epoch > branch.epoch]
    later = [one.loss for one in heard.progress if one.step > branch.step]
    assert [one.loss for one in forked.progress] == later
    mine, theirs = from_bytes(forked.checkpoints[-1]), from_bytes(heard.checkpoints[-1])
    for state in (mine, theirs):
        for name in ("train_time_s", "elapsed_s", "best"):
            del state[name]
    assert_same(mine, theirs)


def test_other_numbers_hold_from_the_branch_on_and_the_state_goes_on(source: DataSource) -> None:
    """Adam's moments and step count stay, its rate and β₁ are the fork's; the cosine goes on at its place, or begins anew."""
    run = make_run(
        source,
        scenario="mlp-fashion",
        optimizer="adam",
        schedule={"kind": "cosine"},
        epochs=2,
        batch_size=512,
        lr=0.004,
    )
    _, heard = train_here(run)
    checkpoint = heard.checkpoints[0]
    branch, before = branch_at(run, checkpoint), from_bytes(checkpoint)

    other = begun(fork_run(branch, overrides={"lr": 0.001, "beta1": 0.5}), checkpoint)

    state = other.method.state_dict()
    assert_same(state["state"], before["method"]["state"])
    assert (state["param_groups"][0]["betas"], other.num_steps) == ((0.5, 0.999), branch.step)
    assert other.rate.current == pytest.approx(before["method"]["param_groups"][0]["lr"] / 4)

    step = fork_run(branch, overrides={"schedule.kind": "step", "schedule.every": 1}, epochs=3)
    _, forked = train_here(step, checkpoint=checkpoint)
    rates = [one.lr for one in forked.progress]
    assert rates[0] == 0.004
    assert rates[-1] == 0.002
    planned = planned_rates(step)
    steps = [one.step for one in forked.progress]
    assert rates == [planned.at(at - 1) for at in steps]
    assert planned.at(branch.step - 1) == planned_rates(run).at(branch.step - 1)


def test_another_optimizer_begins_anew_at_the_same_place(source: DataSource) -> None:
    """Weights, order of the data, draws, counts and epochs are the parent's; the method is one that has taken no step."""
    run = make_run(source, scenario="mlp-fashion", optimizer="sgd", epochs=2, batch_size=256, lr=0.1, momentum=0.9)
    _, heard = train_here(run)
    checkpoint = heard.checkpoints[0]
    branch, before = branch_at(run, checkpoint), from_bytes(checkpoint)

    fork = fork_run(branch, preset=preset_of("adam", lr=0.002), overrides={"batch_size": 512}, epochs=3)
    training = begun(fork, checkpoint)

    assert_same(training.model.state_dict(), before["model"])
    assert training.method.state_dict()["state"] == {}
    assert training.rate.current == 0.002
    assert (training.num_epochs, training.epochs) == (1, 3)
    assert list(before["counters"]) == [getattr(training.counters, name) for name in type(training.counters).__slots__]
    assert training.batches.state_dict()["order_seed"] == before["batches"]["order_seed"]
    assert training.batches.batch_size == 512
    ended, forked = train_here(fork, checkpoint=checkpoint)
    assert ended.state == "finished"
    assert [one.epoch for one in forked.epochs] == [2, 3]
    assert forked.epochs[0].effective_epochs == 2.0


def test_a_fork_resumes_from_its_own_checkpoint(source: DataSource) -> None:
    """Cut after its first epoch it ends in the bits of one that was not; what it was told counts from its own beginning."""
    run = make_run(source, scenario="mlp-fashion", epochs=3, batch_size=256, lr=0.1)
    _, heard = train_here(run)
    fork = fork_run(branch_at(run, heard.checkpoints[0]), overrides={"lr": 0.05})
    whole, forked = train_here(fork, checkpoint=heard.checkpoints[0])

    resumed, _ = train_here(fork, checkpoint=forked.checkpoints[0])

    assert whole.final is not None
    assert resumed.final is not None
    assert numbers(resumed.final) == numbers(whole.final)


def test_a_fork_without_its_checkpoint_or_with_another_one_is_refused(source: DataSource) -> None:
    """It never begins with untrained weights instead."""
    run = make_run(source, scenario="mlp-fashion", epochs=2, batch_size=512, lr=0.1)
    _, heard = train_here(run)
    fork = fork_run(branch_at(run, heard.checkpoints[0]))
    assert fork.parent is not None
    with pytest.raises(DataError, match="the checkpoint of parent, from which this run goes on, is missing or damaged"):
        train_here(fork)
    elsewhere = fork.parent.model_copy(update={"step": 7})
    with pytest.raises(DataError, match="the checkpoint is of step 10, not 7, where this run branches off"):
        train_here(fork.model_copy(update={"parent": elsewhere}), checkpoint=heard.checkpoints[0])


def test_a_fork_that_dies_is_looked_at_from_its_branch_on(source: DataSource) -> None:
    """The loss that it began with is that at the branch, and the change that lets it live is tried there."""
    run = make_run(source, scenario="mlp-fashion", epochs=1, batch_size=64, lr=0.1)
    _, heard = train_here(run)
    fork = fork_run(branch_at(run, heard.checkpoints[-1]), overrides={"lr": 50.0})

    ended, forked = train_here(fork, checkpoint=heard.checkpoints[-1])

    (evidence,) = [event.evidence for event in forked.events if isinstance(event, Examined)]
    assert ended.state == "diverged"
    assert evidence.first_loss < 1.5  # untrained it is 2.3
    assert (evidence.trials[-1].has_lived, evidence.step > run.length(5000).num_steps) == (True, True)

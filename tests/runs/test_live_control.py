"""Evaluate, checkpoint, rate, extend and kill, with a real supervisor and worker."""

import pytest

from tests.engine.runs_for_tests import numbers, train_here
from tests.runs.lab import Lab, wait_until
from tui_optim.runs.forks import plan_fork
from tui_optim.spec.commands import Command, Order
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import CommandSeen, Evaluated, Event
from tui_optim.spec.keeping import Keeping, is_early
from tui_optim.spec.run import RunSpec
from tui_optim.store.bare_loops import read_bare_loops
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.eventlog import read_events
from tui_optim.store.kept import kept_checkpoints


def mlp(lab: Lab, *, epochs: int = 300, seed: int = 1) -> RunSpec:
    return lab.spec(epochs=epochs, seed=seed, scenario="mlp-fashion", lr=0.01)


def begun(lab: Lab, spec: RunSpec) -> str:
    """A run that trains."""
    (run_id,) = lab.client.submit([spec])
    wait_until(lambda: lab.status(run_id).step > 0, f"{run_id} never began")
    return run_id


def events(lab: Lab, run_id: str) -> list[Event]:
    return [record.event for record in read_events(lab.folder(run_id).events)]


def told(lab: Lab, run_id: str) -> list[tuple[str, float | None]]:
    return [(event.command, event.value) for event in events(lab, run_id) if isinstance(event, CommandSeen)]


def tell(lab: Lab, run_id: str, command: Command, value: float | None = None) -> None:
    lab.client.order(run_id, Order(command=command, value=value))


def stop(lab: Lab, run_id: str) -> None:
    lab.client.stop(run_id)
    lab.wait_for_state(run_id, "stopped")


def test_a_paused_run_is_stopped(lab: Lab) -> None:
    """It has no worker to tell, and needs none: it is stopped at once, with the step in its log."""
    run_id = begun(lab, mlp(lab))
    lab.client.pause(run_id)
    lab.wait_for_state(run_id, "paused")

    lab.client.stop(run_id)

    assert lab.status(run_id).state == "stopped"
    assert told(lab, run_id) == [("pause", None), ("stop", None)]


def test_a_run_that_trains_does_what_it_is_told_and_goes_on(lab: Lab) -> None:
    """Each command is in the log with its step; the status says what has become of the rate and the length."""
    run_id = begun(lab, mlp(lab))
    orders: list[tuple[Command, float | None]] = [
        ("evaluate", None),
        ("checkpoint", None),
        ("rate", 0.5),
        ("extend", 2.0),
    ]

    for command, value in orders:
        tell(lab, run_id, command, value)
    wait_until(lambda: len(told(lab, run_id)) == 4, "not all were carried out")

    wait_until(lambda: lab.status(run_id).epochs == 302, "the status never told of the extension")
    status = lab.status(run_id)
    assert told(lab, run_id) == orders
    assert status.state == "running"
    assert status.commands.startswith("rate ×0.5 at step ")
    assert ", +2 epochs at step " in status.commands
    assert any(isinstance(event, Evaluated) for event in events(lab, run_id))
    assert lab.folder(run_id).requests() == []
    stop(lab, run_id)


def test_kill_ends_the_process_at_once_and_resume_goes_on(lab: Lab) -> None:
    """The worker is gone, the run is stopped with that reason and no attempt is made by itself; resumed, it goes on.

    A fork from the checkpoint that it was told to keep is queued while it trains, and comes to its end by itself.
    """
    run_id = begun(lab, mlp(lab))
    tell(lab, run_id, "checkpoint")
    wait_until(lambda: any(one.stays for one in kept_checkpoints(lab.folder(run_id))), "it never kept a checkpoint")
    (kept,) = [one for one in kept_checkpoints(lab.folder(run_id)) if one.stays]
    fork = plan_fork(Catalogue(lab.home).read(run_id), at=kept.name, epochs=kept.epoch + 1)
    (fork_id,) = lab.client.submit([fork])

    tell(lab, run_id, "kill")
    status = lab.wait_for_state(run_id, "stopped")

    assert (status.reason, status.owner) == ("killed", None)
    forked = lab.wait_for_state(fork_id, "finished")
    assert lab.folder(run_id).requests() == []
    assert (forked.epoch, forked.step > kept.step) == (kept.epoch + 1, True)
    assert told(lab, fork_id) == [("branch", None)]
    lab.client.resume(run_id)
    wait_until(lambda: lab.status(run_id).state == "running", "it never went on")
    wait_until(lambda: lab.status(run_id).step > 0, "it never trained on")
    stop(lab, run_id)


def test_a_finished_run_goes_on_from_its_end(lab: Lab) -> None:
    """One epoch, and one more on command: the figures of a run of two."""
    spec = mlp(lab, epochs=1, seed=4)
    whole, _ = train_here(spec.model_copy(update={"epochs": 2}))
    (run_id,) = lab.client.submit([spec])
    assert lab.wait_for_end(run_id).state == "finished"

    tell(lab, run_id, "extend", 1.0)
    wait_until(lambda: lab.status(run_id).epoch == 2 and lab.status(run_id).state == "finished", "it never went on")

    final = lab.status(run_id).final
    assert final is not None
    assert whole.final is not None
    assert numbers(final) == numbers(whole.final)


def test_what_a_resting_run_is_told_is_done_when_it_goes_on(lab: Lab) -> None:
    """The rate of a paused run is halved: nothing happens before it goes on, and then from its first step."""
    run_id = begun(lab, mlp(lab, seed=5))
    lab.client.pause(run_id)
    step = lab.wait_for_state(run_id, "paused").step

    tell(lab, run_id, "rate", 0.5)

    assert lab.status(run_id).commands == f"rate ×0.5 at step {step:,}"
    lab.client.resume(run_id)
    wait_until(lambda: lab.status(run_id).step > step, "it never went on")
    wait_until(lambda: (result := lab.status(run_id).latest) is not None and result.lr == 0.005, "the rate stayed")
    stop(lab, run_id)


def test_a_killed_worker_repeats_the_commands(lab: Lab) -> None:
    """The worker dies after a command that no checkpoint has: the next attempt does it at the same step, in the same bits."""
    run_id = begun(lab, mlp(lab, epochs=40, seed=6))
    tell(lab, run_id, "rate", 0.5)
    wait_until(lambda: told(lab, run_id) != [], "it was never carried out")
    lab.kill_worker(run_id)
    final = lab.wait_for_end(run_id).final

    (command,) = [event for event in events(lab, run_id) if isinstance(event, CommandSeen)]
    whole, _ = train_here(mlp(lab, epochs=40, seed=6), commands=[command])
    assert final is not None
    assert whole.final is not None
    assert numbers(final) == numbers(whole.final)


def test_what_makes_no_sense_is_refused_with_the_reason(lab: Lab) -> None:
    """By state, by method and by value: one sentence each."""
    (run_id,) = lab.client.submit([mlp(lab, epochs=1, seed=7)])
    lab.wait_for_end(run_id)
    refusals: list[tuple[Command, float | None, str]] = [
        ("evaluate", None, "is finished: only queued or running"),
        ("checkpoint", None, "is finished: only queued or running"),
        ("rate", 2.0, "is finished: it trains no more"),
        ("kill", None, "is finished: only a run that trains"),
        ("stop", None, "is finished: only queued, running or paused"),
        ("extend", 0.0, "0 more epochs: expected a whole number"),
        ("extend", 1e9, r"expected a whole number in \[1, 99999\]"),
    ]
    for command, value, sentence in refusals:
        with pytest.raises(UsageError, match=sentence):
            tell(lab, run_id, command, value)


def test_a_run_ends_early_keeps_what_it_should_and_is_not_extended(lab: Lab) -> None:
    """No loss is better by ten: three epochs of six, in the bits of one that nothing was timed beside; the limit is known."""
    spec = mlp(lab, epochs=6, seed=8).model_copy(update={"keeping": Keeping(patience=2, min_delta=10.0, every=2)})
    (run_id,) = lab.client.submit([spec])

    ended = lab.wait_for_end(run_id)

    whole, heard = train_here(spec)
    assert (ended.state, ended.epoch, ended.epochs) == ("finished", 3, 6)
    assert is_early(ended.reason)
    assert ended.final is not None
    assert whole.final is not None
    assert numbers(ended.final) == numbers(whole.final)
    kept = {one.name for one in kept_checkpoints(lab.folder(run_id))}
    assert kept == {"last", f"step-{heard.epochs[2].step:06}", "best"}
    with pytest.raises(UsageError, match="stopped early, by its patience of 2"):
        tell(lab, run_id, "extend", 3.0)
    (limit,) = read_bare_loops(lab.home)
    assert limit.startswith("mlp-fashion, batch 64, ")

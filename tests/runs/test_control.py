"""Pause, stop, resume and the queue, with a real supervisor and worker."""

from dataclasses import replace

import pytest

from tests.engine.runs_for_tests import numbers, train_here
from tests.factories import make_started, write_log
from tests.runs.lab import Lab, wait_until
from tui_optim.runs.footprint import footprints
from tui_optim.runs.worker import Worker
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import CommandSeen, Started
from tui_optim.store.eventlog import read_events
from tui_optim.store.files import replace_file
from tui_optim.store.new_runs import create_run


def test_runs_end_in_the_engines_figures_in_a_warm_worker(lab: Lab) -> None:
    """Two runs in a row end in the figures of the engine alone, in one and the same worker."""
    specs = [lab.spec(scenario="mlp-fashion", seed=seed) for seed in (3, 4)]
    expected = [train_here(spec)[0].final for spec in specs]
    run_ids = lab.client.submit(specs)

    finals = [lab.wait_for_end(run_id).final for run_id in run_ids]

    assert [numbers(final) for final in finals if final] == [numbers(final) for final in expected if final]
    assert len(list(lab.processes())) == 2  # the supervisor and one worker


def test_the_memory_of_each_process_is_told(lab: Lab) -> None:
    """Supervisor and worker, each with what it alone holds and with what it shares: torch is in the worker only."""
    (run_id,) = lab.client.submit([lab.spec(scenario="mlp-fashion", seed=3)])
    lab.wait_for_end(run_id)

    supervisor, worker = footprints(lab.home)

    assert (supervisor.role, worker.role) == ("supervisor", "worker")
    assert 0 < supervisor.own_mib <= supervisor.resident_mib < worker.own_mib <= worker.resident_mib


def test_pause_frees_the_worker_and_resume_goes_on_there(lab: Lab) -> None:
    """A paused run lets the next one through; resumed, it ends in the bits of an undisturbed run."""
    spec = lab.spec(epochs=3, seed=5)
    whole, _ = train_here(spec)
    paused, next_run = lab.client.submit([spec, lab.spec(epochs=1, seed=6)])
    wait_until(lambda: lab.status(paused).step > 0, "it never began")
    lab.client.pause(paused)

    assert lab.wait_for_state(paused, "paused").step > 0
    assert lab.wait_for_end(next_run).state == "finished"
    lab.client.resume(paused)
    final = lab.wait_for_end(paused).final

    assert final is not None
    assert whole.final is not None
    assert numbers(final) == numbers(whole.final)
    records = read_events(lab.folder(paused).events)
    assert [r.event.command for r in records if isinstance(r.event, CommandSeen)] == ["pause"]


def test_stop_ends_a_running_run_with_what_it_has(lab: Lab) -> None:
    """A stopped run keeps its epochs, takes no worker any more, and its command is acknowledged."""
    (run_id,) = lab.client.submit([lab.spec(epochs=200, seed=7)])
    wait_until(lambda: lab.status(run_id).epoch >= 1, "it never ended an epoch")
    lab.client.stop(run_id)

    status = lab.wait_for_state(run_id, "stopped")

    assert status.latest is not None
    wait_until(lambda: lab.folder(run_id).requests() == [], "its command was not taken away")


def test_stop_takes_a_waiting_run_out_of_the_queue(lab: Lab) -> None:
    """A run that waits is stopped without ever having started."""
    running, waiting = lab.client.submit([lab.spec(epochs=200, seed=8), lab.spec(seed=9)])
    lab.client.stop(waiting)

    lab.wait_for_state(waiting, "stopped")

    assert not any(isinstance(r.event, Started) for r in read_events(lab.folder(waiting).events))
    lab.client.stop(running)
    lab.wait_for_state(running, "stopped")


def test_two_slots_train_two_runs_at_once(lab: Lab) -> None:
    """With two slots two runs are in state 'running' together."""
    lab.client.set_slots(2)
    run_ids = lab.client.submit([lab.spec(epochs=300, seed=10), lab.spec(epochs=300, seed=11)])
    wait_until(lambda: all(lab.status(run_id).step > 0 for run_id in run_ids), "they never ran together")

    assert [lab.status(run_id).state for run_id in run_ids] == ["running", "running"]

    for run_id in run_ids:
        lab.client.stop(run_id)
        lab.wait_for_state(run_id, "stopped")
    lab.client.set_slots(1)


def test_commands_that_make_no_sense_are_refused(lab: Lab) -> None:
    """Pausing or resuming a finished run is an error in a sentence."""
    (run_id,) = lab.client.submit([lab.spec(epochs=1, scenario="mlp-fashion")])
    lab.wait_for_end(run_id)
    with pytest.raises(UsageError, match="is finished: only queued or running"):
        lab.client.pause(run_id)
    with pytest.raises(UsageError, match="is finished: only paused"):
        lab.client.resume(run_id)
    with pytest.raises(UsageError, match="= 0: expected"):
        lab.client.set_slots(0)


def test_damaged_data_fails_the_run_and_names_the_file(lab: Lab) -> None:
    """A data file that is not what it should be is never trained on; the reason names it."""
    spec = lab.spec()
    copies = {role: lab.home.root / path.name for role, path in spec.data.files.items()}
    for role, path in spec.data.files.items():
        replace_file(copies[role], path.read_bytes())
    content = copies["train-labels"].read_bytes()
    copies["train-labels"].write_bytes(content[: len(content) // 2])
    damaged = spec.model_copy(update={"data": spec.data.model_copy(update={"files": copies})})
    (run_id,) = lab.client.submit([damaged])

    status = lab.wait_for_end(run_id)

    assert status.state == "failed"
    assert str(copies["train-labels"]) in status.reason
    assert status.epoch == 0


def test_a_later_attempt_keeps_the_threads_of_the_first(lab: Lab) -> None:
    """A run without threads of its own got one; resumed where two are free, it still sums as one thread does."""
    spec = lab.spec(epochs=1).model_copy(update={"threads": None})
    folder = create_run(lab.home, spec, versions={})
    write_log(folder, [replace(make_started(spec), threads=1)])
    worker = Worker(lab.home)
    assert worker.take(folder.path.name, threads=2) == "finished"
    threads = [record.event.threads for record in read_events(folder.events) if isinstance(record.event, Started)]
    assert threads == [1, 1]


@pytest.mark.parametrize("wish", ["{}", "rubbish", '{"scenario": "of another version"}'])
def test_a_wish_of_another_version_ends_no_worker(lab: Lab, wish: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What an app leaves to be prepared is loaded where it can be; else it is said, and the worker stays warm."""
    Worker(lab.home).prepare(wish)
    assert "prepare: " in capsys.readouterr().err

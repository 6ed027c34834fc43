"""Training outlives whatever dies beside it: workers, supervisors, apps."""

import os
import random
import shutil
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.engine.runs_for_tests import numbers, train_here
from tests.runs.lab import Lab, is_gone, wait_until
from tests.runs.test_sweeps import first_trial, make_sweep, wait_for_sweep
from tui_optim.cli.follow import follow
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import EpochEnded, Notice, Started
from tui_optim.store.eventlog import read_events
from tui_optim.store.sweepfolder import SweepFolder

NUM_RUNS = 5
KILLS_PER_RUN = 2
"""The supervisor restarts a run twice; five runs killed twice each are ten kills."""


@pytest.mark.timeout(600)
def test_ten_random_kills_change_no_bit(lab: Lab) -> None:
    """Workers killed with -9 at ten random moments: every run ends by itself in the figures of an undisturbed one."""
    chance = random.Random(20261122)
    spec = lab.spec(epochs=4, seed=3)
    ended, heard = train_here(spec)

    for _ in range(NUM_RUNS):
        (run_id,) = lab.client.submit([spec])
        for attempt in range(1, KILLS_PER_RUN + 1):
            lab.wait_for_attempt(run_id, attempt)
            time.sleep(chance.uniform(0.0, 1.2))  # the random moment itself
            lab.kill_worker(run_id)
        status = lab.wait_for_end(run_id)
        records = read_events(lab.folder(run_id).events)

        assert status.state == "finished"
        assert status.final is not None
        assert ended.final is not None
        assert numbers(status.final) == numbers(ended.final)
        epochs = [record.event.result for record in records if isinstance(record.event, EpochEnded)]
        assert [numbers(result) for result in epochs] == [numbers(result) for result in heard.epochs]
        assert status.attempt == 1 + KILLS_PER_RUN
        assert any(isinstance(r.event, Notice) and "SIGKILL" in r.event.text for r in records)


def test_sigterm_keeps_a_checkpoint_and_the_run_goes_on(lab: Lab) -> None:
    """A worker asked to leave keeps the very step it is at; another worker takes over there."""
    spec = lab.spec(epochs=3, seed=11)
    ended, _ = train_here(spec)
    (run_id,) = lab.client.submit([spec])
    wait_until(lambda: lab.status(run_id).step > 100, "it never passed its first epoch")
    lab.kill_worker(run_id, signal.SIGTERM)

    status = lab.wait_for_end(run_id)

    starts = [r.event for r in read_events(lab.folder(run_id).events) if isinstance(r.event, Started)]
    assert starts[-1].from_step > 94
    assert [start.attempt for start in starts] == [1, 1]  # it left in good order: no attempt is lost
    assert status.final is not None
    assert ended.final is not None
    assert numbers(status.final) == numbers(ended.final)


def test_a_killed_supervisor_loses_nothing(lab: Lab) -> None:
    """The worker finishes its run without a supervisor; a new supervisor takes the waiting run."""
    first, second = lab.client.submit([lab.spec(epochs=3, seed=1), lab.spec(epochs=1, seed=2)])
    lab.wait_for_state(first, "running")
    pid = lab.supervisor_pid()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), "the supervisor is still there")

    assert lab.wait_for_end(first).state == "finished"
    assert lab.status(second).state == "queued"
    lab.client.ensure_supervisor()

    assert lab.wait_for_end(second).state == "finished"


def test_who_has_started_a_supervisor_keeps_no_dead_child(lab: Lab) -> None:
    """An app is open when its supervisor ends: nothing of it is left, not even its entry among the processes."""
    lab.client.ensure_supervisor()
    pid = lab.supervisor_pid()
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not psutil.pid_exists(pid), "a dead child is left")


def test_a_command_that_follows_brings_the_supervisor_back(lab: Lab) -> None:
    """`run` started a supervisor that dies before the worker is ready: following the run starts another one."""
    (run_id,) = lab.client.submit([lab.spec(epochs=1, seed=12)])
    pid = lab.supervisor_pid()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: is_gone(pid), "the supervisor is still there")

    (run,) = follow(lab.home, lab.client, [run_id], is_plain=True, is_quiet=True)

    assert run.status.state == "finished"


def test_a_home_that_is_made_anew_has_one_supervisor(tmp_path: Path) -> None:
    """The one of the removed home leaves, with its workers, and takes nothing of what comes at the same path."""
    old = Lab(tmp_path / "home")
    try:
        (run_id,) = old.submit([old.spec(epochs=500)])
        old.wait_for_checkpoint(run_id)
        before = list(old.processes())
        while old.home.root.exists():  # its processes write there still
            shutil.rmtree(old.home.root, ignore_errors=True)
        new = Lab(tmp_path / "home")
        (run_id,) = new.submit([new.spec(epochs=1)])
        new.wait_for_state(run_id, "finished")
        wait_until(lambda: all(is_gone(one.pid) for one in before), "the removed home's processes are still there")
        assert new.supervisor_pid() not in {one.pid for one in before}
    finally:
        old.close()


def test_a_lock_that_is_removed_brings_another_supervisor(lab: Lab) -> None:
    """The runs of the one that leaves go on with the next."""
    (run_id,) = lab.submit([lab.spec(epochs=4)])
    lab.wait_for_checkpoint(run_id)
    before = lab.supervisor_pid()
    lab.home.supervisor_lock.unlink()
    assert lab.wait_for_end(run_id).state == "finished"
    assert lab.supervisor_pid() != before
    assert "has been removed or replaced" in lab.home.supervisor_log.read_text(encoding="utf-8")


def test_resume_brings_a_supervisor_back(lab: Lab) -> None:
    """Supervisor and worker are gone, as after a reboot: `resume` of the waiting run, or of a sweep that runs, starts them."""
    first, second = lab.client.submit([lab.spec(epochs=60, seed=13), lab.spec(epochs=1, seed=14)])
    _wait_for_start(lab, first, number=1)
    _reboot(lab)

    lab.client.resume(second)

    with pytest.raises(UsageError, match=r"is (queued|running)"):
        lab.client.resume(second)
    _wait_for_start(lab, first, number=2)
    lab.client.stop(first)
    assert lab.wait_for_end(second).state == "finished"
    sweep_id = lab.client.submit_sweep(make_sweep({"lr": (0.01, 0.1)}, epochs=10))
    first_trial(lab, SweepFolder(lab.home.sweeps / sweep_id))
    _reboot(lab)
    lab.client.tell_sweep(sweep_id, "resume")
    assert wait_for_sweep(lab, sweep_id, "finished").status.counts == {"finished": 2}


def test_who_looks_brings_a_supervisor_back(lab: Lab) -> None:
    """Only where there is work."""
    lab.close()
    wait_until(lambda: not lab.client.is_supervised(), "the supervisor is still there")
    assert not lab.client.bring_back()
    (run_id,) = lab.client.submit([lab.spec(epochs=1, seed=15)])
    _reboot(lab)

    assert lab.client.bring_back()

    assert not lab.client.bring_back()
    assert lab.wait_for_end(run_id).state == "finished"


def test_a_run_survives_any_number_of_reboots(lab: Lab) -> None:
    """Worker and supervisor die together, four times: nothing says that it was the run's doing, so none of them counts."""
    (run_id,) = lab.client.submit([lab.spec(epochs=400, seed=16)])
    for number in range(1, 5):
        _wait_for_start(lab, run_id, number=number)
        _reboot(lab)
        assert lab.client.bring_back()
    _wait_for_start(lab, run_id, number=5)
    assert lab.status(run_id).attempt == 1
    lab.client.stop(run_id)
    assert lab.wait_for_end(run_id).state == "stopped"


def _wait_for_start(lab: Lab, run_id: str, *, number: int) -> None:
    def starts() -> int:
        return sum(isinstance(record.event, Started) for record in read_events(lab.folder(run_id).events))

    wait_until(lambda: starts() == number, f"{run_id} was not begun {number} times")


def _reboot(lab: Lab) -> None:
    lab.close()
    wait_until(lambda: not list(lab.processes()), "a process survived")
    wait_until(lambda: not lab.client.is_supervised(), "the supervisor is still there")


@pytest.mark.timeout(600)
def test_after_three_deaths_a_run_has_failed_and_can_be_resumed(lab: Lab) -> None:
    """The third death ends the attempts with a reason; `resume` starts a new count from the last checkpoint."""
    spec = lab.spec(epochs=20, scenario="mlp-fashion")
    (run_id,) = lab.client.submit([spec])
    for attempt in (1, 2, 3):
        lab.wait_for_attempt(run_id, attempt)
        lab.kill_worker(run_id)

    status = lab.wait_for_end(run_id)

    assert status.state == "failed"
    assert "(attempt 3 of 3)" in status.reason
    lab.client.resume(run_id)
    assert lab.wait_for_end(run_id).state == "finished"

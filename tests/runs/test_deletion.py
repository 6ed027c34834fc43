"""Deleting runs beside a supervisor, workers, sweeps and apps."""

import shutil
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tests.runs.lab import Lab, wait_until
from tests.sweep_factories import make_sweep_spec
from tui_optim.runs import queue
from tui_optim.runs.client import Client
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import RunState
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.sweepfolder import SweepFolder, SweepStatus, create_sweep


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


@pytest.mark.parametrize("state", ["finished", "stopped", "failed", "diverged", "paused", "interrupted"])
def test_what_neither_trains_nor_waits_is_deleted(home: Home, state: RunState) -> None:
    """Nothing of it is left, and the others are untouched."""
    run, other = make_run(home, state=state), make_run(home, make_spec(seed=7))
    Client(home).delete([run.run_id])
    assert [path.name for path in home.runs.iterdir()] == [other.run_id]


def test_what_trains_or_waits_is_refused_with_the_reason(home: Home) -> None:
    """And nothing else that was named goes with it."""
    done, running = make_run(home), make_run(home, state="running")
    waiting = make_run(home, state="stopped")
    queue.enqueue(home, waiting.run_id)
    for run, word in ((running, "running"), (waiting, "queued")):
        with pytest.raises(UsageError, match=f"{run.run_id} is {word}: stop it first"):
            Client(home).delete([done.run_id, run.run_id])
    assert len(Catalogue(home).runs()) == 3


def test_a_run_that_a_worker_holds_is_refused(home: Home) -> None:
    """Whatever its status says: its worker may be about to write into it."""
    run = make_run(home)
    with held_lock(run.folder.lock), pytest.raises(UsageError, match="still held by a worker"):
        Client(home).delete([run.run_id])
    assert run.folder.path.exists()


@pytest.mark.parametrize(
    ("state", "is_refused"), [("running", True), ("paused", True), ("stopped", False), ("finished", False)]
)
def test_a_run_of_a_sweep_that_goes_on_is_refused(home: Home, state: str, is_refused: bool) -> None:
    """The sweep would make it again, or miss it."""
    folder = create_sweep(home, make_sweep_spec(), versions={})
    folder.write_status(SweepStatus(state=state))  # type: ignore[arg-type]
    run = make_run(home, sweep=folder.sweep_id)
    if is_refused:
        with pytest.raises(UsageError, match=f"which is {state}: stop that sweep first"):
            Client(home).delete([run.run_id])
    else:
        Client(home).delete([run.run_id])
    assert run.folder.path.exists() == is_refused


def test_a_sweep_that_is_gone_holds_no_run(home: Home) -> None:
    """Nobody carries it out any more."""
    folder = create_sweep(home, make_sweep_spec(), versions={})
    run = make_run(home, sweep=folder.sweep_id)
    shutil.rmtree(SweepFolder(home.sweeps / folder.sweep_id).path)
    Client(home).delete([run.run_id])
    assert Catalogue(home).runs() == []


def test_a_run_vanishes_whole_and_its_rest_goes_the_next_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is killed while a folder is emptied leaves no half of a run for a reader."""
    run, other = make_run(home), make_run(home, make_spec(seed=7))
    catalogue = Catalogue(home)
    assert len(catalogue.runs()) == 2
    with monkeypatch.context() as patch:
        patch.setattr("tui_optim.runs.deletion.shutil.rmtree", lambda *_, **__: None)
        Client(home).delete([run.run_id])
    assert [one.run_id for one in catalogue.runs()] == [other.run_id]
    assert catalogue.damaged == {}
    assert len(list(home.runs.iterdir())) == 2
    Client(home).delete([other.run_id])
    assert list(home.runs.iterdir()) == []


def test_a_run_that_is_gone_is_told(home: Home) -> None:
    """Another app was faster."""
    run = make_run(home)
    Client(home).delete([run.run_id])
    with pytest.raises(StoreError, match="cannot be read"):
        Client(home).delete([run.run_id])


def test_deleting_beside_a_supervisor_and_a_worker_disturbs_neither(lab: Lab) -> None:
    """What trains is refused; an older run goes meanwhile; the same worker takes the next, and nothing was complained about."""
    done = lab.submit([lab.spec(epochs=1, seed=3)])[0]
    lab.wait_for_end(done)
    running = lab.submit([lab.spec(epochs=50, seed=4)])[0]
    wait_until(lambda: lab.status(running).step > 0, "it never began")
    with pytest.raises(UsageError, match="is running: stop it first"):
        lab.client.delete([running])
    lab.client.delete([done])
    lab.client.stop(running)
    lab.wait_for_end(running)
    wait_until(lambda: deleted(lab, running), "the worker never let go of it")
    last = lab.submit([lab.spec(epochs=1, seed=5)])[0]
    assert lab.wait_for_end(last).state == "finished"
    assert [path.name for path in lab.home.runs.iterdir()] == [last]
    assert len(list(lab.processes())) == 2
    assert "cannot" not in lab.home.supervisor_log.read_text(encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        lab.client.resume(done)


def deleted(lab: Lab, run_id: str) -> bool:
    """Try to delete a run that has ended; its worker may hold it for another moment."""
    try:
        lab.client.delete([run_id])
    except UsageError:
        return False
    return True

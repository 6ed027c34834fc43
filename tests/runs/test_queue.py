"""The queue's files, without processes."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_spec
from tui_optim.runs import queue
from tui_optim.runs.client import Client
from tui_optim.spec.errors import UsageError
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import create_run
from tui_optim.store.status import write_status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


def test_first_come_first_served(home: Home) -> None:
    """Runs wait in the order in which they were queued, whatever their names; queueing twice keeps the place."""
    for run_id in ("b", "c", "a", "b"):
        queue.enqueue(home, run_id)
    assert queue.waiting(home) == ["b", "c", "a"]


def test_dequeue_takes_every_entry_of_a_run(home: Home) -> None:
    """Two processes that queued the same run at once leave two files; one dequeue ends both."""
    queue.enqueue(home, "a")
    (home.queue / "99999999999999999999~a").touch()
    assert queue.dequeue(home, "a")
    assert queue.waiting(home) == []
    assert not queue.dequeue(home, "a")


def test_what_somebody_else_leaves_in_the_queue_is_no_run(home: Home) -> None:
    """An editor's copy of the file of slots, a file with a tilde: nobody waits under such a name."""
    for name in ("slots~", "notes~a", "~b", "00000000000000000001~"):
        (home.queue / name).touch()
    queue.enqueue(home, "a")

    assert queue.waiting(home) == ["a"]
    assert queue.age_of_latest_s(home, ["a", ""]) < 60
    assert not queue.dequeue(home, "")


def test_requeue_refuses_a_run_that_a_worker_has(home: Home) -> None:
    """While the worker's lock is held the run is not queued again; afterwards it is, with its attempt."""
    folder = create_run(home, make_spec(), versions={})
    with held_lock(folder.lock):
        assert not queue.requeue(home, folder.run_id, attempt=1)
    assert queue.waiting(home) == []

    assert queue.requeue(home, folder.run_id, attempt=1)

    assert queue.waiting(home) == [folder.run_id]
    assert folder.read_status().attempt == 1


def test_a_paused_run_resumes_though_it_was_queued_late(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that stood still between the folder and the queue finds that the supervisor has queued the run itself long ago."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    folder = create_run(home, make_spec(), versions={})
    queue.enqueue(home, folder.run_id)
    with pytest.raises(UsageError, match="queued already"):
        Client(home).resume(folder.run_id)
    write_status(folder.status, replace(folder.read_status(), state="paused"))
    Client(home).resume(folder.run_id)
    assert queue.waiting(home) == [folder.run_id]
    assert folder.read_status().state == "queued"


def test_slots(home: Home) -> None:
    """One slot unless set; nonsense in the file counts as one; out of bounds is refused."""
    assert queue.read_slots(home) == 1
    queue.write_slots(home, 3)
    assert queue.read_slots(home) == 3
    (home.queue / "slots").write_text("many", encoding="ascii")
    assert queue.read_slots(home) == 1
    with pytest.raises(UsageError, match="= 65"):
        queue.write_slots(home, 65)


def test_prepare_is_taken_once(home: Home) -> None:
    """The word of a run that may come is given to one worker."""
    spec = make_spec()
    queue.write_prepare(home, spec)
    assert queue.take_prepare(home) == spec.model_dump_json()
    assert queue.take_prepare(home) is None


def test_many_runs_are_queued_in_one_go(home: Home) -> None:
    """In their order, after what waits; the age tells whether more may be on their way."""
    queue.enqueue(home, "z")
    queue.enqueue_all(home, ["c", "a", "b"])
    assert queue.waiting(home) == ["z", "c", "a", "b"]
    assert 0 <= queue.age_of_latest_s(home, ["z", "a"]) < 60
    queue.enqueue(home, "y", is_first=True)
    assert queue.age_of_latest_s(home, ["y"]) > 1e6
    assert queue.dequeue(home, "c", "b")
    assert queue.waiting(home) == ["y", "z", "a"]

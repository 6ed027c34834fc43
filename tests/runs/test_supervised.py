"""Whether somebody supervises a home is asked without anybody being taken for a supervisor; nobody leaves work behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tui_optim.runs import queue
from tui_optim.runs.client import Client
from tui_optim.runs.executors.process import ExecutorProcess
from tui_optim.runs.supervisor import Supervisor, main
from tui_optim.spec.errors import DiskFullError
from tui_optim.store.files import FileLock, held_lock
from tui_optim.store.home import open_home


def test_who_asks_at_the_same_moment_is_no_supervisor(tmp_path: Path) -> None:
    """Another client holds the lock for an instant while it asks; only who keeps it to itself supervises."""
    home = open_home(tmp_path)
    other = FileLock(home.supervisor_lock)
    assert other.acquire(is_shared=True)
    assert not Client(home).is_supervised()
    other.release()
    with held_lock(home.supervisor_lock):
        assert Client(home).is_supervised()
    assert not Client(home).is_supervised()


@pytest.mark.parametrize("is_told", [False, True])
def test_what_comes_while_a_supervisor_leaves_gets_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_told: bool
) -> None:
    """Its client saw the lock held and started none; who was told to leave starts none either."""
    home = open_home(tmp_path)
    started: list[bool] = []

    def run(supervisor: Supervisor) -> None:
        assert Client(home).is_supervised()
        queue.enqueue_all(home, ["a-run"])
        supervisor.was_told_to_leave = is_told

    monkeypatch.setattr(Supervisor, "run", run)
    monkeypatch.setattr(Client, "ensure_supervisor", lambda client: started.append(client.is_supervised()))
    monkeypatch.setattr(sys, "argv", ["supervisor", str(tmp_path)])
    main()
    assert started == ([] if is_told else [False])


def test_a_run_that_cannot_be_queued_again_costs_no_other_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a full disk one run comes back, and the end of another is told with it: nobody waits for either of them for ever."""
    said = [{"done": "one", "state": "queued", "alone": True}, {"done": "other", "state": "finished"}]
    words = ["printf", "%s\\n", *map(json.dumps, said)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.wait()
        worker = ExecutorProcess(process, run_ids=["one", "other"])

        def refuse(*_: object, **__: object) -> None:
            raise DiskFullError("cannot write: No space left on device")

        monkeypatch.setattr(queue, "enqueue", refuse)
        assert Supervisor(open_home(tmp_path))._hear(worker) == ["one", "other"]
        assert worker.run_ids == []

"""An executor's process as the supervisor sees it."""

import gc
import io
import signal
import subprocess
import sys

import pytest

from tui_optim.runs import worker
from tui_optim.runs.executors import worker as worker_process
from tui_optim.runs.executors.process import ExecutorProcess


def test_a_worker_that_a_users_file_has_ended_names_the_file() -> None:
    """`os._exit` in a scenario leaves no traceback: the file that ran is what can be told."""
    for plugins, told in (((), "the worker left with 7"), (("own.py",), "the worker left with 7 while it ran own.py")):
        words = [sys.executable, "-c", "import os; os._exit(7)"]
        worker = ExecutorProcess(subprocess.Popen(words, stdout=subprocess.PIPE), plugins=plugins)
        assert worker.bury() == told


def test_a_worker_that_has_died_is_given_nothing() -> None:
    """Before its death has been noticed: runs given to it would lose an attempt by a death that is not theirs."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    worker = ExecutorProcess(process, is_ready=True)
    assert worker.has_room
    process.kill()
    process.wait()
    assert not worker.has_room
    worker.bury()


def test_a_worker_collects_no_garbage_before_it_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    """While torch is loaded and warmed up there is nothing to find; from then on as everywhere."""
    answers = io.StringIO()
    seen: list[bool] = []
    monkeypatch.setattr(sys, "argv", ["worker", "/nowhere"])
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    monkeypatch.setattr(worker, "take_over_stdout", lambda: answers)
    monkeypatch.setattr(worker, "warm_up", lambda: seen.append(gc.isenabled()))
    worker_process.main()
    assert (seen, gc.isenabled()) == ([False], True)
    assert answers.getvalue() == '{"ready": true}\n'

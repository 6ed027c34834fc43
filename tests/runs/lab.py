"""A real home with a real supervisor and real workers, on the sample data; and waiting on facts."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil

from tests.engine.runs_for_tests import make_run, sample_source
from tui_optim.runs.client import Client
from tui_optim.spec.events import ENDED_STATES, RunState
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status

PATIENCE_S = 240.0
"""Within what a test may take; a machine on which everything runs side by side is slow."""


class Lab:
    """A home below a temporary folder; `close` leaves no process behind."""

    def __init__(self, root: Path, *, executor: ExecutorSpec = LOCAL) -> None:
        self.home: Home = open_home(root)
        self.client = Client(self.home)
        self.executor = executor

    def spec(self, *, epochs: int = 2, seed: int = 42, scenario: str = "lenet5-fashion", lr: Value = 0.05) -> RunSpec:
        run = make_run(sample_source(), scenario=scenario, epochs=epochs, seed=seed, lr=lr, momentum=0.9)
        return run.model_copy(update={"threads": 1})

    def submit(self, specs: Sequence[RunSpec]) -> list[str]:
        return self.client.submit(specs, executor=self.executor)

    def folder(self, run_id: str) -> RunFolder:
        return RunFolder(self.home.runs / run_id)

    def status(self, run_id: str) -> Status:
        return self.folder(run_id).read_status()

    def wait_for_state(self, run_id: str, *states: RunState) -> Status:
        wait_until(lambda: self.status(run_id).state in states, f"{run_id} never became {states}")
        return self.status(run_id)

    def wait_for_end(self, run_id: str) -> Status:
        return self.wait_for_state(run_id, *ENDED_STATES)

    def wait_for_attempt(self, run_id: str, number: int) -> None:
        def has_begun() -> bool:
            status = self.status(run_id)
            return status.attempt == number and status.owner is not None

        wait_until(has_begun, f"attempt {number} at {run_id} never began")

    def has_checkpoint(self, run_id: str) -> bool:
        return (self.folder(run_id).checkpoints / "last.pt").exists()

    def wait_for_checkpoint(self, run_id: str) -> None:
        wait_until(lambda: self.has_checkpoint(run_id), f"{run_id} never kept a checkpoint")

    def kill_worker(self, run_id: str, with_signal: signal.Signals = signal.SIGKILL) -> None:
        owner = self.status(run_id).owner
        assert owner is not None
        self.kill(owner.pid, with_signal)

    def kill(self, pid: int, with_signal: signal.Signals = signal.SIGKILL) -> None:
        os.kill(pid, with_signal)
        wait_until(lambda: is_gone(pid), f"process {pid} is still there")

    def processes(self) -> Iterator[psutil.Process]:
        """Supervisor and workers of this home."""
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if str(self.home.root) in words and any(word.startswith("tui_optim.runs.") for word in words):
                yield process

    def supervisor_pid(self) -> int:
        (pid,) = (p.pid for p in self.processes() if "tui_optim.runs.supervisor" in p.info["cmdline"])
        return pid

    def close(self) -> None:
        for process in list(self.processes()):
            process.kill()


def is_gone(pid: int) -> bool:
    """No such process, or only its zombie."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def wait_until(is_true: Callable[[], bool], complaint: str) -> None:
    """Poll a fact; fail with the complaint when it never comes."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < deadline, complaint
        time.sleep(0.01)

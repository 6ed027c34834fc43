"""An executor's process as the supervisor sees it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any

from tui_optim.runs.executors.words import Words
from tui_optim.spec.executors import LOCAL, ExecutorKind, ExecutorSpec
from tui_optim.store.home import Home

MODULES: dict[ExecutorKind, str] = {
    "local": "tui_optim.runs.executors.worker",
    "ray": "tui_optim.runs.executors.ray_bridge",
    "slurm": "tui_optim.runs.executors.slurm_bridge",
}

WORKER_ENVIRONMENT = {
    "GOMP_SPINCOUNT": "5000",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""What every process that trains wants to find in its environment.

GOMP_SPINCOUNT is how long OpenMP's threads spin at a barrier before they sleep. Their default of many milliseconds makes LeNet-5
on two threads six times slower as soon as another process wants a core: each barrier then burns the core that the late thread
waits for. cuBLAS is deterministic only with a fixed workspace.
"""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Which processes can take a run: those of the same kind with the same address."""

    kind: ExecutorKind
    address: str = ""

    @classmethod
    def of(cls, executor: ExecutorSpec) -> "Place":
        """Where a run with this executor is at home."""
        return cls(executor.kind, executor.address)

    @property
    def is_here(self) -> bool:
        """Whether runs compete for the cores of this machine: the worker slots count them."""
        return self.kind == "local"


HERE = Place.of(LOCAL)


@dataclass(slots=True)
class ExecutorProcess:
    """A worker or a bridge."""

    process: "subprocess.Popen[bytes]"
    place: Place = HERE
    capacity: int = 1
    """How many runs it takes at once; it says so when it is ready."""
    is_ready: bool = False
    is_leaving: bool = False
    """Its input has been closed, or it has said that it leaves: no more jobs for it."""
    is_killed: bool = False
    """It has been ended at once, on command."""
    run_ids: list[str] = field(default_factory=list)
    plugins: tuple[str, ...] = ()
    """The user's code that it has run: that may have changed anything in the process, so it takes no run of other code."""
    idle_since: float = field(default_factory=time.monotonic)
    unread: bytes = b""
    words: Words | None = None
    """What it and its children say; None where nobody listens."""

    @property
    def has_room(self) -> bool:
        """Whether it takes another run now. One that has died takes none, whose death would cost them an attempt."""
        is_open = self.is_ready and not self.is_leaving and len(self.run_ids) < self.capacity
        return is_open and self.process.poll() is None

    @property
    def output(self) -> IO[bytes]:
        """Where its answers come from."""
        assert self.process.stdout is not None
        return self.process.stdout

    def send(self, job: dict[str, Any]) -> None:
        """Write a job; a process that is gone shows at its output's end."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()

    def take(self, run_id: str, *, threads: int) -> None:
        """Give it a run."""
        self.run_ids.append(run_id)
        self.send({"run": run_id, "threads": threads})

    def take_together(self, run_ids: list[str], *, threads: int, slots: int) -> None:
        """Give it runs that are alike."""
        self.run_ids += run_ids
        self.send({"runs": run_ids, "threads": threads, "slots": slots})

    def let_go(self, run_id: str) -> None:
        """It has brought a run to an end."""
        if run_id in self.run_ids:
            self.run_ids.remove(run_id)
        self.idle_since = time.monotonic()

    def dismiss(self) -> None:
        """Let it leave once it has nothing to do."""
        self.is_leaving = True
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def kill(self) -> None:
        """End it at once, whatever it does; its output then ends."""
        self.is_killed = self.is_leaving = True
        self.process.kill()

    def answers(self) -> list[dict[str, Any]] | None:
        """What it has answered since the last call; None when it has left, also where a child of it holds its output open."""
        has_left = self.process.poll() is not None
        try:
            chunk = os.read(self.output.fileno(), 65536)
        except BlockingIOError:
            return None if has_left else []
        if not chunk:
            return None
        *lines, self.unread = (self.unread + chunk).split(b"\n")
        return [answer for line in lines if (answer := _decode(line))]

    def bury(self) -> str:
        """Take leave of a process that has left; returns what ended it.

        Where it had runs a worker's children end with it: what it has forked holds its locks, so that nobody could resume them.
        """
        self.output.close()
        code = self.process.wait()
        if self.run_ids and self.place.is_here:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        if self.words is not None:
            self.words.close()
        name = "worker" if self.place.is_here else f"{self.place.kind} bridge"
        cause = f"the {name} was ended by {signal.Signals(-code).name}" if code < 0 else f"the {name} left with {code}"
        return f"{cause} while it ran {', '.join(self.plugins)}" if self.plugins and not self.is_leaving else cause


def start_process(home: Home, place: Place, *, environment: Mapping[str, str]) -> ExecutorProcess:
    """Start the process for a place; of `environment`, GOMP_SPINCOUNT yields to the user's own."""
    command = [sys.executable, "-m", MODULES[place.kind], str(home.root), *([place.address] if place.address else [])]
    words = Words(home.root)
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words.file,
        process_group=0,
        cwd="/",
        env={**os.environ, **environment, **_kept("GOMP_SPINCOUNT")},
    )
    started = ExecutorProcess(process, place, words=words)
    os.set_blocking(started.output.fileno(), False)
    return started


def _decode(line: bytes) -> dict[str, Any]:
    """An answer; empty for what a package prints while it is loaded."""
    try:
        answer = json.loads(line)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _kept(name: str) -> dict[str, str]:
    """The user's own value of a variable, where there is one."""
    return {name: os.environ[name]} if name in os.environ else {}

"""A home whose processes die as a test plans it, and what has to hold of it afterwards."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.crash import site
from tests.crash.deaths import debris
from tests.crash.faults import Kind, Moment
from tests.crash.nursery import open_nursery
from tests.engine.runs_for_tests import numbers, train_here
from tests.runs.lab import Lab, is_gone, wait_until
from tui_optim.runs import queue
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import WITH_WORK, EpochEnded
from tui_optim.spec.keeping import Keeping
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.debris import AGE_S, clear_debris
from tui_optim.store.eventlog import read_events
from tui_optim.store.library import load_library
from tui_optim.store.sweepfolder import read_sweeps

FAMILIES = ("sgd", "sgd-cosine", "nesterov", "adam", "svrg", "newton-cg", "sgd-swa")
"""A preset of each family."""
EPOCHS = 12


@dataclass(frozen=True, slots=True)
class Death:
    """A planned one: at the n-th such call from when it is planned."""

    kind: Kind
    number: int
    moment: Moment


class ShakenLab(Lab):
    """Its supervisor, workers and commands can be told to die."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(root / "home")
        self.deaths = root / "deaths"
        self.deaths.mkdir()
        self._logs: dict[str, bytes] = {}
        self._short = tempfile.TemporaryDirectory()  # the name of a socket has at most a hundred letters
        address = f"{self._short.name}/nursery"
        self._nursery = open_nursery(address)
        monkeypatch.setenv("TUI_OPTIM_HOME", str(self.home.root))
        monkeypatch.setenv("TUI_OPTIM_SHAKEN", str(self.home.root))
        monkeypatch.setenv("TUI_OPTIM_DEATHS", str(self.deaths))
        monkeypatch.setenv("TUI_OPTIM_NURSERY", address)
        paths = [str(Path(site.__path__[0])), str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path for path in paths if path))

    def close(self) -> None:
        super().close()
        os.killpg(self._nursery, signal.SIGKILL)
        os.waitpid(self._nursery, 0)
        self._short.cleanup()

    # Deaths

    def plan(self, role: str, death: Death) -> None:
        """Let the next process of a role that changes a file die."""
        whole = self.deaths / f".{role}"
        whole.write_text(f"{death.kind} {death.number} {death.moment}", encoding="ascii")
        whole.rename(self.deaths / role)

    def has_died(self, role: str) -> bool:
        """Whether the process that took the plan has died of it, or otherwise."""
        taken = [path for path in self.deaths.glob(f"{role}.*") if is_gone(int(path.suffix[1:]))]
        for path in taken:
            path.unlink()
        return bool(taken)

    def withdraw(self, role: str) -> None:
        """Nobody dies of what has been planned any more."""
        for path in (self.deaths / role, *self.deaths.glob(f"{role}.*")):
            path.unlink(missing_ok=True)

    def wait_for_begin(self, run_id: str) -> None:
        """Until a worker has taken a run; by now it may be over."""
        wait_until(lambda: self.status(run_id).attempt > 0, f"nobody took {run_id}")

    def kill_supervisor(self) -> None:
        """At this moment."""
        self.kill(self.supervisor_pid())

    def bring_back(self) -> None:
        """What every app and `tui-optim status` do; where the machine is too busy for a start, the user looks again."""

        def is_supervised() -> bool:
            with suppress(StoreError):
                self.client.bring_back()
                return True
            return False

        wait_until(is_supervised, "no supervisor came back")

    def call(self, *words: str) -> "subprocess.Popen[bytes]":
        """A command of the user, as a process."""
        return subprocess.Popen(
            [sys.executable, "-m", "tui_optim", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    # What has to hold

    def remember(self) -> None:
        """Keep what the logs hold now, right after a death."""
        for run in Catalogue(self.home).runs():
            content = run.folder.events.read_bytes() if run.folder.events.exists() else b""
            self._logs[run.run_id] = content[: content.rfind(b"\n") + 1]

    def check_run(self, run_id: str, expected: "Undisturbed") -> None:
        """It has come to its end in the bits of one that nobody disturbed, and has lost nothing that it had said."""
        status = self.wait_for_end(run_id)
        assert status.state == "finished", f"{run_id}: {status.state} {status.reason}"
        assert status.final is not None
        assert numbers(status.final) == expected.final
        records = read_events(self.folder(run_id).events)
        results = [numbers(record.event.result) for record in records if isinstance(record.event, EpochEnded)]
        assert results == expected.epochs
        assert self.folder(run_id).events.read_bytes().startswith(self._logs.get(run_id, b""))

    def check_home(self, *, num_deaths: int) -> None:
        """All can be read, nothing is stuck, and what deaths have left does not grow."""
        catalogue = Catalogue(self.home)
        wait_until(lambda: not any(run.status.state in WITH_WORK for run in catalogue.runs()), "a run is stuck")
        assert catalogue.damaged == {}
        assert read_sweeps(self.home)[1] == {}
        assert queue.waiting(self.home) == []
        assert len(debris(self.home)) <= 4 * num_deaths
        for path in debris(self.home):
            os.utime(path, times=(0, time.time() - AGE_S - 1))
        clear_debris(self.home)
        assert debris(self.home) == []
        assert "Traceback" not in self.home.supervisor_log.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The figures of a run that nobody disturbed."""

    final: tuple[Any, ...]
    epochs: list[tuple[Any, ...]]


def spec_of(preset_id: str, *, epochs: int = EPOCHS) -> RunSpec:
    """A run of a packaged preset on a small problem, which keeps a checkpoint after each of its epochs."""
    return resolve_run(
        "circles",
        load_library().find(preset_id),
        data=generated_source("circles"),
        seed=5,
        epochs=epochs,
        threads=1,
        device="cpu",
        keeping=Keeping(every=1),
    )


def undisturbed(spec: RunSpec) -> Undisturbed:
    """Train it here."""
    ended, heard = train_here(spec)
    assert ended.final is not None
    return Undisturbed(numbers(ended.final), [numbers(result) for result in heard.epochs])

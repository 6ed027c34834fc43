"""Worker, supervisor, app and a sweep's coordinator die at random moments and around every call that changes a file.

Six deaths belong to the suite; `pytest -m attack -n 0 tests/crash` dies two hundred times.
"""

import os
import pty
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from tests.crash.faults import KINDS, Kind, moments_of
from tests.crash.shaken import FAMILIES, Death, ShakenLab, Undisturbed, spec_of, undisturbed
from tests.runs.lab import wait_until
from tests.runs.test_sweeps import outcomes
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.store.library import load_library
from tui_optim.store.sweepfolder import SweepFolder

SEED = 20261128
NUM_DEATHS = 200
Where = Kind | None
"""Around which call; None for a random moment."""
PLACES: tuple[Where, ...] = (None, *KINDS)


@pytest.fixture
def shaken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ShakenLab]:
    """An empty home; no process of it is left behind."""
    made = ShakenLab(tmp_path, monkeypatch)
    yield made
    made.close()


class Matrix:
    """Deaths of a home's processes, one after the other."""

    def __init__(self, lab: ShakenLab, chance: random.Random) -> None:
        self.lab, self.chance = lab, chance
        self.died: Counter[tuple[str, str]] = Counter()
        self.ended: list[str] = []
        """Runs that may be deleted."""
        self._turn = 0
        folder = SweepFolder(lab.home.sweeps / lab.client.submit_sweep(sweep()))
        wait_until(lambda: folder.read_status().state == "finished", "the calm sweep did not come to its end")
        self._calm_sweep = outcomes(folder.log.read())

    def dies(self, role: str, where: Where) -> None:
        """Let a process of the role die there once, and see that everything comes to its end as if it had not."""
        acts: dict[str, Callable[[Where], bool]] = {
            "worker": self._worker,
            "supervisor": self._supervisor,
            "app": self._app,
            "sweep": self._sweep,
        }
        for _ in range(20):  # a call of a high number may not come
            if acts[role](where):
                self.died[role, where or "random"] += 1
                return
        pytest.fail(f"no {role} died around {where}")

    def _worker(self, where: Where) -> bool:
        """In the middle of a run, of each family of presets in turn."""
        preset_id = self._next_preset()
        if where is not None:
            self.lab.plan("worker", self._death(where, at_most=30))
        (run_id,) = self.lab.client.submit([spec_of(preset_id)])
        if where is None:
            self.lab.wait_for_begin(run_id)
            self._pass_time(0.3)
            with suppress(AssertionError, ProcessLookupError):  # it has ended before
                self.lab.kill_worker(run_id)
                self.lab.remember()
                self._check({run_id: preset_id})
                return True
        return self._comes_to("worker", where, {run_id: preset_id})

    def _supervisor(self, where: Where) -> bool:
        """While one run trains and loses its worker, and another waits."""
        presets = self._next_preset(), self._next_preset()
        runs = dict(zip(self.lab.client.submit([spec_of(one) for one in presets]), presets, strict=True))
        first = next(iter(runs))
        self.lab.wait_for_begin(first)
        if where is None:
            self._pass_time(0.3)
            self.lab.kill_supervisor()
            self.lab.remember()
            self._check(runs)
            return True
        self.lab.plan("supervisor", self._death(where, at_most=2 if where == "unlink" else 4))
        with suppress(AssertionError, ProcessLookupError):
            self.lab.kill_worker(first)
        return self._comes_to("supervisor", where, runs)

    def _sweep(self, where: Where) -> bool:
        """While it asks for trials, makes their runs and writes down what came of them."""
        if where is not None:
            self.lab.plan("supervisor", self._death(where, at_most=2 if where == "unlink" else 12))
        sweep_id = self.lab.client.submit_sweep(sweep())
        folder = SweepFolder(self.lab.home.sweeps / sweep_id)
        if where is None:
            self._pass_time(1.0)
            self.lab.kill_supervisor()
        died = where is None or self._waits_for_death("supervisor", lambda: folder.read_status().state != "running")
        self.lab.withdraw("supervisor")
        self.lab.remember()
        self.lab.bring_back()
        wait_until(lambda: folder.read_status().state == "finished", f"{sweep_id} did not come to its end")
        assert outcomes(folder.log.read()) == self._calm_sweep
        return died

    def _app(self, where: Where) -> bool:
        """A command that makes a run, labels one, deletes one; or the app itself, which looks on."""
        preset_id = self._next_preset()
        if where is None:
            (run_id,) = self.lab.client.submit([spec_of(preset_id)])
            app = _open_app()
            self._pass_time(2.0)
            os.kill(app, signal.SIGKILL)
            os.waitpid(app, 0)
            self._check({run_id: preset_id})
            return True
        before = {path.name for path in self.lab.home.runs.iterdir() if path.name[0] != "."}
        words = ["run", "circles", preset_id, "--seeds", "5", "--epochs", "12", "--keep-every", "1", "--threads", "1"]
        words += ["--device", "cpu", "--detach"]
        if where == "unlink":
            words = ["delete", "--yes", self._has_ended_run()]
        self.lab.plan("app", self._death(where, at_most=3))
        died = self.lab.call(*words).wait() == -signal.SIGKILL
        self.lab.withdraw("app")
        self.lab.remember()
        made = {path.name for path in self.lab.home.runs.iterdir() if path.name[0] != "."} - before
        self._check(dict.fromkeys(made, preset_id))
        return died

    def _comes_to(self, role: str, where: Where, runs: dict[str, str]) -> bool:
        died = self._waits_for_death(role, lambda: all(self.lab.status(one).state == "finished" for one in runs))
        self.lab.withdraw(role)
        self.lab.remember()
        self._check(runs)
        return died and where is not None

    def _waits_for_death(self, role: str, is_over: Callable[[], bool]) -> bool:
        has_died = False

        def is_decided() -> bool:
            nonlocal has_died
            has_died = self.lab.has_died(role)
            return has_died or is_over()

        wait_until(is_decided, f"neither did a {role} die nor did all come to its end")
        return has_died

    def _check(self, runs: dict[str, str]) -> None:
        self.lab.bring_back()
        for run_id, preset_id in runs.items():
            self.lab.check_run(run_id, calm(preset_id))
            self.ended.append(run_id)

    def _next_preset(self) -> str:
        self._turn += 1
        return FAMILIES[self._turn % len(FAMILIES)]

    def _death(self, kind: Kind, *, at_most: int) -> Death:
        return Death(kind, self.chance.randint(1, at_most), self.chance.choice(moments_of(kind)))

    def _pass_time(self, at_most_s: float) -> None:
        time.sleep(self.chance.uniform(0.0, at_most_s))  # the random moment itself

    def _has_ended_run(self) -> str:
        if not self.ended:
            (run_id,) = self.lab.client.submit([spec_of("sgd")])
            self._check({run_id: "sgd"})
        return self.ended.pop()


def test_deaths_of_each_kind_change_nothing(shaken: ShakenLab) -> None:
    """Six of them, drawn under a seed: every process, every call, and a random moment."""
    matrix = Matrix(shaken, random.Random(SEED))
    kinds: list[tuple[str, Where]] = [
        ("worker", "write"),
        ("supervisor", "replace"),
        ("sweep", "fsync"),
        ("app", "replace"),
        ("app", "unlink"),
        ("worker", None),
    ]
    for role, where in kinds:
        matrix.dies(role, where)
    shaken.check_home(num_deaths=len(kinds))


@pytest.mark.attack
@pytest.mark.timeout(7200)
def test_two_hundred_deaths_change_nothing(shaken: ShakenLab) -> None:
    """Ten for each process and each of five places: no epoch that was said is lost, nothing is stuck, every bit is the same."""
    matrix = Matrix(shaken, random.Random(SEED + 1))
    began = time.monotonic()
    roles = ("worker", "supervisor", "app", "sweep")
    for _ in range(NUM_DEATHS // (len(roles) * len(PLACES))):
        for role in roles:
            for where in PLACES:
                matrix.dies(role, where)
    shaken.check_home(num_deaths=NUM_DEATHS)
    assert sum(matrix.died.values()) == NUM_DEATHS
    print(f"\n{NUM_DEATHS} deaths in {time.monotonic() - began:.0f} s: {dict(matrix.died)}")


@cache
def calm(preset_id: str) -> Undisturbed:
    """The figures of a preset's run that nobody disturbed."""
    return undisturbed(spec_of(preset_id))


def sweep() -> SweepSpec:
    """Three rates of a method whose runs train alone."""
    plan = SweepPlan.model_validate(
        {
            "scenarios": ("circles",),
            "presets": ("svrg",),
            "space": {"lr": (0.01, 0.05, 0.1)},
            "epochs": 3,
            "metric": "train_loss",
        }
    )
    presets = {"svrg": load_library().find("svrg")}
    return resolve_sweep(plan, presets, data={"circles": generated_source("circles")}, device="cpu", threads=1)


def _open_app() -> int:
    """The app on a terminal of its own; returns its process."""
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "tui_optim"])
    threading.Thread(target=_drain, args=[terminal], daemon=True).start()
    return child


def _drain(terminal: int) -> None:
    with suppress(OSError):  # its other end is closed
        while os.read(terminal, 1 << 16):
            pass
    os.close(terminal)

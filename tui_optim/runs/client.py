"""What an app or a command may do with runs: submit, command, resume, label, delete. It never trains and may die at any time."""

import math
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.runs import queue
from tui_optim.runs.disk_wait import LIMIT_S
from tui_optim.runs.machine import versions
from tui_optim.runs.orders import LOCK_WAIT_S, WITH_SWEEP, give_order, still_held
from tui_optim.runs.queue import requeue
from tui_optim.spec.commands import LIVE, Order
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import RESUMABLE_STATES, WITH_WORK
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.files import FileLock, not_written
from tui_optim.store.home import Home
from tui_optim.store.label import Label, relabel
from tui_optim.store.new_runs import NewRun, create_runs, new_run_id
from tui_optim.store.runfolder import RunFolder

if TYPE_CHECKING:
    from tui_optim.spec.sweeps.sweep import SweepSpec
    from tui_optim.store.disk import Cleaning
    from tui_optim.store.sweepfolder import SweepCommand, SweepFolder

SUPERVISOR_START_LIMIT_S = 15.0
FULL_BELOW_BYTES = 1 << 20
"""With less space than this a checkpoint, if not a line in a log, cannot be written."""


class Client:
    """Commands to the runs of one home."""

    def __init__(self, home: Home) -> None:
        """Nothing is started yet."""
        self.home = home
        self._open_lock = FileLock(home.apps_lock)

    def submit(self, specs: Sequence[RunSpec], *, executor: ExecutorSpec = LOCAL) -> list[str]:
        """Make a run folder for each, queue them in order, and see that a supervisor works on them. Raises StoreError."""
        created = time.time()
        runs = [NewRun(spec=spec, run_id=new_run_id(spec, created=created)) for spec in specs]
        folders = create_runs(self.home, runs, versions=versions(), executor=executor)
        queue.enqueue_all(self.home, [folder.run_id for folder in folders])
        self.ensure_supervisor()
        return [folder.run_id for folder in folders]

    def submit_sweep(self, spec: "SweepSpec") -> str:
        """Make a sweep's folder and see that a supervisor carries it out; returns its id. Raises StoreError."""
        from tui_optim.store.sweepfolder import create_sweep  # here as below: a start of the app knows no sweeps

        folder = create_sweep(self.home, spec, versions=versions())
        queue.wake(self.home)
        self.ensure_supervisor()
        return folder.sweep_id

    def tell_sweep(self, sweep_id: str, command: "SweepCommand") -> None:
        """Pause, stop, resume a sweep, or queue its failed trials again. Raises UsageError."""
        from tui_optim.spec.sweeps.trial import why_no_retry
        from tui_optim.store.sweepfolder import SweepFolder

        folder = SweepFolder(self.home.sweeps / sweep_id)
        status = folder.read_status()
        if command == "pause" and status.state != "running":
            raise UsageError(f"{sweep_id} is {status.state}: only a running sweep can be told to pause")
        if command == "stop" and status.state not in ("running", "paused"):
            raise UsageError(f"{sweep_id} is {status.state}: only a running or paused sweep can be told to stop")
        if command == "resume" and status.state == "running":
            was_alone = self.ensure_supervisor()
            if self._resume_trials(folder) or was_alone:
                return  # it waited for trials that were paused by themselves, or was left without a supervisor
        if command == "resume" and status.state not in ("paused", "stopped"):
            raise UsageError(f"{sweep_id} is {status.state}: only a paused or stopped sweep resumes")
        if command == "requeue" and (refusal := why_no_retry(folder.log.read(), status.stage)):
            is_resting = status.state in ("paused", "stopped")
            more = f"; it is {status.state}: resumed without that, it goes on" if is_resting else ""
            raise UsageError(f"{sweep_id} {refusal}{more}")
        if command == "resume":
            self._resume_trials(folder)
        folder.send(command)
        queue.wake(self.home)
        self.ensure_supervisor()

    def _resume_trials(self, folder: "SweepFolder") -> bool:
        """Queue the trials again that were paused by themselves, not with their sweep; whether there were any."""
        is_any = False
        for trial in folder.log.read():
            run = RunFolder(self.home.runs / trial.run_id)
            if trial.state != "running" or not run.path.exists():
                continue
            status = run.read_status()
            if status.state == "paused" and status.reason != WITH_SWEEP:
                self.resume(trial.run_id)
                is_any = True
        return is_any

    def is_sweeping(self) -> bool:
        """Whether some sweep of this home is under way."""
        from tui_optim.store.sweepfolder import SweepFolder, sweep_ids

        folders = (SweepFolder(self.home.sweeps / sweep_id) for sweep_id in sweep_ids(self.home))
        return any(_is_running(folder) for folder in folders)

    def bring_back(self) -> bool:
        """Start a supervisor where work was left without one, as after a reboot; True where it was. Raises StoreError."""
        return self.has_work() and self.ensure_supervisor()

    def has_work(self) -> bool:
        """Whether there is something to do for a supervisor."""
        return self.is_sweeping() or any(run.status.state in WITH_WORK for run in Catalogue(self.home).runs())

    def lack_of_space(self) -> str:
        """A sentence where the disk of the home is full; '' else."""
        try:
            free = shutil.disk_usage(self.home.root).free
        except OSError:
            return ""
        if free >= FULL_BELOW_BYTES:
            return ""
        return (
            f"the disk of {self.home.root} is full: runs wait for space, {LIMIT_S / 60:.0f} minutes long, and then have failed; "
            "`tui-optim clean` removes checkpoints that nothing needs"
        )

    def pause(self, run_id: str) -> None:
        """Ask a waiting or running run to keep a checkpoint and leave its worker. Raises UsageError."""
        self.order(run_id, Order(command="pause"))

    def stop(self, run_id: str) -> None:
        """Ask a run to end at its next bin of steps; its results so far are kept. Raises UsageError."""
        self.order(run_id, Order(command="stop"))

    def order(self, run_id: str, order: Order) -> None:
        """Tell a run to pause, stop, evaluate, keep a checkpoint, change its rate or its length, or end it. Raises UsageError."""
        if give_order(self.home, run_id, order):
            self.ensure_supervisor()

    def resume(self, run_id: str) -> None:
        """Queue a paused, stopped, interrupted or failed run again, from its last checkpoint. Raises UsageError."""
        folder = RunFolder(self.home.runs / run_id)
        status = folder.read_status()
        if status.state in ("queued", "running") and self.ensure_supervisor():
            return  # it was left without one
        if status.state not in RESUMABLE_STATES:
            if run_id in queue.waiting(self.home):
                raise UsageError(f"{run_id} is queued already")
            raise UsageError(f"{run_id} is {status.state}: only paused, stopped, interrupted or failed runs resume")
        for request in folder.requests():
            if request.command not in LIVE:
                request.path.unlink(missing_ok=True)  # told to an attempt that had ended by then
        if not requeue(self.home, run_id, attempt=0, wait_s=LOCK_WAIT_S):
            raise still_held(run_id)
        self.ensure_supervisor()

    def label(
        self, run_id: str, *, name: str | None = None, note: str | None = None, is_pinned: bool | None = None
    ) -> Label:
        """Name a run, note something about it, pin it to the top; None leaves that as it is. Raises UsageError."""
        return relabel(RunFolder(self.home.runs / run_id).label, name=name, note=note, is_pinned=is_pinned)

    def delete(self, run_ids: Sequence[str]) -> None:
        """Delete runs that neither train nor wait, for good. Raises UsageError."""
        from tui_optim.runs.deletion import delete_runs  # knows sweeps and their trials: nothing that a start needs

        delete_runs(self.home, run_ids)

    def clean(self, *, keeps_best: bool = False) -> "Cleaning":
        """Remove the checkpoints of runs at their end; says what has gone. Raises StoreError."""
        from tui_optim.runs.cleaning import clean  # looks into every folder: nothing that a start needs

        return clean(self.home, keeps_best=keeps_best)

    def prepare(self, spec: RunSpec) -> None:
        """Let a warm worker load the data of a run that is likely to come. Raises StoreError."""
        queue.write_prepare(self.home, spec)

    def slots(self) -> int:
        """How many runs may train at once."""
        return queue.read_slots(self.home)

    def set_slots(self, num_slots: int) -> None:
        """Set how many runs may train at once. Raises UsageError."""
        queue.write_slots(self.home, num_slots)

    def num_active(self) -> int:
        """How many runs train or wait now."""
        return sum(run.status.state in ("running", "queued") for run in Catalogue(self.home).runs())

    def hold_open(self) -> None:
        """Tell the supervisor that an app is open, for as long as this process lives."""
        # the supervisor holds it for an instant when it asks whether one is open
        self._open_lock.acquire(is_shared=True, wait_s=math.inf)

    def is_supervised(self) -> bool:
        """Whether a supervisor runs for this home.

        It is asked for with a shared lock: another client that asks at this very moment is no supervisor.
        """
        if not self.home.supervisor_lock.exists():
            return False
        lock = FileLock(self.home.supervisor_lock)
        if not lock.acquire(is_shared=True):
            return True
        lock.release()
        return False

    def ensure_supervisor(self) -> bool:
        """Start the detached supervisor and wait until it holds its lock; False where one runs already. Raises StoreError."""
        if self.is_supervised():
            return False
        try:
            descriptor = os.open(self.home.supervisor_log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise not_written(self.home.supervisor_log, error) from error
        with open(descriptor, "ab") as log:  # noqa: PTH123 - a descriptor, not a path
            process = subprocess.Popen(
                [sys.executable, "-m", "tui_optim.runs.supervisor", str(self.home.root)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        # whenever it ends, at once because another one was faster or hours later: an app that is still open has no dead child
        threading.Thread(target=process.wait, name="waits for the supervisor", daemon=True).start()
        deadline = time.monotonic() + SUPERVISOR_START_LIMIT_S
        while not self.is_supervised():
            if process.poll() is not None and not self.is_supervised():
                raise StoreError(f"the supervisor did not start; see {self.home.supervisor_log}")
            if time.monotonic() > deadline:
                raise StoreError(f"the supervisor takes too long to start; see {self.home.supervisor_log}")
            time.sleep(0.02)
        return True


def _is_running(folder: "SweepFolder") -> bool:
    try:
        return folder.read_status().state == "running"
    except StoreError:
        return False  # a damaged sweep is told where sweeps are listed


def _environment() -> dict[str, str]:
    """The caller's environment with this very package importable, wherever the new process stands."""
    package_parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(part for part in (package_parent, known) if part)}

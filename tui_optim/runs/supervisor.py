"""The supervisor: one small detached process per home, without torch. It owns the queue, the worker slots and restarts."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import IO, Any

from tui_optim.runs import queue
from tui_optim.runs.machine import cpu_budget
from tui_optim.runs.sweeps import Sweeps
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import CommandSeen, Ended, Notice, RunState
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.eventlog import EventWriter
from tui_optim.store.files import FileLock, held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status

TICK_S = 0.05
QUEUE_LIMIT_S = 0.5
RECOVER_EVERY_S = 2.0
SUBMIT_GRACE_S = 10.0
"""A new folder that is not in the queue yet belongs to a client that is about to put it there; later it is an orphan."""
IDLE_LIMIT_S = 600.0
MAX_ATTEMPTS = 3
STORE_ERROR_WAIT_S = 10.0
LOCK_WAIT_S = 1.0
LEAVE_LIMIT_S = 30.0
FAST_DEATHS_LIMIT = 3
SPIN_COUNT = "5000"
"""How long OpenMP's threads spin at a barrier before they sleep. Their default of many milliseconds makes LeNet-5 on two threads
six times slower as soon as another process wants a core: each barrier then burns the core that the late thread waits for."""


@dataclass(slots=True)
class WorkerProcess:
    """A worker as the supervisor sees it."""

    process: "subprocess.Popen[bytes]"
    is_ready: bool = False
    run_id: str | None = None
    unread: bytes = b""

    def send(self, job: dict[str, Any]) -> None:
        """Write a job; a worker that is gone shows at its output's end."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(job).encode() + b"\n")
            self.process.stdin.flush()


class Supervisor:
    """Gives waiting runs to workers, one at a time each, and restarts what a crash interrupted."""

    def __init__(self, home: Home) -> None:
        """Nothing runs yet."""
        self.home = home
        self.workers: list[WorkerProcess] = []
        self._selector = selectors.DefaultSelector()
        self._catalogue = Catalogue(home)
        self._sweeps = Sweeps(home, tell=_log)
        self._recovered_at = 0.0
        self._queue_stamp, self._queue_seen_at = 0, 0.0
        self._is_leaving = False
        self._idle_since = time.monotonic()
        self._num_fast_deaths = 0

    def run(self) -> None:
        """Work until all has been idle for ten minutes with no app open, or SIGTERM comes."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._recover()
        self._start_worker()
        while not self._is_leaving:
            answers = self._selector.select(timeout=TICK_S)
            for key, _ in answers:
                self._hear(key.data)
            try:
                if answers or self._is_queue_due():
                    self._sweeps.step(queue.read_slots(self.home))
                    self._obey_waiting()
                    self._assign()
                if time.monotonic() - self._recovered_at > RECOVER_EVERY_S:
                    self._recover()
                    if self._is_idle_for_long():
                        break
            except (StoreError, OSError) as error:  # a full disk, a folder removed: it may pass
                _log(str(error))
                time.sleep(STORE_ERROR_WAIT_S)
        self._leave()

    def _is_queue_due(self) -> bool:
        """Whether the queue's folder has changed; looked into every half second all the same (commands, coarse clocks)."""
        now, stamp = time.monotonic(), self.home.queue.stat().st_mtime_ns
        if stamp == self._queue_stamp and now - self._queue_seen_at < QUEUE_LIMIT_S:
            return False
        self._queue_stamp, self._queue_seen_at = stamp, now
        return True

    def _on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_leaving = True

    def _recover(self) -> None:
        """Queue what a dead supervisor or worker left: folders that never reached the queue, runs without their worker."""
        self._recovered_at = time.monotonic()
        known = {*queue.waiting(self.home), *(worker.run_id for worker in self.workers)}
        for run in self._catalogue.runs():
            if run.run_id in known:
                continue
            if run.status.state == "interrupted":
                self._restart(run.run_id, "the worker is gone")
            elif run.status.state == "queued" and time.time() - run.status.heartbeat > SUBMIT_GRACE_S:
                queue.requeue(self.home, run.run_id, attempt=run.status.attempt)

    def _start_worker(self) -> None:
        slots = queue.read_slots(self.home)
        process = subprocess.Popen(
            [sys.executable, "-m", "tui_optim.runs.worker", str(self.home.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd="/",
            env={
                "GOMP_SPINCOUNT": SPIN_COUNT,
                **os.environ,
                "OMP_NUM_THREADS": str(default_threads(slots)),
                "CUBLAS_WORKSPACE_CONFIG": ":4096:8",  # cuBLAS is deterministic only with a fixed workspace
            },
        )
        worker = WorkerProcess(process)
        self.workers.append(worker)
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        self._selector.register(process.stdout, selectors.EVENT_READ, worker)

    def _hear(self, worker: WorkerProcess) -> None:
        """Read a worker's answers; the end of its output is its death."""
        stdout: IO[bytes] | None = worker.process.stdout
        assert stdout is not None
        try:
            chunk = os.read(stdout.fileno(), 65536)
        except BlockingIOError:
            return
        if not chunk:
            self._bury(worker)
            return
        *lines, worker.unread = (worker.unread + chunk).split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if "ready" in answer:
                worker.is_ready, self._num_fast_deaths = True, 0
            elif "done" in answer:
                worker.run_id = None
                if answer["state"] == "interrupted":
                    self._restart(answer["done"], "the worker was asked to leave")

    def _bury(self, worker: WorkerProcess) -> None:
        assert worker.process.stdout is not None
        self._selector.unregister(worker.process.stdout)
        worker.process.stdout.close()
        code = worker.process.wait()
        self.workers.remove(worker)
        cause = f"the worker was ended by {signal.Signals(-code).name}" if code < 0 else f"the worker left with {code}"
        if worker.run_id is not None:
            self._restart(worker.run_id, cause)
        elif not worker.is_ready:
            self._num_fast_deaths += 1
            _log(f"{cause} before it was ready")

    def _restart(self, run_id: str, cause: str) -> None:
        """Queue a run again from its last checkpoint, or declare it failed after its last attempt."""
        folder = RunFolder(self.home.runs / run_id)
        try:
            with held_lock(folder.lock) as is_ours:
                if not is_ours:
                    return  # a worker of an earlier supervisor still has it
                status = folder.read_status()
                if status.state not in ("queued", "running", "interrupted"):
                    return
                attempt = status.attempt + (status.state == "queued")  # it died before it could count its attempt
                if attempt >= MAX_ATTEMPTS:
                    reason = f"{cause}, for the {attempt}. time; see {self.home.supervisor_log}, then resume"
                    _append(folder, Ended(state="failed", reason=reason, best=status.best))
                    write_status(folder.status, replace(status, state="failed", reason=reason, owner=None))
                    return
                sentence = f"{cause}; resuming from the last checkpoint (attempt {attempt + 1} of {MAX_ATTEMPTS})"
                _append(folder, Notice(text=sentence))
            queue.requeue(self.home, run_id, attempt=attempt)
        except StoreError as error:
            _log(str(error))

    def _obey_waiting(self) -> None:
        """Carry out commands to runs that no worker has yet."""
        for run_id in queue.waiting(self.home):
            folder = RunFolder(self.home.runs / run_id)
            for request in folder.requests():
                state: RunState = "stopped" if request.command == "stop" else "paused"
                with held_lock(folder.lock) as is_ours:
                    if not is_ours:
                        break
                    queue.dequeue(self.home, run_id)
                    status = folder.read_status()
                    _append(folder, CommandSeen(command=request.command, step=status.step))
                    write_status(folder.status, replace(status, state=state, reason=request.reason))
                    request.path.unlink(missing_ok=True)

    def _assign(self) -> None:
        """Give waiting runs to free workers; start a worker where a slot has none; let surplus ones go."""
        slots = queue.read_slots(self.home)
        waiting = queue.waiting(self.home)
        if waiting and len(self.workers) < min(slots, len(waiting) + self._num_busy()):
            if self._num_fast_deaths >= FAST_DEATHS_LIMIT:
                self._give_up(waiting)
                return
            self._start_worker()
        for worker in list(self.workers):
            if not worker.is_ready or worker.run_id is not None:
                continue
            if waiting and self._num_busy() < slots:
                worker.run_id = waiting.pop(0)
                queue.dequeue(self.home, worker.run_id)
                worker.send({"run": worker.run_id, "threads": default_threads(slots)})
            elif prepare := queue.take_prepare(self.home):
                worker.send({"prepare": prepare})
            elif len(self.workers) > max(1, slots):
                assert worker.process.stdin is not None
                worker.process.stdin.close()

    def _give_up(self, waiting: list[str]) -> None:
        """Workers die before they are ready: say so in each waiting run instead of trying for ever."""
        reason = f"no worker could be started; see {self.home.supervisor_log}, then `tui-optim doctor`"
        for run_id in waiting:
            folder = RunFolder(self.home.runs / run_id)
            queue.dequeue(self.home, run_id)
            with held_lock(folder.lock) as is_ours:
                if is_ours:
                    _append(folder, Ended(state="failed", reason=reason))
                    write_status(folder.status, replace(folder.read_status(), state="failed", reason=reason))
        self._num_fast_deaths = 0

    def _num_busy(self) -> int:
        return sum(worker.run_id is not None for worker in self.workers)

    def _is_idle_for_long(self) -> bool:
        app_lock = FileLock(self.home.apps_lock)
        is_app_open = not app_lock.acquire()
        app_lock.release()
        if is_app_open or self._num_busy() or queue.waiting(self.home) or self._sweeps.is_busy:
            self._idle_since = time.monotonic()
        return time.monotonic() - self._idle_since > IDLE_LIMIT_S

    def _leave(self) -> None:
        """End the workers: each keeps a checkpoint first."""
        for worker in self.workers:
            worker.process.terminate()
        deadline = time.monotonic() + LEAVE_LIMIT_S
        for worker in self.workers:
            try:
                worker.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()


def default_threads(slots: int) -> int:
    """Threads per run so that `slots` runs share the CPU budget without fighting."""
    return max(1, cpu_budget() // slots)


def main() -> None:
    """Supervise the home named on the command line, unless another supervisor does."""
    home = open_home(Path(sys.argv[1]))
    lock = FileLock(home.supervisor_lock)
    deadline = time.monotonic() + LOCK_WAIT_S
    while not lock.acquire():  # a client that asks whether somebody supervises holds it for an instant
        if time.monotonic() > deadline:
            return
        time.sleep(0.02)
    Supervisor(home).run()


def _append(folder: RunFolder, event: Ended | Notice | CommandSeen) -> None:
    """Add one event to a log whose lock we hold."""
    log = EventWriter(folder.events)
    try:
        log.append(event)
    finally:
        log.close()


def _log(text: str) -> None:
    print(f"{time.strftime('%F %T')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

"""The supervisor: one small detached process per home, without torch. It gives waiting runs to those that can train them.

What waiting runs want is in `wishes`, the processes in `crew`, who gets which run in `giving`, what becomes of runs that one has
left in `restarts`, and sweeps in `sweeps`.
"""

import contextlib
import math
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from tui_optim.runs import kills, queue
from tui_optim.runs.crew import Crew
from tui_optim.runs.executors.process import HERE, ExecutorProcess
from tui_optim.runs.giving import Giving
from tui_optim.runs.restarts import Restarts
from tui_optim.runs.sweeps import Sweeps
from tui_optim.runs.wishes import Wishes
from tui_optim.spec.errors import StoreError
from tui_optim.store.debris import clear_debris
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import folder_of

TICK_S = 0.05
QUEUE_LIMIT_S = 0.5
RECOVER_EVERY_S = 2.0
IDLE_LIMIT_S = 600.0
STORE_ERROR_WAIT_S = 5.0
LOCK_WAIT_S = 1.0


class Supervisor:
    """Looks at everything again and again, and hears what came of runs that are trained."""

    def __init__(self, home: Home, *, lock: FileLock | None = None) -> None:
        """Nothing runs yet; once the `lock` of the home is lost, the home is another supervisor's."""
        self.home = home
        self._lock = lock
        self._crew = Crew(home, tell=_log)
        self._wishes = Wishes(home)
        self._restarts = Restarts(home, tell=_log)
        self._giving = Giving(home, self._crew, self._wishes, self._restarts)
        self._sweeps = Sweeps(home, tell=_log)
        self._recovered_at = -math.inf
        self._queue_stamp, self._queue_seen_at = 0, 0.0
        self._is_leaving = False
        self.was_told_to_leave = False
        """Whether SIGTERM has come: then what waits is left to a later supervisor."""
        self._idle_since = time.monotonic()

    def run(self) -> None:
        """Work until all has been idle for ten minutes with no app open, SIGTERM comes, or the lock is lost."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._crew.start(HERE)
        clear_debris(self.home)  # while the worker loads torch
        while not self._has_to_leave():
            try:
                self._turn()
            except (StoreError, OSError) as error:  # a full disk, a folder removed: it may pass
                _log(str(error))
                self._rest(STORE_ERROR_WAIT_S)
        self._crew.leave()

    def _turn(self) -> None:
        """Hear what the workers have said, and do what can be done now. Raises StoreError, OSError."""
        speaking = self._crew.speaking(within_s=TICK_S)
        ended = [run_id for worker in speaking for run_id in self._hear(worker)]
        is_due = self._is_queue_due()
        if is_due:
            self._sweeps.step(self._crew.capacity)
            self._end_the_doomed()
            self._giving.obey(queue.waiting(self.home))
        elif speaking:
            self._sweeps.step(self._crew.capacity, ended=ended)
        if speaking or is_due:
            self._giving.assign()
        if time.monotonic() - self._recovered_at > RECOVER_EVERY_S:
            self._recovered_at = time.monotonic()
            known = {*queue.waiting(self.home), *self._crew.run_ids}
            self._restarts.recover(known=known, is_glance=self._crew.is_busy)
            self._is_leaving |= self._is_idle_for_long()

    def _rest(self, duration_s: float) -> None:
        """Sleep, unless there is a reason to leave."""
        deadline = time.monotonic() + duration_s
        while not self._has_to_leave() and time.monotonic() < deadline:
            time.sleep(TICK_S)

    def _has_to_leave(self) -> bool:
        """Asked before every look at the queue, of which an earlier home's supervisor is to take nothing."""
        if not self._is_leaving and self._lock is not None and self._lock.is_lost():
            self._is_leaving = True
            _log(f"{self._lock.path} has been removed or replaced: this supervisor leaves")
        return self._is_leaving

    def _is_queue_due(self) -> bool:
        """Whether the queue's folder has changed; looked into every half second all the same (commands, coarse clocks)."""
        now, stamp = time.monotonic(), self.home.queue.stat().st_mtime_ns
        if stamp == self._queue_stamp and now - self._queue_seen_at < QUEUE_LIMIT_S:
            return False
        self._queue_stamp, self._queue_seen_at = stamp, now
        return True

    def _on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_leaving = self.was_told_to_leave = True

    def _is_idle_for_long(self) -> bool:
        app_lock = FileLock(self.home.apps_lock)
        is_app_open = not app_lock.acquire()
        app_lock.release()
        if is_app_open or self._crew.is_busy or self._sweeps.is_busy or queue.waiting(self.home):
            self._idle_since = time.monotonic()
        return time.monotonic() - self._idle_since > IDLE_LIMIT_S

    def _hear(self, worker: ExecutorProcess) -> list[str]:
        """Take the answers of a worker or bridge; the end of its output is its death. Returns the runs that it has let go of."""
        answers = worker.answers()
        if answers is None:
            self._bury(worker)
            return []
        for answer in answers:
            if "ready" in answer:
                self._crew.welcome(worker, capacity=int(answer.get("capacity", 1)))
            elif "done" in answer:
                worker.let_go(answer["done"])
                if answer["state"] == "interrupted":
                    self._restarts.restart(answer["done"], answer.get("cause", ""))
                elif answer["state"] == "failed" and answer.get("cause"):
                    self._restarts.fail(answer["done"], answer["cause"])
                elif answer["state"] == "queued":
                    self._take_back(answer["done"], is_alone="alone" in answer)
            elif "leaving" in answer:
                worker.is_leaving = True
            elif "unavailable" in answer:
                worker.is_leaving = True
                self._restarts.give_up(self._wishes.waiting_for(worker.place), str(answer["unavailable"]))
        return [answer["done"] for answer in answers if "done" in answer]

    def _bury(self, worker: ExecutorProcess) -> None:
        cause = self._crew.bury(worker)
        for run_id in worker.run_ids:
            if worker.is_killed:
                self._restarts.restart(run_id, "", why_free="the worker was ended for another run's sake")
            else:
                self._restarts.restart(run_id, cause)

    def _take_back(self, run_id: str, *, is_alone: bool) -> None:
        """Queue a run that a worker has not begun, before all others; on a full disk it is found to wait outside later."""
        if is_alone:
            self._wishes.train_alone(run_id)
        try:
            queue.enqueue(self.home, run_id, is_first=True)
        except StoreError as error:
            _log(str(error))

    def _end_the_doomed(self) -> None:
        """End the processes of runs that are to be killed; that they were is written down once they are gone."""
        for worker in self._crew.members:
            is_ours = worker.place.is_here and not worker.is_killed
            if is_ours and any(kills.is_wanted(folder_of(self.home, run_id)) for run_id in worker.run_ids):
                worker.kill()


def main() -> None:
    """Supervise the home named on the command line, unless another supervisor does."""
    os.umask(0o077)  # for workers and bridges too: what torch, Ray and submitit write is nobody else's
    home = open_home(Path(sys.argv[1]))
    lock = FileLock(home.supervisor_lock)
    if not lock.acquire(wait_s=LOCK_WAIT_S):  # a client that asks whether somebody supervises holds it for an instant
        return
    with contextlib.suppress(OSError):  # a full disk: only `system` misses it
        home.supervisor_lock.write_text(f"{os.getpid()}\n", encoding="ascii")  # who holds it
    supervisor = Supervisor(home, lock=lock)
    supervisor.run()
    is_lost = lock.is_lost()
    lock.release()
    if supervisor.was_told_to_leave or not home.queue.exists():  # the home may be gone, and its lock with it
        return
    if is_lost or queue.waiting(home):  # what waits came while this one left, and found the lock held
        from tui_optim.runs.client import Client  # one that stays does without

        client = Client(home)
        if is_lost:  # by itself: the home's runs have been interrupted
            client.bring_back()
        else:
            client.ensure_supervisor()


def _log(text: str) -> None:
    """Say something in the supervisor's log, unless that is on a full disk too."""
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%F %T')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

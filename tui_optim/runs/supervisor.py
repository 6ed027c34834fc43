"""The supervisor: one small detached process per home, without torch. It owns the queue, the worker slots and restarts."""

import contextlib
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from tui_optim.runs import kills, queue, without_worker
from tui_optim.runs.executors.process import HERE, WORKER_ENVIRONMENT, ExecutorProcess, Place, start_process
from tui_optim.runs.leftovers import Leftovers
from tui_optim.runs.machine import cpu_budget
from tui_optim.runs.sweeps import Sweeps
from tui_optim.spec.commands import LIVE
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.spec.extras import need_extra
from tui_optim.spec.stacking import stack_key
from tui_optim.store.files import FileLock, held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import folder_of

TICK_S = 0.05
QUEUE_LIMIT_S = 0.5
RECOVER_EVERY_S = 2.0
SUBMIT_GRACE_S = 10.0
"""A new folder that is not in the queue yet belongs to a client that is about to put it there; later it is an orphan."""
IDLE_LIMIT_S = 600.0
MAX_ATTEMPTS = 3
STORE_ERROR_WAIT_S = 5.0
LOCK_WAIT_S = 1.0
LEAVE_LIMIT_S = 30.0
FAST_DEATHS_LIMIT = 3
CLUSTER_THREADS = 1
"""Threads of a run on a cluster that does not set its own: many runs at once use its cores better than many threads."""
MAX_TOGETHER = 512
"""Runs in one stack."""
GATHER_S = 0.15
"""How long a run that could train with others waits for them."""
BRIDGE_IDLE_LIMIT_S = 60.0
"""A bridge without runs lets go of its cluster after this time."""


class Supervisor:
    """Gives waiting runs to the executors that they ask for, and restarts what a crash interrupted."""

    def __init__(self, home: Home) -> None:
        """Nothing runs yet."""
        self.home = home
        self.workers: list[ExecutorProcess] = []
        """Workers of this machine, and bridges to clusters."""
        self._wishes: dict[str, _Wish] = {}
        """What each waiting run wants."""
        self._alone: set[str] = set()
        """Runs that a worker has found to be faster, or to be looked into, by themselves."""
        self._selector = selectors.DefaultSelector()
        self._leftovers = Leftovers(home)
        self._sweeps = Sweeps(home, tell=_log)
        self._recovered_at = -math.inf
        self._queue_stamp, self._queue_seen_at = 0, 0.0
        self._is_leaving = False
        self.was_told_to_leave = False
        """Whether SIGTERM has come: then what waits is left to a later supervisor."""
        self._idle_since = time.monotonic()
        self._num_fast_deaths: dict[Place, int] = {}

    def run(self) -> None:
        """Work until all has been idle for ten minutes with no app open, or SIGTERM comes."""
        signal.signal(signal.SIGTERM, self._on_terminate)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        self._start_process(HERE)
        while not self._is_leaving:
            try:
                self._turn()
            except (StoreError, OSError) as error:  # a full disk, a folder removed: it may pass
                _log(str(error))
                self._rest(STORE_ERROR_WAIT_S)
        self._leave()

    def _turn(self) -> None:
        """Hear what the workers have said, and do what can be done now. Raises StoreError, OSError."""
        answers = self._selector.select(timeout=TICK_S)
        ended = [run_id for key, _ in answers for run_id in self._hear(key.data)]
        is_due = self._is_queue_due()
        if is_due:
            self._sweeps.step(self._capacity)
            self._end_the_doomed()
            self._obey(queue.waiting(self.home))
        elif answers:
            self._sweeps.step(self._capacity, ended=ended)
        if answers or is_due:
            self._assign()
        if time.monotonic() - self._recovered_at > RECOVER_EVERY_S:
            self._recover()
            self._is_leaving |= self._is_idle_for_long()

    def _rest(self, duration_s: float) -> None:
        """Sleep, unless SIGTERM comes."""
        deadline = time.monotonic() + duration_s
        while not self._is_leaving and time.monotonic() < deadline:
            time.sleep(TICK_S)

    def _is_queue_due(self) -> bool:
        """Whether the queue's folder has changed; looked into every half second all the same (commands, coarse clocks)."""
        now, stamp = time.monotonic(), self.home.queue.stat().st_mtime_ns
        if stamp == self._queue_stamp and now - self._queue_seen_at < QUEUE_LIMIT_S:
            return False
        self._queue_stamp, self._queue_seen_at = stamp, now
        return True

    def _on_terminate(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_leaving = self.was_told_to_leave = True

    def _recover(self) -> None:
        """Queue what a dead supervisor or worker left: folders that never reached the queue, runs without their worker."""
        self._recovered_at = time.monotonic()
        known = {*queue.waiting(self.home), *(run_id for worker in self.workers for run_id in worker.run_ids)}
        for run_id, status in self._leftovers.found(known=known, is_glance=_num_busy(self.workers) > 0):
            if status.state == "interrupted":
                self._restart(run_id, "the worker is gone")
            elif status.state == "queued" and time.time() - status.heartbeat > SUBMIT_GRACE_S:
                queue.requeue(self.home, run_id, attempt=status.attempt, is_first=status.attempt > 0)

    def _start_process(self, place: Place) -> None:
        environment = WORKER_ENVIRONMENT
        if place.is_here:
            environment = {**environment, "OMP_NUM_THREADS": str(default_threads(queue.read_slots(self.home)))}
        started = start_process(self.home, place, environment=environment)
        self.workers.append(started)
        self._selector.register(started.output, selectors.EVENT_READ, started)

    def _hear(self, worker: ExecutorProcess) -> list[str]:
        """Take the answers of a worker or bridge; the end of its output is its death. Returns the runs that it has let go of."""
        answers = worker.answers()
        if answers is None:
            self._bury(worker)
            return []
        for answer in answers:
            if "ready" in answer:
                worker.is_ready, worker.capacity = True, int(answer.get("capacity", 1))
                self._num_fast_deaths.pop(worker.place, None)
            elif "done" in answer:
                worker.let_go(answer["done"])
                if answer["state"] == "interrupted":
                    self._restart(answer["done"], answer.get("cause", ""))
                elif answer["state"] == "queued":
                    self._take_back(answer["done"], is_alone="alone" in answer)
            elif "leaving" in answer:
                worker.is_leaving = True
            elif "unavailable" in answer:
                worker.is_leaving = True
                self._give_up(self._waiting_for(worker.place), str(answer["unavailable"]))
        return [answer["done"] for answer in answers if "done" in answer]

    def _bury(self, worker: ExecutorProcess) -> None:
        self._selector.unregister(worker.output)
        self.workers.remove(worker)
        cause = worker.bury()
        for run_id in worker.run_ids:
            if worker.is_killed:
                self._restart(run_id, "", why_free="the worker was ended for another run's sake")
            else:
                self._restart(run_id, cause)
        if not worker.is_ready and not worker.is_leaving:
            self._num_fast_deaths[worker.place] = self._num_fast_deaths.get(worker.place, 0) + 1
            _log(f"{cause} before it was ready")

    def _take_back(self, run_id: str, *, is_alone: bool) -> None:
        """Queue a run that a worker has not begun again, before all others."""
        if is_alone:
            self._alone.add(run_id)
        queue.enqueue(self.home, run_id, is_first=True)

    def _restart(self, run_id: str, cause: str, *, why_free: str = "") -> None:
        """Queue a run again from its last checkpoint, or declare it failed after its last attempt.

        Without a `cause` it is not its own doing: that costs no attempt; `why_free` says what it is then, if not a good order.
        """
        folder = folder_of(self.home, run_id)
        try:
            with held_lock(folder.lock) as is_ours:
                if not is_ours:
                    return  # a worker of an earlier supervisor still has it
                status = folder.read_status()
                if status.state not in ("queued", "running", "interrupted"):
                    return
                if kills.is_wanted(folder):
                    kills.write_down(folder)
                    return
                attempt = status.attempt + (status.state == "queued")  # it died before it could count its attempt
                if not cause:
                    attempt = max(0, attempt - 1)
                    without_worker.note(
                        folder, f"{why_free or 'the worker was asked to leave'}; resuming from its checkpoint"
                    )
                elif attempt >= MAX_ATTEMPTS:
                    reason = f"{cause}, for the {attempt}. time; see {self.home.supervisor_log}, then resume"
                    without_worker.fail(folder, reason)
                    return
                else:
                    sentence = f"{cause}; resuming from the last checkpoint (attempt {attempt + 1} of {MAX_ATTEMPTS})"
                    without_worker.note(folder, sentence)
            queue.requeue(self.home, run_id, attempt=attempt, is_first=True)
        except StoreError as error:
            _log(str(error))

    def _obey(self, run_ids: Iterable[str]) -> None:
        """Carry out commands to runs that no worker has yet."""
        for run_id in run_ids:
            folder = folder_of(self.home, run_id)
            for request in folder.requests():
                with held_lock(folder.lock) as is_ours:
                    if not is_ours:
                        break
                    if request.command not in LIVE:
                        queue.dequeue(self.home, run_id)
                    without_worker.obey(folder, request)

    def _end_the_doomed(self) -> None:
        """End the processes of runs that are to be killed; `_restart` then writes down that they were."""
        for worker in self.workers:
            is_ours = worker.place.is_here and not worker.is_killed
            if is_ours and any(kills.is_wanted(folder_of(self.home, run_id)) for run_id in worker.run_ids):
                worker.kill()

    def _assign(self) -> None:
        """Give waiting runs to the executors that they ask for; let surplus workers and idle bridges go."""
        self._assign_here()
        for place in sorted({self._wish(run_id).place for run_id in queue.waiting(self.home)} - {HERE}):
            self._assign_to_bridge(place)
        for worker in self.workers:
            is_idle = not worker.place.is_here and worker.is_ready and not worker.run_ids and not worker.is_leaving
            if is_idle and time.monotonic() - worker.idle_since > BRIDGE_IDLE_LIMIT_S:
                worker.dismiss()

    def _assign_here(self) -> None:
        """Give runs to free workers of this machine; start a worker where a slot has none; let surplus ones go."""
        slots = queue.read_slots(self.home)
        waiting, workers = self._waiting_for(HERE), self._at(HERE)
        if waiting and len(workers) < min(slots, len(waiting) + _num_busy(workers)) and self._may_start(HERE):
            self._start_process(HERE)
        for worker in workers:
            if not worker.has_room:
                continue
            if waiting and _num_busy(workers) < slots:
                group = self._alike(waiting)
                if not self._may_take(worker, group[0]):
                    worker.dismiss()
                elif not self._is_gathering(group):
                    waiting = [run_id for run_id in waiting if run_id not in group]
                    self._give(worker, group, threads=default_threads(slots))
            elif prepare := queue.take_prepare(self.home):
                worker.send({"prepare": prepare})
            elif len(self._at(HERE)) > max(1, slots):
                worker.dismiss()

    def _assign_to_bridge(self, place: Place) -> None:
        """Give runs to the bridge of a cluster, which has its own idea of how many train at once; start it on demand."""
        bridges = self._at(place)
        if not bridges and self._may_start(place):
            self._start_process(place)
        for bridge in bridges:
            for run_id in self._waiting_for(place):
                if bridge.has_room and run_id not in bridge.run_ids:  # resumed before the bridge has told of its end
                    self._give(bridge, [run_id], threads=CLUSTER_THREADS)

    def _may_take(self, worker: ExecutorProcess, run_id: str) -> bool:
        """Not where it has run other code of the user's than the run's: a torch setting made there would be this run's too."""
        return worker.plugins in ((), self._wish(run_id).plugins)

    def _give(self, worker: ExecutorProcess, run_ids: list[str], *, threads: int) -> None:
        """Give a run to an executor, or several that are alike to a worker; none that has been told to end meanwhile."""
        self._obey(run_ids)
        waiting = set(queue.waiting(self.home))
        run_ids = [run_id for run_id in run_ids if run_id in waiting]
        if not run_ids:
            return
        worker.plugins = worker.plugins or self._wish(run_ids[0]).plugins
        queue.dequeue(self.home, *run_ids)
        for run_id in run_ids:
            self._wishes.pop(run_id, None)
            self._alone.discard(run_id)
        if len(run_ids) == 1:
            worker.take(run_ids[0], threads=threads)
        else:
            worker.take_together(run_ids, threads=threads, slots=queue.read_slots(self.home))

    def _alike(self, waiting: list[str]) -> list[str]:
        """The first waiting run, with those that may train with it."""
        first = waiting[0]
        key = self._wish(first).stack
        if key is None or first in self._alone:
            return [first]
        alike = [run_id for run_id in waiting if run_id not in self._alone and self._wish(run_id).stack == key]
        return alike[:MAX_TOGETHER]

    def _is_gathering(self, group: list[str]) -> bool:
        """Whether more runs like these are likely to come in a moment: who queues several does it one by one."""
        if self._wish(group[0]).stack is None or self._wish(group[0]).is_of_sweep:
            return False
        return queue.age_of_latest_s(self.home, group) < GATHER_S

    def _may_start(self, place: Place) -> bool:
        """Whether another process makes sense; where they die before they are ready, the waiting runs are told so instead."""
        try:
            if not place.is_here:
                need_extra(place.kind, needed_by=f"engine {place.kind}")
        except UsageError as error:
            self._give_up(self._waiting_for(place), str(error))
            return False
        if self._num_fast_deaths.get(place, 0) < FAST_DEATHS_LIMIT:
            return True
        name = "worker" if place.is_here else f"{place.kind} bridge"
        reason = f"no {name} could be started; see {self.home.supervisor_log}, then `tui-optim doctor`"
        self._give_up(self._waiting_for(place), reason)
        del self._num_fast_deaths[place]
        return False

    def _give_up(self, waiting: list[str], reason: str) -> None:
        """Say in each run that nobody can take it, instead of trying for ever."""
        for run_id in waiting:
            folder = folder_of(self.home, run_id)
            queue.dequeue(self.home, run_id)
            try:
                with held_lock(folder.lock) as is_ours:
                    if is_ours:
                        without_worker.fail(folder, reason)
            except StoreError as error:  # it is queued again, and told again
                _log(str(error))

    def _waiting_for(self, place: Place) -> list[str]:
        return [run_id for run_id in queue.waiting(self.home) if self._wish(run_id).place == place]

    def _wish(self, run_id: str) -> "_Wish":
        """What a waiting run wants; to come here where its folder does not say, so that a worker says what is wrong with it."""
        if run_id not in self._wishes:
            try:
                info = folder_of(self.home, run_id).read_info()
                stack = stack_key(info.spec, info.executor)
            except UsageError:  # damaged, or of a scenario that is not there any more
                return _Wish(HERE, None, is_of_sweep=False, plugins=())
            self._wishes[run_id] = _Wish(
                Place.of(info.executor), stack, is_of_sweep=bool(info.sweep), plugins=info.spec.plugins
            )
        return self._wishes[run_id]

    def _capacity(self, executor: ExecutorSpec) -> int:
        """How many runs an executor takes at once; of a cluster that has not answered yet, as many as there are slots."""
        slots = queue.read_slots(self.home)
        bridges = [] if executor.kind == "local" else self._at(Place.of(executor))
        return max((bridge.capacity for bridge in bridges if bridge.is_ready), default=slots)

    def _at(self, place: Place) -> list[ExecutorProcess]:
        """Processes at a place that still take runs."""
        return [worker for worker in self.workers if worker.place == place and not worker.is_leaving]

    def _is_idle_for_long(self) -> bool:
        app_lock = FileLock(self.home.apps_lock)
        is_app_open = not app_lock.acquire()
        app_lock.release()
        is_busy = _num_busy(self.workers) > 0 or self._sweeps.is_busy
        if is_app_open or is_busy or queue.waiting(self.home):
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


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a waiting run wants."""

    place: Place
    stack: str | None
    """What it has in common with runs that it may train with; None where it trains alone."""
    is_of_sweep: bool
    plugins: tuple[str, ...]
    """The user's code that it is made of."""


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
    with contextlib.suppress(OSError):  # a full disk: only `system` misses it
        home.supervisor_lock.write_text(f"{os.getpid()}\n", encoding="ascii")  # who holds it
    supervisor = Supervisor(home)
    supervisor.run()
    lock.release()
    if queue.waiting(home) and not supervisor.was_told_to_leave:  # it came while this one left, and found the lock held
        from tui_optim.runs.client import Client  # one that stays does without

        Client(home).ensure_supervisor()


def _num_busy(workers: Iterable[ExecutorProcess]) -> int:
    """Slots in use: a stack takes one, a bridge as many as it has runs."""
    return sum(bool(one.run_ids) if one.place.is_here else len(one.run_ids) for one in workers)


def _log(text: str) -> None:
    """Say something in the supervisor's log, unless that is on a full disk too."""
    with contextlib.suppress(OSError):
        print(f"{time.strftime('%F %T')} {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

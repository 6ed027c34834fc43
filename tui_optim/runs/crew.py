"""The processes that bring runs to their ends: workers of this machine, and bridges to clusters."""

import selectors
import subprocess
import time
from collections.abc import Callable, Iterable

from tui_optim.runs import queue
from tui_optim.runs.executors.process import WORKER_ENVIRONMENT, ExecutorProcess, Place, start_process
from tui_optim.runs.machine import default_threads
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.store.home import Home

LEAVE_LIMIT_S = 30.0
FAST_DEATHS_LIMIT = 3
BRIDGE_IDLE_LIMIT_S = 60.0
"""A bridge without runs lets go of its cluster after this time."""


class Crew:
    """Starts processes, waits for what they say, and takes leave of them."""

    def __init__(self, home: Home, *, tell: Callable[[str], None]) -> None:
        """Nobody works yet; `tell` gets a sentence for each process that dies before it is ready."""
        self.home = home
        self.members: list[ExecutorProcess] = []
        self._tell = tell
        self._selector = selectors.DefaultSelector()
        self._num_fast_deaths: dict[Place, int] = {}

    @property
    def run_ids(self) -> list[str]:
        """The runs that somebody has."""
        return [run_id for one in self.members for run_id in one.run_ids]

    @property
    def is_busy(self) -> bool:
        """Whether somebody has one."""
        return num_busy(self.members) > 0

    def at(self, place: Place) -> list[ExecutorProcess]:
        """Those at a place that still take runs."""
        return [one for one in self.members if one.place == place and not one.is_leaving]

    def capacity(self, executor: ExecutorSpec) -> int:
        """How many runs an executor takes at once; of a cluster that has not answered yet, as many as there are slots."""
        slots = queue.read_slots(self.home)
        bridges = [] if executor.kind == "local" else self.at(Place.of(executor))
        return max((bridge.capacity for bridge in bridges if bridge.is_ready), default=slots)

    def start(self, place: Place) -> None:
        """Start one more at a place."""
        environment = WORKER_ENVIRONMENT
        if place.is_here:
            environment = {**environment, "OMP_NUM_THREADS": str(default_threads(queue.read_slots(self.home)))}
        started = start_process(self.home, place, environment=environment)
        self.members.append(started)
        self._selector.register(started.output, selectors.EVENT_READ, started)

    def speaking(self, *, within_s: float) -> list[ExecutorProcess]:
        """Those that have something to answer, or have left, as soon as there are any; what all say meanwhile is passed on."""
        speaking = [key.data for key, _ in self._selector.select(timeout=within_s)]
        for one in self.members:
            if one.words is not None:
                one.words.pass_on()
        return speaking + [one for one in self.members if one.process.poll() is not None and one not in speaking]

    def welcome(self, one: ExecutorProcess, *, capacity: int) -> None:
        """It is ready, for so many runs at once."""
        one.is_ready, one.capacity = True, capacity
        self._num_fast_deaths.pop(one.place, None)

    def bury(self, one: ExecutorProcess) -> str:
        """Take leave of one whose output has ended; returns what ended it."""
        self._selector.unregister(one.output)
        self.members.remove(one)
        cause = one.bury()
        if not one.is_ready and not one.is_leaving:
            self._num_fast_deaths[one.place] = self._num_fast_deaths.get(one.place, 0) + 1
            self._tell(f"{cause} before it was ready")
        return cause

    def has_given_up(self, place: Place) -> bool:
        """Whether processes there die before they are ready, time and again; whoever hears of it may try anew after that."""
        if self._num_fast_deaths.get(place, 0) < FAST_DEATHS_LIMIT:
            return False
        del self._num_fast_deaths[place]
        return True

    def dismiss_idle_bridges(self) -> None:
        """Let go of clusters that nobody has needed for a while."""
        for one in self.members:
            is_idle = not one.place.is_here and one.is_ready and not one.run_ids and not one.is_leaving
            if is_idle and time.monotonic() - one.idle_since > BRIDGE_IDLE_LIMIT_S:
                one.dismiss()

    def leave(self) -> None:
        """End all of them: each keeps a checkpoint first."""
        for one in self.members:
            one.process.terminate()
        deadline = time.monotonic() + LEAVE_LIMIT_S
        for one in self.members:
            try:
                one.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.process.kill()
            if one.words is not None:
                one.words.close()


def num_busy(processes: Iterable[ExecutorProcess]) -> int:
    """Slots in use: a stack takes one, a bridge as many as it has runs."""
    return sum(bool(one.run_ids) if one.place.is_here else len(one.run_ids) for one in processes)

"""Giving waiting runs to those that can train them: workers of this machine, one process a slot, and bridges to clusters."""

from collections.abc import Iterable

from tui_optim.runs import queue, without_worker
from tui_optim.runs.crew import Crew, num_busy
from tui_optim.runs.executors.process import HERE, ExecutorProcess, Place
from tui_optim.runs.machine import default_threads
from tui_optim.runs.restarts import Restarts
from tui_optim.runs.wishes import Wishes
from tui_optim.spec.commands import LIVE
from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import need_extra
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import folder_of

CLUSTER_THREADS = 1
"""Threads of a run on a cluster that does not set its own: many runs at once use its cores better than many threads."""


class Giving:
    """Decides who gets which run, and starts and dismisses processes for it."""

    def __init__(self, home: Home, crew: Crew, wishes: Wishes, restarts: Restarts) -> None:
        """`restarts` tells runs that nobody can take."""
        self.home = home
        self._crew, self._wishes, self._restarts = crew, wishes, restarts

    def assign(self) -> None:
        """Give waiting runs to the executors that they ask for; let surplus workers and idle bridges go."""
        self._assign_here()
        for place in self._wishes.places():
            if not place.is_here:
                self._assign_to_bridge(place)
        self._crew.dismiss_idle_bridges()

    def _assign_here(self) -> None:
        """Give runs to free workers of this machine; start a worker where a slot has none; let surplus ones go."""
        slots = queue.read_slots(self.home)
        waiting, workers = self._wishes.waiting_for(HERE), self._crew.at(HERE)
        if waiting and len(workers) < min(slots, len(waiting) + num_busy(workers)) and self._may_start(HERE):
            self._crew.start(HERE)
        for worker in workers:
            if not worker.has_room:
                continue
            if waiting and num_busy(workers) < slots:
                group = self._wishes.alike(waiting)
                if not self._may_take(worker, group[0]):
                    worker.dismiss()
                elif not self._wishes.is_gathering(group):
                    waiting = [run_id for run_id in waiting if run_id not in group]
                    self._give(worker, group, threads=default_threads(slots))
            elif prepare := queue.take_prepare(self.home):
                worker.send({"prepare": prepare})
            elif len(self._crew.at(HERE)) > max(1, slots):
                worker.dismiss()

    def _assign_to_bridge(self, place: Place) -> None:
        """Give runs to the bridge of a cluster, which has its own idea of how many train at once; start it on demand."""
        bridges = self._crew.at(place)
        if not bridges and self._may_start(place):
            self._crew.start(place)
        for bridge in bridges:
            for run_id in self._wishes.waiting_for(place):
                if bridge.has_room and run_id not in bridge.run_ids:  # resumed before the bridge has told of its end
                    self._give(bridge, [run_id], threads=CLUSTER_THREADS)

    def _may_start(self, place: Place) -> bool:
        """Whether another process makes sense; where they die before they are ready, the waiting runs are told so instead."""
        try:
            if not place.is_here:
                need_extra(place.kind, needed_by=f"engine {place.kind}")
        except UsageError as error:
            self._restarts.give_up(self._wishes.waiting_for(place), str(error))
            return False
        if not self._crew.has_given_up(place):
            return True
        name = "worker" if place.is_here else f"{place.kind} bridge"
        reason = f"no {name} could be started; see {self.home.supervisor_log}, then `tui-optim doctor`"
        self._restarts.give_up(self._wishes.waiting_for(place), reason)
        return False

    def _may_take(self, worker: ExecutorProcess, run_id: str) -> bool:
        """Not where it has run other code of the user's than the run's: a torch setting made there would be this run's too."""
        return worker.plugins in ((), self._wishes.of(run_id).plugins)

    def _give(self, worker: ExecutorProcess, run_ids: list[str], *, threads: int) -> None:
        """Give a run to an executor, or several that are alike to a worker; none that has been told to end meanwhile."""
        self.obey(run_ids)
        waiting = set(queue.waiting(self.home))
        run_ids = [run_id for run_id in run_ids if run_id in waiting]
        if not run_ids:
            return
        worker.plugins = worker.plugins or self._wishes.of(run_ids[0]).plugins
        queue.dequeue(self.home, *run_ids)
        self._wishes.forget(run_ids)
        if len(run_ids) == 1:
            worker.take(run_ids[0], threads=threads)
        else:
            worker.take_together(run_ids, threads=threads, slots=queue.read_slots(self.home))

    def obey(self, run_ids: Iterable[str]) -> None:
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

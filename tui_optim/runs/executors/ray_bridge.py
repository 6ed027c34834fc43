"""The bridge to a Ray cluster: holds the runs' locks and writes their folders while actors on the nodes train.

The nodes need Python, torch and Ray as this machine has them, but no file system in common with it: this package travels as a
`py_module`, data files through the object store; events and checkpoints come back with each answer. An actor that is lost, with
its node or alone, costs its run an attempt: the supervisor queues the run again, and it goes on from its newest checkpoint.
"""

import contextlib
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # no telemetry; Ray reads it when it starts
os.environ["RAY_COLOR_PREFIX"] = "0"  # what actors print is for a log

import ray
from ray.exceptions import RayError

from tui_optim.runs.disk_wait import DiskWait
from tui_optim.runs.executors.bridge import MAX_CAPACITY, Done, serve
from tui_optim.runs.executors.held_run import HeldRun
from tui_optim.runs.executors.packing import data_files, plugin_source, scenario_content
from tui_optim.runs.executors.ray_cluster import (
    Share,
    connect,
    first_line,
    has_node_for,
    num_cpus,
    share_of,
    start_actor,
)
from tui_optim.runs.executors.task import Failed, Happening, Task, Wanted
from tui_optim.runs.median_watch import Watches
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import RunState
from tui_optim.spec.run import RunSpec
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder

LOCK_WAIT_S = 5.0
IDLE_ACTOR_LIMIT_S = 30.0
"""An actor keeps torch and its data loaded for the next run for this time, and its share of the cluster with them."""
MAX_COMING = 8
"""Actors asked for at once: those that have finished a run take the next one anyhow."""


@dataclass(slots=True, eq=False)
class Slot:
    """An actor, with the one call that it is answering."""

    actor: Any
    share: Share
    answer: Any
    """Reference to what it will answer."""
    node: str = ""
    """Address of its node, once it is there."""
    run: HeldRun | None = None
    idle_since: float = field(default_factory=time.monotonic)


class RayBridge:
    """Runs of one home on one cluster."""

    def __init__(self, home: Home, address: str) -> None:
        """Connect. Raises UsageError when there is no such cluster."""
        self.home = home
        self._watches, self._disk_wait = Watches(home), DiskWait()
        self._waiting: list[tuple[HeldRun, Share]] = []
        self._slots: list[Slot] = []
        self._done: list[Done] = []
        self._files: tuple[DataSource, Any] | None = None
        """The data source of the latest run, and the reference to its files in the object store."""
        self._is_leaving = False
        connect(address)

    @property
    def capacity(self) -> int:
        """A run for each core, and one that waits: it shows a cluster that grows by itself that more would be of use."""
        return min(MAX_CAPACITY, num_cpus() + 1)

    @property
    def num_runs(self) -> int:
        """Runs taken and not let go of."""
        return len(self._waiting) + sum(slot.run is not None for slot in self._slots) + len(self._done)

    def take(self, run_id: str, *, threads: int) -> None:
        """Lock a run and let it wait for an actor."""
        folder = RunFolder(self.home.runs / run_id)
        lock = FileLock(folder.lock)
        if not lock.acquire(wait_s=LOCK_WAIT_S):
            self._done.append(Done(run_id=run_id, state="running"))  # another worker has it
            return
        try:
            run = HeldRun(folder, lock, threads=threads, watches=self._watches, disk_wait=self._disk_wait)
            if state := run.end_before():
                self._let_go(run, state)
                return
            num_gpus = float(run.info.executor.parameters.get("num_gpus", 1.0))
            share = share_of(run.info.spec, threads=run.threads, num_gpus=num_gpus)
            if not has_node_for(share):
                run.note(f"no node of the Ray cluster has {share}: waiting for one")
        except StoreError as error:
            lock.release()
            self._done.append(Done(run_id=run_id, state="interrupted", cause=str(error)))
            return
        self._waiting.append((run, share))

    def look(self) -> Iterator[Done]:
        """Obey commands, hear the actors, and let waiting runs have those that are free."""
        for run, share in list(self._waiting):
            try:
                state = run.obey_waiting()
            except StoreError as error:
                print(error, file=sys.stderr, flush=True)
                continue  # it may pass
            if state:
                self._waiting.remove((run, share))
                self._let_go(run, state)
        for slot in list(self._slots):
            self._hear(slot)
        self._fit_actors()
        done, self._done = self._done, []
        yield from done

    def leave(self) -> None:
        """Waiting runs go back to the queue; the others keep a checkpoint first."""
        self._is_leaving = True
        for run, _ in self._waiting:
            self._let_go(run, "interrupted")
        self._waiting = []

    def close(self) -> None:
        """Let go of the cluster; one that we started ends."""
        ray.shutdown()

    def _hear(self, slot: Slot) -> None:
        """Take an actor's answer where it has come, and ask again."""
        try:
            if not ray.wait([slot.answer], timeout=0)[0]:
                return
            answer = ray.get(slot.answer)
        except RayError as error:
            self._lose(slot, f"lost the Ray actor on {slot.node or 'its node'} ({first_line(error)})")
            return
        if not slot.node:
            slot.node = answer
        elif slot.run is not None:
            self._record(slot, slot.run, answer)
        if slot in self._slots and not self._starts_next(slot):
            wanted = self._wanted(slot)
            slot.answer = slot.actor.news.remote(wanted, slot.run.take_orders() if slot.run else ())

    def _record(self, slot: Slot, run: HeldRun, happenings: list[Happening]) -> None:
        for happening in happenings:
            try:
                state = run.record(happening, where=f"Ray node {slot.node}")
            except StoreError as error:
                self._end(slot)
                self._give_up(run, error)
                return
            if state:
                slot.run, slot.idle_since = None, time.monotonic()
                self._let_go(run, state)

    def _wanted(self, slot: Slot) -> Wanted | None:
        if slot.run is None:
            return None
        slot.run.listen()
        return ("interrupted", "") if self._is_leaving else slot.run.wanted

    def _starts_next(self, slot: Slot) -> bool:
        """Give a free actor the first waiting run of its share; False when there is none, or it is not free."""
        while slot.run is None and (run := self._next_for(slot.share)):
            try:
                task, files = self._task_of(run), self._files_of(run.info.spec)
            except StoreError as error:
                self._give_up(run, error)
            except UsageError as error:
                self._fail(run, str(error))
            else:
                slot.run, slot.answer = run, slot.actor.start.remote(task, files)
                return True
        return False

    def _task_of(self, run: HeldRun) -> Task:
        """Begin an attempt: all that a node needs for it but the data. Raises StoreError, UsageError."""
        checkpoint, spec = run.begin(), run.info.spec
        return Task(
            spec=spec,
            threads=run.threads,
            plugin=plugin_source(spec),
            scenario=scenario_content(spec),
            checkpoint=checkpoint,
            commands=tuple(run.commands),
            log=run.trace_path,
        )

    def _next_for(self, share: Share) -> HeldRun | None:
        for entry in self._waiting:
            if entry[1] == share:
                self._waiting.remove(entry)
                return entry[0]
        return None

    def _files_of(self, spec: RunSpec) -> Any:
        """Reference to the data files of a run; they travel once for all runs on the same data. Raises DataError."""
        if self._files is None or self._files[0] != spec.data:
            self._files = (spec.data, ray.put(data_files(spec.data)))
        return self._files[1]

    def _fail(self, run: HeldRun, reason: str) -> None:
        try:
            self._let_go(run, run.record(Failed(reason=reason, trace=""), where="") or "failed")
        except StoreError as error:
            self._give_up(run, error)

    def _give_up(self, run: HeldRun, problem: StoreError) -> None:
        """What becomes of it cannot be written: it is let go."""
        self._let_go(run, run.give_up(problem), cause=str(problem))

    def _lose(self, slot: Slot, cause: str) -> None:
        """An actor is gone: its run is let go."""
        self._end(slot)
        if slot.run is not None:
            self._let_go(slot.run, "interrupted", cause=cause)

    def _let_go(self, run: HeldRun, state: RunState, *, cause: str = "") -> None:
        try:
            run.close()
        except StoreError as error:
            print(error, file=sys.stderr, flush=True)
        self._done.append(Done(run_id=run.run_id, state=state, cause=cause))

    def _fit_actors(self) -> None:
        """Ask for as many actors as runs wait for; end those that nobody needs."""
        needs = Counter(share for _, share in self._waiting)
        free = [slot for slot in self._slots if slot.run is None]
        coming = Counter(slot.share for slot in free)
        for share, num_waiting in needs.items():
            for _ in range(min(num_waiting, MAX_COMING) - coming[share]):
                actor = start_actor(share)
                self._slots.append(Slot(actor, share, answer=actor.name.remote()))
        for slot in free:
            is_surplus = not slot.node and coming[slot.share] > needs[slot.share]
            is_in_the_way = bool(needs) and slot.share not in needs
            is_idle = bool(slot.node) and time.monotonic() - slot.idle_since > IDLE_ACTOR_LIMIT_S
            if is_surplus or is_in_the_way or is_idle or self._is_leaving:
                coming[slot.share] -= 1
                self._end(slot)

    def _end(self, slot: Slot) -> None:
        self._slots.remove(slot)
        with contextlib.suppress(RayError):
            ray.kill(slot.actor)


if __name__ == "__main__":
    serve(RayBridge)

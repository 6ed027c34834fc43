"""One sweep under way: asks for trials, makes their runs, writes down what came of them, and goes on to the winners."""

import time
from collections import Counter, deque
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from tui_optim.runs import queue, without_worker
from tui_optim.runs.machine import versions
from tui_optim.runs.orders import WITH_SWEEP
from tui_optim.runs.outcomes import outcome_of
from tui_optim.runs.search.asking import new_trial, run_of, wanted
from tui_optim.spec.commands import Command, find_command, state_after
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import RESUMABLE_STATES, RunState
from tui_optim.spec.plugins import add_plugin_files
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.plan import Point, SweepPlan
from tui_optim.spec.sweeps.trial import Trial, to_retry, winners
from tui_optim.store.control import Request
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.new_runs import NewRun, create_runs, new_run_id
from tui_optim.store.runfolder import RunFolder, folder_of
from tui_optim.store.sweepfolder import StoredSweep, SweepStatus

PORTION = 16
"""Trials that are asked for in one step, and as many more as belong to the last one's stack."""
MOST_AT_ONCE = 1024
MOST_PRUNED_AT_ONCE = 64


class ActiveSweep:
    """One sweep under way."""

    def __init__(self, home: Home, stored: StoredSweep) -> None:
        """Take it up where its files say that it stands."""
        add_plugin_files(map(Path, stored.spec.plugin_files))  # this process may be older than they are
        self.home, self.folder, self.spec, self.status = home, stored.folder, stored.spec, stored.status
        self._trials = stored.trials()
        self._seen: dict[str, tuple[int, RunState]] = {}
        """Run id → epoch and state when its curve was read last."""
        self._stamps: dict[str, tuple[int, int]] = {}
        """Run id → stamp of its status when it was read last."""
        self._to_come: deque[tuple[Point, int]] = deque()
        """Point and seed of the trials that come next, as far as one look at the search has told."""
        self._stackable: dict[str, bool] = {}
        """Run id → whether it may train together with others, so that it needs no slot of its own."""

    @property
    def plan(self) -> SweepPlan:
        """What the user said."""
        return self.spec.plan

    def obey(self, request: Request) -> bool:
        """Carry out a command of the user; False where not all of it can be done yet. Raises StoreError."""
        if request.command in ("pause", "stop"):
            for trial in self._running():
                self._pass_on(find_command(request.command), trial)
            self._set_status(replace(self.status, state=state_after(request.command)))
            return True
        if request.command == "requeue" and not self._retry(request):
            return False
        self._set_status(replace(self.status, state="running", reason=""))
        return True

    def advance(self, num_slots: int, *, ended: Collection[str] | None = None) -> None:
        """Read what running trials have come to, all or those that have `ended`, and ask for new ones. Raises StoreError."""
        looked_at = [trial for trial in self._running() if ended is None or trial.run_id in ended]
        try:
            self._tell([told for trial in looked_at if (told := self._look_at(trial)) is not None])
            self._ask(num_slots)
        except StoreError:
            raise
        except UsageError as error:
            # a value that its preset does not take, a file of the user's that is gone: nothing to be retried
            self._set_status(replace(self.status, state="failed", reason=str(error)))
            return
        if not self._running():
            self._end()
        elif Counter(trial.state for trial in self._trials) != self.status.counts:
            self._set_status(self.status)

    def _running(self) -> list[Trial]:
        return [trial for trial in self._trials if trial.state == "running"]

    # Asking

    def _ask(self, num_slots: int) -> None:
        """Begin trials until `num_slots` are under way; one that the user has paused holds up no other.

        Those that may train together as one stack need no slot each, so many are asked for at once: in portions, so that the
        first begin to train meanwhile, and whole groups, so that they find each other in the queue.
        """
        num_busy = sum(not self._needs_no_slot(trial) for trial in self._running())
        asked: list[tuple[Trial, RunSpec]] = []
        last_key: str | None = None
        num_running = len(self._running())
        self._to_come.clear()
        while (trial := self._next()) is not None:
            spec = run_of(self.spec, trial)
            key = self.spec.stack_of(spec)
            is_free = key is not None and num_running + len(asked) < self._most_at_once
            if not is_free and num_busy >= num_slots:
                break
            if len(asked) >= PORTION and key != last_key:
                break
            last_key = key
            num_busy += key is None
            trial = replace(trial, run_id=new_run_id(spec, created=time.time()))
            self._stackable[trial.run_id] = key is not None
            self._to_come.popleft()
            self._trials.append(trial)
            asked.append((trial, spec))
        if asked:
            try:
                self.folder.log.ask(*(trial for trial, _ in asked))
            except StoreError:
                del self._trials[-len(asked) :]
                raise
            self._make_runs(asked)

    def _next(self) -> Trial | None:
        """The next trial, or None where there is none (yet)."""
        if not self._to_come:
            self._to_come.extend(wanted(self.spec, self._trials, self.status.stage))
        return new_trial(self._trials, self.status.stage, *self._to_come[0]) if self._to_come else None

    def _needs_no_slot(self, trial: Trial) -> bool:
        """Whether a running trial leaves its slot to others: paused by the user, or one of a stack."""
        if trial.run_id not in self._stackable:
            self._stackable[trial.run_id] = self.spec.stack_of(run_of(self.spec, trial)) is not None
        return self._stackable[trial.run_id] or self._seen.get(trial.run_id, (0, "queued"))[1] == "paused"

    @property
    def _most_at_once(self) -> int:
        """Stackable trials under way; fewer where each is compared with all others at every epoch."""
        return MOST_AT_ONCE if self.plan.prune == "none" else MOST_PRUNED_AT_ONCE

    def _make_runs(self, asked: Sequence[tuple[Trial, RunSpec]]) -> None:
        """Make the runs of trials and queue them. Raises StoreError."""
        runs = [NewRun(spec=spec, run_id=trial.run_id) for trial, spec in asked]
        create_runs(self.home, runs, versions=versions(), executor=self.spec.executor, sweep=self.folder.sweep_id)
        queue.enqueue_all(self.home, [run.run_id for run in runs])

    # Commands

    def _pass_on(self, command: Command, trial: Trial) -> None:
        """Tell the run of a trial what its sweep was told; one that is paused is stopped here, as nobody works on it."""
        run = folder_of(self.home, trial.run_id)
        if not run.path.exists():
            return
        run.send(command, reason=WITH_SWEEP)
        if command == "stop" and _state(run) == "paused":
            with held_lock(run.lock) as is_ours:
                for request in run.requests() if is_ours else ():
                    without_worker.obey(run, request)

    def _retry(self, request: Request) -> bool:
        """Queue what failed or was stopped; False while a worker has not let go of it. What has been queued is told at once."""
        for trial in to_retry(self._trials, self.status.stage):
            if not self._queue_again(trial.run_id, asked=request):
                return False
            self._tell([replace(trial, state="running", value=None, curve=(), reason="")])
        return True

    def _queue_again(self, run_id: str, *, asked: Request | None = None) -> bool:
        """Queue a run that has been begun, unless it is under way already; False while a worker still has it.

        Commands of the sweep to the attempt that has ended are void, and so are the user's from before it was `asked` for.
        """
        run = folder_of(self.home, run_id)
        if _state(run) not in RESUMABLE_STATES:
            return True  # not made yet, or resumed by itself
        for request in run.requests():
            if request.reason == WITH_SWEEP or (asked is not None and request.path.name < asked.path.name):
                request.path.unlink(missing_ok=True)
        return queue.requeue(self.home, run_id, attempt=0)

    # What came of it

    def _look_at(self, trial: Trial) -> Trial | None:
        """The trial with its outcome, where there is one by now. Raises UsageError where its run cannot even be made."""
        run = folder_of(self.home, trial.run_id)
        if trial.run_id not in self._stamps and not run.path.exists():
            self._make_runs([(trial, run_of(self.spec, trial))])  # its supervisor died before it could make it
            return None
        try:
            stamp = run.status_stamp()
            if self._stamps.get(trial.run_id) == stamp:
                return None
            status = run.read_status()
            self._stamps[trial.run_id] = stamp
        except StoreError as error:
            return replace(trial, state="failed", reason=str(error))
        if status.reason == WITH_SWEEP and status.state in ("paused", "stopped"):
            if not self._queue_again(trial.run_id):
                del self._stamps[trial.run_id]  # to be looked at again
            return None
        if self._seen.get(trial.run_id) == (status.epoch, status.state):
            return None
        self._seen[trial.run_id] = (status.epoch, status.state)
        return outcome_of(trial, run, status, metric=self.plan.metric)

    def _tell(self, trials: Sequence[Trial]) -> None:
        """Write down outcomes. Raises StoreError."""
        if not trials:
            return
        self.folder.log.tell(*trials)
        told = {trial.number: trial for trial in trials}
        self._trials = [told.get(one.number, one) for one in self._trials]
        for trial in trials:
            self._seen.pop(trial.run_id, None)
            self._stamps.pop(trial.run_id, None)

    def _end(self) -> None:
        """Nothing runs and nothing can be asked for: on to the winners, or over."""
        has_winner = bool(winners(self._trials, self.plan))
        if self.status.stage == "search" and self.plan.final.seeds and has_winner:
            self._set_status(replace(self.status, stage="final"))
            return
        reason = "" if has_winner else "no trial came to its end: see their reasons"
        self._set_status(replace(self.status, state="finished" if has_winner else "failed", reason=reason))

    def _set_status(self, status: SweepStatus) -> None:
        self.status = replace(status, counts=Counter(trial.state for trial in self._trials))
        self.folder.write_status(self.status)


def _state(run: RunFolder) -> RunState | None:
    """None where it has none or it cannot be read, which is told where the trial is looked at."""
    try:
        return run.read_status().state
    except StoreError:
        return None

"""The median rule where a trial trains: each trial is judged after each of its epochs, before it goes on.

So a verdict does not depend on how fast a run is, nor on who looks when, and what has come to its end is never given up. In a
stack all members are at the same epoch whenever one is judged, and the rule compares equal epochs alone: they come to the
verdicts that they would have come to one by one.

A trial on a cluster without our files is judged by the bridge that writes its folder, as its epochs come in: it may have gone
on a little when it hears of it, and what it did then counts for nobody.
"""

import math
from collections.abc import Sequence

from tui_optim.runs.search.pruning import first_judged, pruned_at
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import EpochEnded, Event
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.spec.sweeps.trial import Trial, search_trials
from tui_optim.store.eventlog import read_curve
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.sweepfolder import SweepFolder


class Watches:
    """What trials that train in one process know of each other and of those before them."""

    def __init__(self, home: Home) -> None:
        """Nothing has been read yet."""
        self.home = home
        self.heard: dict[str, list[float]] = {}
        """Run id → the metric after each epoch, of runs that train here."""
        self._sweeps: dict[str, tuple[SweepPlan, list[Trial]]] = {}
        """Sweep id → plan and trials of its search, as they were when a run was first asked about."""
        self._read: dict[str, tuple[int, list[float]]] = {}
        """Run id → size of its log and its curve, of runs that train elsewhere."""

    def of(self, info: RunInfo, folder: RunFolder) -> "MedianWatch | None":
        """The watch of a run about to train; None for one that the rule does not judge."""
        known = self._sweep(info.sweep, folder.run_id) if info.sweep else None
        if known is None or known[0].prune != "median":
            return None
        plan, trials = known
        own = _find(trials, folder.run_id)
        if own is None:
            return None
        self.heard[folder.run_id] = read_curve(folder.events, plan.metric)
        earlier = [one for one in trials if _is_rival(one, own)]
        return MedianWatch(self, plan, folder.run_id, earlier, first_epoch=first_judged(plan.search, info.spec.epochs))

    def curve(self, trial: Trial, metric: str, *, until: int) -> Sequence[float]:
        """An earlier trial's metric after each epoch, read again where it was shorter than `until`."""
        if trial.state != "running":
            return trial.curve
        if trial.run_id in self.heard:
            return self.heard[trial.run_id]
        folder = RunFolder(self.home.runs / trial.run_id)
        size, known = self._read.get(trial.run_id, (-1, []))
        if len(known) < until:
            try:
                now = folder.events.stat().st_size
            except OSError:
                return known
            if now != size:
                known = read_curve(folder.events, metric)
                self._read[trial.run_id] = now, known
        return known

    def _sweep(self, sweep_id: str, run_id: str) -> tuple[SweepPlan, list[Trial]] | None:
        """A sweep that knows this run, as it was when it was read; None where it cannot be, as where its folder is not."""
        known = self._sweeps.get(sweep_id)
        if known is None or _find(known[1], run_id) is None:  # the trial may have been asked for since
            folder = SweepFolder(self.home.sweeps / sweep_id)
            try:
                known = folder.read().spec.plan, search_trials(folder.log.read())
            except StoreError:
                return None
            self._sweeps[sweep_id] = known
        return known


class MedianWatch:
    """Judges one trial while it trains."""

    def __init__(
        self, watches: Watches, plan: SweepPlan, run_id: str, earlier: Sequence[Trial], *, first_epoch: int
    ) -> None:
        """`earlier` are the trials that it is compared with, after `first_epoch` for the first time."""
        self._watches, self._plan, self._earlier, self._first_epoch = watches, plan, earlier, first_epoch
        self._own = watches.heard[run_id]
        self._judged = 0
        self._is_given_up = False

    def hear(self, event: Event) -> None:
        """Remember the metric of an epoch, unless the trial has been given up and does not know it yet."""
        if isinstance(event, EpochEnded) and event.result.epoch > 0 and not self._is_given_up:
            value = getattr(event.result, self._plan.metric)
            self._own.append(math.nan if value is None else value)

    def verdict(self) -> str:
        """Why the trial is given up now; '' where it goes on. All that trains beside it must be at the same epoch."""
        if len(self._own) == self._judged:
            return ""
        earlier = [self._watches.curve(one, self._plan.metric, until=len(self._own)) for one in self._earlier]
        epoch = pruned_at(
            self._own,
            earlier,
            is_minimised=self._plan.is_minimised,
            judged=self._judged,
            first_epoch=self._first_epoch,
        )
        if epoch is not None:
            self._is_given_up = True
            del self._own[epoch:]
        self._judged = len(self._own)
        return "" if epoch is None else pruned_reason(epoch)


def _find(trials: Sequence[Trial], run_id: str) -> Trial | None:
    return next((trial for trial in trials if trial.run_id == run_id), None)


def _is_rival(other: Trial, own: Trial) -> bool:
    """Asked for earlier, of the same arm, and of another point: a point's own seeds say nothing of how good others are."""
    return other.number < own.number and other.point.arm == own.point.arm and other.point != own.point

"""The tables of a sweep: its points from the best to the worst, and what its winners came to."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tui_optim.report.cells import Cell, Column, Table, is_number
from tui_optim.report.columns import GAP, TIME, measure
from tui_optim.report.entry import Entry
from tui_optim.report.statistics import mean, sd
from tui_optim.report.sweep_choice import OTHER, choice_sentences
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import AT_THEIR_END, RunState
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.trial import Trial, Verdict, verdicts, winners
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder

TrialStanding = Literal["queued", "running", "paused", "finished", "pruned", "diverged", "stopped", "failed"]
_OF_RUNS: dict[RunState, TrialStanding] = {
    "queued": "queued",
    "interrupted": "queued",
    "paused": "paused",
    "stopped": "stopped",
    "failed": "failed",
}
"""How a trial stands whose outcome is not written down yet; else it is running."""
_ON_EQUAL_TERMS: tuple[frozenset[TrialStanding], ...] = (
    frozenset({"finished", "diverged"}),
    frozenset({"running", "paused", "stopped", "failed"}),
    frozenset({"pruned"}),
)
"""Figures of trials in the same of these may be averaged; what is whole comes first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepView:
    """A sweep with its trials and their runs, as they stood when it was read."""

    sweep: StoredSweep
    trials: Sequence[Trial]
    runs: Mapping[str, StoredRun]
    """By run id; those of trials that have one."""

    @property
    def verdicts(self) -> list[Verdict]:
        """Its points in the order in which they were asked for."""
        return verdicts(self.trials, is_minimised=self.sweep.spec.plan.is_minimised)

    @property
    def winners(self) -> list[Verdict]:
        """The best point of each arm that has one, or of all; none where nothing is chosen."""
        return [] if self.sweep.spec.is_for_showing else winners(self.trials, self.sweep.spec.plan)

    @property
    def num_waited_for(self) -> int:
        """How many trials that were paused by themselves a running sweep waits for, with nothing else under way."""
        if self.sweep.status.state != "running":
            return 0
        under_way = [self.runs.get(trial.run_id) for trial in self.trials if trial.state == "running"]
        states = {run.status.state if run else "queued" for run in under_way}
        return len(under_way) if states == {"paused"} else 0

    @property
    def final_runs(self) -> list[StoredRun]:
        """The winners' runs on the full training set that have been made."""
        return [self.runs[t.run_id] for t in self.trials if t.stage == "final" and t.run_id in self.runs]

    @property
    def searched(self) -> set[str]:
        """Ids of the runs that searched."""
        return {trial.run_id for trial in self.trials if trial.stage == "search"}

    def standing(self, trial: Trial) -> TrialStanding:
        """How a trial stands: its outcome; where that is not written down yet, what its run does."""
        if trial.state != "running":
            return trial.state
        run = self.runs.get(trial.run_id)
        if run is None:  # not made yet, or deleted: it is made when the sweep goes on
            return "stopped" if self.sweep.status.state == "stopped" else "queued"
        state = run.status.state
        if state in AT_THEIR_END and self.sweep.status.state != "running":
            return "finished" if state == "finished" else "diverged"  # it is written down when the sweep goes on
        return _OF_RUNS.get(state, "running")

    def averaged(self, verdict: Verdict) -> list[Trial]:
        """The trials of a point whose figures are taken together: those that are whole, else those that go on, else pruned ones.

        A trial that was given up early has the metric of another epoch, and the mean would be of nothing.
        """
        for standings in _ON_EQUAL_TERMS:
            if found := [trial for trial in verdict.trials if self.standing(trial) in standings]:
                return found
        return []

    def figures(self, verdict: Verdict, measure: str) -> list[float]:
        """A measure of a point's trials at their ends, of those that have it.

        The metric of pruned ones is that of their last epoch that counts; nothing else is known of them.
        """
        found: list[float] = []
        for trial in self.averaged(verdict):
            if measure == self.sweep.spec.plan.metric and trial.value is not None:
                found.append(trial.value)
                continue
            run = self.runs.get(trial.run_id)
            result = Entry(run=run).outcome if run is not None and trial.state != "pruned" else None
            value = getattr(result, measure) if result is not None else None
            if value is not None:
                found.append(float(value))
        return found

    def ranked(self) -> list[Verdict]:
        """From the best point to the worst; those without a value keep their order at the end."""
        sign = 1.0 if self.sweep.spec.plan.is_minimised else -1.0

        def key(verdict: Verdict) -> tuple[bool, float]:
            has_none = math.isnan(verdict.value)
            return has_none, 0.0 if has_none else sign * verdict.value

        return sorted(self.verdicts, key=key)


def make_view(sweep: StoredSweep, runs: Sequence[StoredRun]) -> SweepView:
    """Read the trials of a sweep and pair them with runs of its home."""
    return SweepView(sweep=sweep, trials=sweep.trials(), runs={run.run_id: run for run in runs})


def views_of(runs: Sequence[StoredRun]) -> list[SweepView]:
    """The sweeps that some of these runs were trials of, oldest first; those that cannot be read are left out.

    A sweep is whole, whichever of its trials are among the runs: what it chose, it chose among all.
    """
    views: list[SweepView] = []
    for sweep_id in sorted({run.info.sweep for run in runs if run.info.sweep}):
        home = next(run.folder.path.parent.parent for run in runs if run.info.sweep == sweep_id)
        try:
            view = make_view(SweepFolder(Home(home).sweeps / sweep_id).read(), runs)
        except StoreError:
            continue
        if view.searched & {run.run_id for run in runs}:
            views.append(view)
    return views


def sweep_table(view: SweepView) -> Table:
    """One row per point, the best first: its values, the metric that decides, and what became of its trials."""
    plan = view.sweep.spec.plan
    split, _, quantity = plan.metric.partition("_")
    rows = view.ranked()
    fields: list[tuple[Column, Callable[[Verdict], Cell]]] = []
    if len(plan.scenarios) > 1:
        fields.append((Column(key="scenario", title="scenario"), lambda one: one.point.scenario))
    fields.append((Column(key="preset", title="preset"), lambda one: one.point.preset))
    for name in dict.fromkeys(name for one in rows for name, _ in one.point.values):
        fields.append(_value_field(name, rows))
    scenarios = [view.sweep.spec.scenario(name) for name in plan.scenarios]
    has_accuracy = any(scenario.has_accuracy for scenario in scenarios)
    decides, beside = measure(split, quantity), measure(split, OTHER[quantity]) if has_accuracy else GAP
    fields.append(_figure_field(view, decides))
    after_metric = len(fields)
    if has_accuracy or any(scenario.quadratic for scenario in scenarios):
        fields.append(_figure_field(view, beside))
    if view.sweep.spec.is_for_showing:
        fields += [_figure_field(view, measure("test", one)) for one in (quantity, *([OTHER[quantity]] * has_accuracy))]
    if len(plan.seeds) > 1:
        spread = Column(key="sd", title="± sd", kind=decides.kind, decimals=decides.decimals)
        fields.insert(
            after_metric, (spread, lambda one: sd(found) if len(found := view.figures(one, decides.key)) > 1 else None)
        )
        fields.append((_COUNTED, lambda one: _counts(view, one)))
    fields.append((Column(key="state", title="state"), lambda one: _state(view, one)))
    fields.append((TIME, lambda one: _time(view, one)))
    winners = {one.point for one in view.winners}
    metric_at = [column.key for column, _ in fields].index(decides.key)
    return Table(
        title=plan.title or f"Sweep {view.sweep.sweep_id}",
        columns=tuple(column for column, _ in fields),
        rows=tuple(tuple(value(one) for _, value in fields) for one in rows),
        notes=tuple(_notes(view)),
        file_columns=(_COUNTED, _TRIALS) if len(plan.seeds) > 1 else (),
        file_rows=tuple((len(view.averaged(one)), len(one.trials)) for one in rows) if len(plan.seeds) > 1 else (),
        best=frozenset((number, metric_at) for number, one in enumerate(rows) if one.point in winners),
    )


_COUNTED = Column(key="n", title="seeds", kind="number", decimals=0)
_TRIALS = Column(key="num_trials", title="of", kind="number", decimals=0)


def _notes(view: SweepView) -> list[str]:
    plan, spec = view.sweep.spec.plan, view.sweep.spec
    notes = choice_sentences(view)
    if spec.is_for_showing:
        notes.append(
            "nothing is chosen: train and test figures of the last epoch are shown, in the order of the metric"
        )
    if plan.holdout:
        notes.append("validation: a part of the training set held out for the choice, which never saw the test set")
    notes.append(f"tuning seeds: {format_seeds(plan.seeds)}; the search's own seed: {plan.seed}")
    if plan.prune == "median":
        since = ", from half of a trial's epochs on" if plan.search == "rate" else ""
        notes.append(
            f"pruned: worse than the median of the earlier trials at that epoch{since} (Golovin et al. 2017, section 3.2.2); "
            "the figures of a point whose trials were all pruned are those of that epoch"
        )
    if any(len(view.averaged(one)) not in (0, len(one.trials)) for one in view.verdicts):
        notes.append(
            "seeds 1/2: the figures are the mean over one trial of two; the others were pruned or are not over"
        )
    if any(source.kind == "sample" for source in spec.data.values()):
        notes.append("sample: trained on the packaged sample, not on the full data")
    versions = ", ".join(f"{name} {version}" for name, version in sorted(view.sweep.versions.items()))
    return [*notes, f"versions: {versions}", f"command: {spec.command}"]


def _figure_field(view: SweepView, column: Column) -> tuple[Column, Callable[[Verdict], Cell]]:
    return column, lambda one: mean(found) if (found := view.figures(one, column.key)) else None


def _value_field(name: str, rows: Sequence[Verdict]) -> tuple[Column, Callable[[Verdict], Cell]]:
    values = [dict(one.point.values).get(name) for one in rows]
    are_numbers = all(map(is_number, values))
    return Column(key=name, title=name, kind="number" if are_numbers else "text"), lambda one: _typed(one, name)


def _typed(verdict: Verdict, name: str) -> Cell:
    value = dict(verdict.point.values).get(name)
    return str(value).lower() if isinstance(value, bool) else value


def _counts(view: SweepView, verdict: Verdict) -> Cell:
    """Over how many trials the figures are taken, and of how many."""
    count, total = len(view.averaged(verdict)), len(verdict.trials)
    return total if count in (0, total) else f"{count}/{total}"


def _state(view: SweepView, verdict: Verdict) -> str:
    """`finished`, `pruned after 3`, `paused`; of several seeds each with its number."""
    words = [
        f"pruned after {len(trial.curve)}" if trial.state == "pruned" else view.standing(trial)
        for trial in verdict.trials
    ]
    if len(set(words)) == 1:
        return words[0]
    return ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))


def _time(view: SweepView, verdict: Verdict) -> float | None:
    runs = [view.runs[trial.run_id] for trial in verdict.trials if trial.run_id in view.runs]
    times = [run.status.result.train_time_s for run in runs if run.status.result is not None]
    return sum(times) if times else None

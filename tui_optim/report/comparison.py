"""Settings: what runs have in common that differ in the seed alone.

A diverged run counts: with chance accuracy, and infinite cost.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.columns import COSTS, settings
from tui_optim.report.entry import Entry
from tui_optim.report.measures import Measure, judged_by
from tui_optim.report.series import Axis, RunSeries, Split
from tui_optim.report.statistics import quick_mean
from tui_optim.report.targets import Reach, Target, reach
from tui_optim.spec.branch import Branch
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RESUMABLE_STATES, WITH_WORK
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun

_HALTED = RESUMABLE_STATES - WITH_WORK
"""States in which a run waits for its user."""
_COST_NAMES = frozenset(column.key for column in COSTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Runs at their end that differ in the seed alone, by seed."""

    entries: tuple[Entry, ...]
    series: tuple[RunSeries, ...]
    """Their logs."""

    @property
    def spec(self) -> RunSpec:
        """That of its first run."""
        return self.entries[0].spec

    @property
    def commands(self) -> str:
        """What its runs were told that changed their numbers; '' where nothing."""
        return self.entries[0].run.status.commands

    @property
    def measure(self) -> Measure:
        """What it is judged by, and compared in."""
        return judged_by(self.spec)

    @property
    def split(self) -> Split:
        """The split that it is compared on."""
        return self.measure.split

    def counted(self, name: str) -> float | None:
        """A raw counter of work at the end, mean over the seeds, those that diverged among them; None without a result."""
        found = [getattr(one.outcome.cost, name) for one in self.entries if one.outcome is not None]
        return quick_mean(found) if found else None

    @property
    def num_diverged(self) -> int:
        """How many of its runs diverged."""
        return sum(entry.run.status.state == "diverged" for entry in self.entries)

    def values(self, name: str) -> list[float]:
        """A measure or a cost of the final results, seed by seed; those that have it. What diverged had infinite cost."""
        found = [(one, getattr(one.outcome, name)) for one in self.entries if one.outcome is not None]
        is_cost = name in _COST_NAMES
        return [
            math.inf if is_cost and one.run.status.state == "diverged" else float(value)
            for one, value in found
            if value is not None
        ]

    @property
    def has_own_validation(self) -> bool:
        """Whether a validation set belongs to its scenario."""
        return self.entries[0].has_own_validation

    def at_val_best(self, name: str) -> list[float]:
        """A figure of each run at its validation-best epoch; a diverged run has chosen none, and counts as at its end."""
        if not self.has_own_validation:
            return []
        diverged = [entry.run.status.state == "diverged" for entry in self.entries]
        results = [
            one.outcome if is_lost else one.val_best for one, is_lost in zip(self.entries, diverged, strict=True)
        ]
        values = [getattr(result, name) for result in results if result is not None]
        return [float(value) for value in values if value is not None]

    @property
    def val_best_epochs(self) -> list[int]:
        """The epochs of these figures, of the runs that did not diverge."""
        best = [entry.val_best for entry in self.entries if entry.run.status.state != "diverged"]
        return [result.epoch for result in best if result is not None]

    def reach(self, target: Target, axis: Axis = "epoch") -> Reach:
        """How its runs fared with a target."""
        states = [entry.run.status.state for entry in self.entries]
        return reach(list(zip(states, self.series, strict=True)), target, axis)

    @property
    def judged(self) -> dict[int, float]:
        """By seed what its runs are judged by; where there are no classes a diverged run is worse than any other."""
        name = self.measure.name
        found = {one.spec.seed: getattr(one.outcome, name) for one in self.entries if one.outcome is not None}
        return {
            seed: math.inf if math.isnan(value) else float(value) for seed, value in found.items() if value is not None
        }

    def differences(self, reference: "Setting") -> list[float]:
        """What it is judged by minus the reference's, for the seeds that both have."""
        ours, theirs = self.judged, reference.judged
        return [value - theirs[seed] for seed, value in ours.items() if seed in theirs]


def make_settings(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> list[Setting]:
    """Group the runs that are at their end by everything but the seed, in the order of their first runs."""
    groups: dict[tuple[object, ...], dict[int, Entry]] = {}
    for run in runs:
        entry = Entry(run=run, started=series[run.run_id].started)
        if entry.is_over:
            groups.setdefault(run_key(entry.run), {})[entry.spec.seed] = entry
    return [
        Setting(
            entries=(entries := tuple(by_seed[seed] for seed in sorted(by_seed))),
            series=tuple(series[entry.run.run_id] for entry in entries),
        )
        for by_seed in groups.values()
    ]


def not_among(settings: Sequence[Setting], runs: Sequence[StoredRun]) -> list[StoredRun]:
    """Of the runs that settings were made of those that are in none: not at their end, or run again later."""
    counted = {entry.run.run_id for setting in settings for entry in setting.entries}
    return [run for run in runs if run.run_id not in counted]


def nothing_at_end(runs: Sequence[StoredRun]) -> UsageError:
    """What to say where none of these runs is at its end; of those that do not go on by themselves, what makes them."""
    states = list(dict.fromkeys(run.status.state for run in runs))
    if not states or not _HALTED.issuperset(states):
        return UsageError("none of these runs is at its end: wait for them, or see `tui-optim list runs`")
    names = runs[0].run_id if len(runs) == 1 else "RUN…"
    return UsageError(
        f"none of these runs is at its end, and none goes on by itself ({', '.join(states)}): "
        f"`tui-optim resume {names}` lets them go on"
    )


def run_key(run: StoredRun) -> tuple[object, ...]:
    """Equal for runs that differ in the seed alone: what changed the rate or the length while one trained makes it another."""
    return *setting_key(run.info.spec), run.status.commands


def setting_key(spec: RunSpec) -> tuple[object, ...]:
    """Equal for runs that differ in the seed alone."""
    numbers = tuple(sorted((name, str(value)) for name, value in settings(spec).items()))
    about = (spec.scenario, spec.preset, spec.optimizer, numbers, spec.epochs, spec.holdout, spec.data.kind)
    return (*about, _origin(spec.parent)) if spec.parent else about


def _origin(branch: Branch) -> tuple[object, ...]:
    """Equal for forks that leave the same setting at the same place, whatever its seeds."""
    return *setting_key(branch.spec), branch.effective_epochs, branch.commands


Contest = tuple[str, bool, str]
"""Scenario, whether held out, kind of data or version of a user's file."""


def contest(spec: RunSpec) -> Contest:
    """Equal for runs that may be compared: on the same scenario, split and data."""
    return spec.scenario, spec.holdout, spec.own_scenario.sha256[:8] if spec.own_scenario else spec.data.kind

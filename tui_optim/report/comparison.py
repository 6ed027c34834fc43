"""Settings compared over seeds: what runs have in common that differ in the seed alone, and how two of them differ.

Seeds are paired (equal seeds mean equal initial weights and batch order), so differences are taken seed by seed. A diverged run
counts: with chance accuracy, and infinite cost to any target.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tui_optim.report.columns import settings
from tui_optim.report.measures import judged_split
from tui_optim.report.provenance import SEEDS_FOR_INFERENCE, Entry
from tui_optim.report.series import Axis, RunSeries, Split
from tui_optim.report.statistics import MAX_EXACT, holm, probability_greater, sign_flip_p
from tui_optim.report.targets import Reach, Target, reach
from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun

DEFAULT_REFERENCE = "sgd"
"""The preset that others are compared with unless the user declares another: tuned SGD of constant rate."""


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
    def split(self) -> Split:
        """The split that it is compared on."""
        return judged_split(self.spec)

    @property
    def num_diverged(self) -> int:
        """How many of its runs diverged."""
        return sum(entry.run.status.state == "diverged" for entry in self.entries)

    def values(self, name: str) -> list[float]:
        """A measure of the final results, seed by seed; those that have it."""
        values = [getattr(entry.outcome, name) for entry in self.entries if entry.outcome is not None]
        return [float(value) for value in values if value is not None]

    def reach(self, target: Target, axis: Axis = "epoch") -> Reach:
        """How its runs fared with a target."""
        states = [entry.run.status.state for entry in self.entries]
        return reach(list(zip(states, self.series, strict=True)), target, axis)

    def differences(self, reference: "Setting") -> list[float]:
        """Accuracy minus the reference's, for the seeds that both have."""
        name = f"{self.split}_accuracy"
        theirs = {entry.spec.seed: getattr(entry.outcome, name) for entry in reference.entries}
        ours = {entry.spec.seed: getattr(entry.outcome, name) for entry in self.entries}
        pairs = [(value, theirs.get(seed)) for seed, value in ours.items()]
        return [a - b for a, b in pairs if a is not None and b is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """A setting against its reference, on the seeds that both have."""

    reference: Setting
    differences: list[float]
    """Accuracies minus the reference's, as fractions."""
    p: float
    """Exact two-sided sign-flip p; NaN where the seeds are too few for inference."""
    p_holm: float
    """Adjusted over all settings with this reference."""
    greater: float
    """P(A > B): the chance that a run of the setting beats one of the reference."""


def make_settings(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> list[Setting]:
    """Group the runs that are at their end by everything but the seed, in the order of their first runs."""
    groups: dict[tuple[object, ...], dict[int, Entry]] = {}
    for run in runs:
        entry = Entry(run=run, started=series[run.run_id].started)
        if entry.is_over:
            groups.setdefault(setting_key(entry.spec), {})[entry.spec.seed] = entry
    return [
        Setting(
            entries=(entries := tuple(by_seed[seed] for seed in sorted(by_seed))),
            series=tuple(series[entry.run.run_id] for entry in entries),
        )
        for by_seed in groups.values()
    ]


def setting_key(spec: RunSpec) -> tuple[object, ...]:
    """Equal for runs that differ in the seed alone."""
    numbers = tuple(sorted((name, str(value)) for name, value in settings(spec).items()))
    return spec.scenario, spec.preset, spec.optimizer, numbers, spec.epochs, spec.holdout, spec.data.kind


Contest = tuple[str, bool, str]
"""Scenario, whether held out, kind of data or version of a user's file."""


def contest(spec: RunSpec) -> Contest:
    """Equal for runs that may be compared: on the same scenario, split and data."""
    return spec.scenario, spec.holdout, spec.own_scenario.sha256[:8] if spec.own_scenario else spec.data.kind


def pair(compared: Sequence[Setting], reference: str | None = None) -> list[Paired | None]:
    """Compare each setting with the reference on the same scenario and data.

    Args:
        compared: the settings.
        reference: preset of the reference; tuned SGD where it is there and none is named.

    Returns:
        In the order of `compared`; None for a reference itself, where there is none, and where there are no accuracies.

    Raises:
        UsageError: the named reference is not among the settings, or several settings have its name.
    """
    references = _references(compared, reference)
    found: list[Paired | None] = []
    for setting, other in zip(compared, references, strict=True):
        if other is None:
            found.append(None)
            continue
        differences = setting.differences(other)
        name = f"{setting.split}_accuracy"
        greater = probability_greater(setting.values(name), other.values(name))
        found.append(
            Paired(reference=other, differences=differences, p=_p(differences), p_holm=math.nan, greater=greater)
        )
    return _adjusted(found)


def _references(compared: Sequence[Setting], wanted: str | None) -> list[Setting | None]:
    presets = list(dict.fromkeys(setting.spec.preset for setting in compared))
    if wanted is not None and wanted not in presets:
        raise UsageError(f"reference {wanted!r} is not among the compared presets: {nearest(wanted, presets)}")
    candidates = [setting for setting in compared if setting.spec.preset == (wanted or DEFAULT_REFERENCE)]
    found: list[Setting | None] = []
    for setting in compared:
        fitting = [one for one in candidates if contest(one.spec) == contest(setting.spec)]
        if not setting.spec.scenario_info.has_accuracy:
            fitting = []
        if len(fitting) > 1 and wanted is not None:
            raise UsageError(f"reference {wanted!r}: {len(fitting)} settings have this name; name the runs to compare")
        found.append(fitting[0] if len(fitting) == 1 and fitting[0] is not setting else None)
    return found


def _adjusted(found: Sequence[Paired | None]) -> list[Paired | None]:
    """With Holm's adjustment over all settings that share a reference."""
    adjusted = list(found)
    for reference in {id(one.reference) for one in found if one}:
        family = [(row, one) for row, one in enumerate(found) if one and id(one.reference) == reference]
        for (row, one), p in zip(family, holm([one.p for _, one in family]), strict=True):
            adjusted[row] = replace(one, p_holm=p)
    return adjusted


def _p(differences: Sequence[float]) -> float:
    return sign_flip_p(differences) if SEEDS_FOR_INFERENCE <= len(differences) <= MAX_EXACT else math.nan

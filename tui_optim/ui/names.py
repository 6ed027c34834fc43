"""Names of runs in sentences and legends: short, and different where the runs differ."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from tui_optim.report.bands import Seeds
from tui_optim.report.cells import plain_text
from tui_optim.report.labels import with_commands
from tui_optim.spec.hyperparameters import format_value
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.spec.sweeps.plan import SweepPlan

SAMPLE = "sample"
MAX_NAMED = 3
"""Presets and scenarios that a sweep's name lists."""


def run_name(run: StoredRun, *, among: Sequence[StoredRun] = ()) -> str:
    """The name that the user gave it, else preset, seed and changed values; and the scenario where those of `among` differ."""
    spec = run.info.spec
    words = [run.label.name] if run.label.name else [f"{spec.preset}·s{spec.seed}", *_changes(spec, spec.overrides)]
    words += [f"← {spec.parent.words}"] if spec.parent and not run.label.name else []
    words += [spec.scenario] if any(other.info.spec.scenario != spec.scenario for other in among) else []
    return plain_text(" ".join([*words, *_data(spec)]))


def short_names(runs: Sequence[StoredRun]) -> list[str]:
    """Names that say only what differs among these runs; the same run twice is numbered. Sample data is always said.

    A run that the user has named goes by that.
    """
    names = _names([run.info.spec for run in runs], given=[run.label.name for run in runs])
    return [with_commands(name, run.status.commands) for name, run in zip(names, runs, strict=True)]


def setting_names(settings: Sequence[Seeds]) -> list[str]:
    """Names of settings, without their seeds; one that is a single run, or all of whose runs have one name, goes by that."""
    given = [{run.label.name for run in one.runs} for one in settings]
    specs = [one.spec.model_copy(update={"seed": 0}) for one in settings]
    names = _names(specs, given=[next(iter(found)) if len(found) == 1 else "" for found in given])
    return [with_commands(name, one.commands) for name, one in zip(names, settings, strict=True)]


def names_across(specs: Sequence[RunSpec]) -> list[str]:
    """Names of settings on whatever scenario and with whatever seeds."""
    return _names([spec.model_copy(update={"seed": 0, "scenario": specs[0].scenario}) for spec in specs])


def _names(specs: Sequence[RunSpec], *, given: Sequence[str] = ()) -> list[str]:
    is_elsewhere = len({spec.scenario for spec in specs}) > 1
    names = [plain_text(" ".join(_words(spec, specs, is_elsewhere=is_elsewhere))) for spec in specs]
    for index, name in enumerate(given):
        names[index] = plain_text(" ".join([name, *_data(specs[index])])) if name else names[index]
    total, seen = Counter(names), Counter[str]()
    for index, name in enumerate(names):
        seen[name] += 1
        if total[name] > 1:
            names[index] = f"{name} ({seen[name]})"
    return names


def sweep_name(plan: "SweepPlan") -> str:
    """Its title, else what it compares and searches: `mlp-fashion: sgd, adam × lr`."""
    searched = [plan.tuned] if plan.search == "rate" else list(plan.space)
    return plain_text(plan.title or f"{_listed(plan.scenarios)}: {' × '.join([_listed(plan.presets), *searched])}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")


def _words(spec: RunSpec, specs: Sequence[RunSpec], *, is_elsewhere: bool) -> Iterator[str]:
    same = [other for other in specs if other.preset == spec.preset]
    is_one_of_seeds = len({other.seed for other in same}) > 1
    yield f"{spec.preset}·s{spec.seed}" if is_one_of_seeds else spec.preset
    yield from _changes(spec, _differing_keys(same))
    if spec.parent is not None:
        yield f"← {spec.parent.words}"
    if is_elsewhere:
        yield spec.scenario
    if len({other.epochs for other in same if other.scenario == spec.scenario}) > 1:
        yield f"{spec.epochs} epochs"
    if spec.holdout and not all(other.holdout for other in same):
        yield "holdout"
    if len({other.device for other in same}) > 1:
        yield spec.device
    if len({other.threads for other in same}) > 1:
        yield f"threads={spec.threads or 'auto'}"
    yield from _data(spec)


def _differing_keys(specs: Sequence[RunSpec]) -> set[str]:
    keys = {key for spec in specs for key in spec.overrides}
    return {key for key in keys if len({repr(spec.overrides.get(key)) for spec in specs}) > 1}


def _changes(spec: RunSpec, keys: Collection[str]) -> list[str]:
    return [f"{key}={format_value(value)}" for key, value in spec.overrides.items() if key in keys]


def _data(spec: RunSpec) -> list[str]:
    return [SAMPLE] if spec.data.kind == "sample" else []

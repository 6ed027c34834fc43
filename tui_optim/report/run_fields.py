"""What runs are filtered and sorted by, each by a name that a user types: what a run is, where it stands, what it measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tui_optim.report.cells import Cell, Column, ColumnKind, format_cell
from tui_optim.report.columns import settings
from tui_optim.report.measures import MEASURES
from tui_optim.spec.averaging import AVERAGINGS
from tui_optim.spec.events import STATES
from tui_optim.spec.hyperparameters import Hyperparameter
from tui_optim.spec.optimizers import FAMILIES, all_optimizers
from tui_optim.spec.scenarios import PENALTY_PARAMETERS
from tui_optim.spec.schedules import SCHEDULES
from tui_optim.store.catalogue import StoredRun

FieldKind = Literal["text", "number", "fraction", "any"]
"""'fraction' is a number in 0..1 that is shown in percent; of 'any' some runs have a number and others a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunField:
    """Something that each run has, or has not."""

    name: str
    title: str
    """For the head of a table."""
    kind: FieldKind
    value: Callable[[StoredRun], Cell]
    """None where a run has no such thing."""
    choices: tuple[str, ...] = ()
    """All values, where these are few and fixed."""

    @property
    def is_ordered(self) -> bool:
        """Whether a value may be larger than another."""
        return self.kind != "text"

    def text(self, run: StoredRun) -> str:
        """A run's value as tables show it."""
        kind: ColumnKind = "percent" if self.kind == "fraction" else "text" if self.kind == "text" else "number"
        return format_cell(
            Column(key=self.name, title=self.title, kind=kind, decimals=2 if kind == "percent" else None),
            self.value(run),
        )


Fields = Mapping[str, RunField]


def run_fields(runs: Iterable[StoredRun] = ()) -> dict[str, RunField]:
    """All fields by name; `runs` may have hyper-parameters of plugins that are not here any more."""
    found = {one.name: one for one in _ABOUT}
    for name in _setting_names(runs):
        found.setdefault(name, _setting(name))
    found |= {one.name: one for one in _RESULTS if one.name not in found}
    return found


def value_text(value: Cell) -> str:
    """A value as a user would type it; '' where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _setting_names(runs: Iterable[StoredRun]) -> dict[str, None]:
    optimizers = all_optimizers()
    names = dict.fromkeys(about.name for one in optimizers.values() for about in one.hyperparameters)
    names |= dict.fromkeys(["batch_size", "memory_format", "schedule.kind"])
    names |= dict.fromkeys(_below("schedule", (about for one in SCHEDULES.values() for about in one.parameters)))
    names |= dict.fromkeys(["averaging.kind"])
    names |= dict.fromkeys(_below("averaging", (about for one in AVERAGINGS.values() for about in one.parameters)))
    names |= dict.fromkeys(_below("penalty", PENALTY_PARAMETERS))
    for run in runs:
        if run.info.spec.optimizer not in optimizers:
            names |= dict.fromkeys(run.info.spec.hyperparameters)
    return names


def _below(table: str, parameters: Iterable[Hyperparameter]) -> list[str]:
    return [f"{table}.{about.name}" for about in parameters]


def _setting(name: str) -> RunField:
    return RunField(name=name, title=name, kind="any", value=lambda run: settings(run.info.spec).get(name))


def _about(
    name: str, kind: FieldKind, value: Callable[[StoredRun], Cell], *, choices: tuple[str, ...] = ()
) -> RunField:
    return RunField(name=name, title=name, kind=kind, value=value, choices=choices)


def _result(name: str, kind: FieldKind, title: str) -> RunField:
    def value(run: StoredRun) -> Cell:
        result = run.status.result
        found: Cell = getattr(result, name) if result is not None else None
        return found

    return RunField(name=name, title=title, kind=kind, value=value)


_SWITCH = ("true", "false")
_ABOUT = (
    _about("id", "text", lambda run: run.run_id),
    _about("name", "text", lambda run: run.label.name or None),
    _about("note", "text", lambda run: run.label.note or None),
    _about("pinned", "text", lambda run: run.label.is_pinned, choices=_SWITCH),
    _about("preset", "text", lambda run: run.info.spec.preset),
    _about("optimizer", "text", lambda run: run.info.spec.optimizer),
    _about("family", "text", lambda run: run.info.spec.family, choices=FAMILIES),
    _about("scenario", "text", lambda run: run.info.spec.scenario),
    _about("state", "text", lambda run: run.status.state, choices=STATES),
    _about("seed", "number", lambda run: run.info.spec.seed),
    _about("epoch", "number", lambda run: run.status.epoch),
    _about("epochs", "number", lambda run: run.info.spec.epochs),
    _about("patience", "number", lambda run: run.info.spec.keeping.patience),
    _about("step", "number", lambda run: run.status.step),
    _about("device", "text", lambda run: run.status.device or run.info.spec.device),
    _about("threads", "number", lambda run: run.info.spec.threads),
    _about("engine", "text", lambda run: run.info.executor.kind),
    _about("data", "text", lambda run: run.info.spec.data.kind),
    _about("holdout", "text", lambda run: run.info.spec.holdout, choices=_SWITCH),
    _about("sweep", "text", lambda run: run.info.sweep or None),
    _about("parent", "text", lambda run: run.info.spec.parent.run_id if run.info.spec.parent else None),
)
_RESULTS = (
    *(
        _result(one.name, "fraction" if one.quantity == "accuracy" else "number", one.name.replace("_", " "))
        for one in MEASURES
    ),
    _result("handout_loss", "number", "handout loss"),
    _result("penalty", "number", "penalty"),
    _result("sparsity", "fraction", "sparsity"),
    _result("effective_epochs", "number", "cost"),
    _result("train_time_s", "number", "time"),
    _result("peak_memory_mib", "number", "memory MiB"),
)

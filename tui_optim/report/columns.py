"""The columns that tables share: measures, costs, and the settings in which runs differ."""

import dataclasses
from collections.abc import Callable, Sequence

from tui_optim.report.cells import Cell, Column, ColumnKind, is_number
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.results import Cost
from tui_optim.spec.run import RunSpec

_SHARED_SETTINGS = (
    "lr",
    "weight_decay",
    "batch_size",
    "schedule.kind",
    "averaging.kind",
    "patience",
    "min_delta",
    "memory_format",
)
"""Settings that mean the same for every optimizer; all others are compared among runs of one optimizer only."""


def measure(split: str, quantity: str) -> Column:
    """The column of a loss or an accuracy on a split."""
    if quantity == "loss":
        return Column(key=f"{split}_loss", title=f"{split} loss", kind="number", decimals=4)
    return Column(key=f"{split}_accuracy", title=f"{split} acc. %", kind="percent", decimals=2)


GAP = Column(key="gap", title="f − f*", kind="number")
HANDOUT = Column(key="handout_loss", title="handout loss", kind="number", decimals=6)
REGULARISATION = (
    Column(key="penalty", title="penalty", kind="number", decimals=4),
    Column(key="sparsity", title="sparsity %", kind="percent", decimals=2),
)
VAL_BEST_EPOCH = Column(key="val_best_epoch", title="val-best epoch", kind="number", decimals=0)
AT_VAL_BEST = {
    "test_loss": Column(key="test_loss_at_val_best", title="test loss at val-best", kind="number", decimals=4),
    "test_accuracy": Column(
        key="test_accuracy_at_val_best", title="test acc. % at val-best", kind="percent", decimals=2
    ),
}
"""Test figures at the epoch with the lowest validation loss, by the field of that epoch's result."""
GRADIENTS = Column(key="effective_epochs", title="grad. evals ÷ n", kind="number", decimals=2)
TIME = Column(key="train_time_s", title="time s", kind="seconds", decimals=1)
COSTS = (GRADIENTS, TIME)
COUNTERS = tuple(
    Column(key=one.name, title=one.name.replace("_", " "), kind="number") for one in dataclasses.fields(Cost)
)
"""The raw counters of work, for files: anyone can weight them again."""
MEMORY = Column(key="peak_memory_mib", title="memory MiB", kind="number", decimals=0)
"""A cost that a diverged run has like any other."""
ENERGY = Column(key="energy_j", title="energy J", kind="number", decimals=0)
"""Of the device while a worker worked on the run, where its power is readable."""
AREAS = {
    "accuracy": Column(key="error_area", title="error area %", kind="percent", decimals=2),
    "gap": Column(key="gap_area", title="f − f* area", kind="number"),
}
"""Areas under the error–cost curve, by what a run is judged by."""

DIFFERENCES = {
    "accuracy": Column(key="difference", title="Δ acc. points", kind="percent", decimals=2),
    "gap": Column(key="gap_difference", title="Δ f − f*", kind="number"),
    "loss": Column(key="loss_difference", title="Δ loss", kind="number", decimals=4),
}
"""Paired differences to a reference, by what a run is judged by."""


def setting_columns(specs: Sequence[RunSpec]) -> list[tuple[Column, Callable[[RunSpec], Cell]]]:
    """A column for each setting that differs, with what a run has there."""
    seen: dict[tuple[str, str], set[Value]] = {}
    for spec in specs:
        for name, value in settings(spec).items():
            seen.setdefault((name, _scope(name, spec)), set()).add(value)
    names = dict.fromkeys(name for (name, _), values in seen.items() if len(values) > 1)
    return [setting_column(name, specs) for name in names]


def setting_column(name: str, specs: Sequence[RunSpec]) -> tuple[Column, Callable[[RunSpec], Cell]]:
    """The column of one setting, with what a run has there."""
    values = [settings(spec)[name] for spec in specs if name in settings(spec)]
    are_numbers = all(map(is_number, values))
    kind: ColumnKind = "number" if are_numbers else "text"
    return Column(key=name, title=name, kind=kind), lambda spec: settings(spec).get(name)


def settings(spec: RunSpec) -> dict[str, Value]:
    """What decides a run besides scenario, seed and number of epochs, by the names of `--set`; versions of a user's files."""
    values: dict[str, Value] = {**spec.hyperparameters, "batch_size": spec.batch_size, "schedule.kind": spec.schedule}
    values |= {f"schedule.{name}": value for name, value in spec.schedule_parameters.items()}
    values |= {"averaging.kind": "none"} | {f"averaging.{name}": value for name, value in spec.averaging.items()}
    values |= {f"penalty.{name}": value for name, value in spec.penalty.items()}
    values |= {"memory_format": spec.memory_format} if spec.scenario_info.has_convolutions else {}
    keeping = spec.keeping
    values |= (
        {"patience": "none"}
        if keeping.patience is None
        else {"patience": keeping.patience, "min_delta": keeping.min_delta}
    )
    values |= {"scenario file": spec.own_scenario.sha256[:8]} if spec.own_scenario else {}
    return values | ({"optimizer file": spec.optimizer_sha256[:8]} if spec.optimizer_sha256 else {})


def _scope(name: str, spec: RunSpec) -> str:
    """Runs are compared in a setting when it has the same scope in both."""
    if name in _SHARED_SETTINGS or name.startswith("penalty."):
        return ""
    if name.startswith("averaging."):
        return spec.averaging_kind
    return spec.schedule if name.startswith("schedule.") else spec.optimizer

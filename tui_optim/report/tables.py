"""The tables: results of runs, the history of a run, the parameters of a model."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.columns import (
    AT_VAL_BEST,
    COSTS,
    COUNTERS,
    ENERGY,
    GAP,
    HANDOUT,
    MEMORY,
    REGULARISATION,
    VAL_BEST_EPOCH,
    measure,
    setting_columns,
)
from tui_optim.report.comparison import setting_key
from tui_optim.report.entry import Entry, make_entries
from tui_optim.report.file_columns import RUN_FIELDS
from tui_optim.report.provenance import notes, run_notes
from tui_optim.report.series import RunSeries
from tui_optim.spec.events import Started
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun

_Field = tuple[Column, Callable[[Entry], Cell]]


def _count(name: str, entry: Entry) -> Cell:
    count: int | None = getattr(entry.outcome.cost, name) if entry.outcome is not None else None
    return count


_UNTRAINED = "epoch 0 is the untrained model; train: running means over the epoch's mini-batches; accuracies in %"
_STARTING = (
    "epoch 0 is the start; train loss: the objective after the epoch; f − f*: what is left of it above its minimum"
)
MAX_EPOCH_ROWS = 200
"""A longer history is shown at so many of its epochs, the last among them."""

_EPOCH_FOR_FILES: _Field = (Column(key="epoch", title="epoch", kind="number"), lambda entry: entry.run.status.epoch)
"""A spreadsheet would read the shown '10/10' as a date."""
_FOR_FILES: tuple[_Field, ...] = (
    _EPOCH_FOR_FILES,
    *((column, partial(_count, column.key)) for column in COUNTERS),
    *RUN_FIELDS,
)


def results_table(runs: Sequence[StoredRun], *, started: Mapping[str, Started] | None = None) -> Table:
    """One row per run, in the order given; diverged and unfinished runs are rows like any other.

    `started` adds device names, threads and split hashes, by run id.
    """
    entries = make_entries(runs, started)
    fields = _fields(entries)
    scenarios = {entry.spec.scenario: entry.spec.scenario_info for entry in entries}
    title = f"Results on {next(iter(scenarios.values())).title}" if len(scenarios) == 1 else "Results"
    has_sample = any(entry.spec.data.kind == "sample" for entry in entries)
    table = Table(
        title=f"{title} (sample)" if has_sample else title,
        columns=tuple(column for column, _ in fields),
        rows=tuple(tuple(value(entry) for _, value in fields) for entry in entries),
        notes=notes(entries),
        file_columns=tuple(column for column, _ in _FOR_FILES),
        file_rows=tuple(tuple(value(entry) for _, value in _FOR_FILES) for entry in entries),
    )
    has_seeds = len({setting_key(entry.spec) for entry in entries}) < len(entries)
    return table if has_seeds else replace(table, best=best_cells(table))  # the best seed is not the best setting


def history_table(run: StoredRun, series: RunSeries) -> Table:
    """One row per epoch, from the untrained model on."""
    spec, entry = run.info.spec, Entry(run=run, started=series.started)
    epochs = list(series.epochs)
    fields = [(column, name) for column, name in _history_fields(spec.scenario_info) if _is_any(epochs, name)]
    lines = [_STARTING if spec.scenario_info.quadratic else _UNTRAINED]
    every = -(-len(epochs) // MAX_EPOCH_ROWS)
    shown = [result for number, result in enumerate(epochs, start=1) if number == 1 or number % every == 0]
    shown += epochs[-1:] if shown[-1:] != epochs[-1:] else []
    if every > 1:
        lines.append(f"{len(shown)} of {len(epochs):,} epochs are shown; exports and --json have all")
    final = series.ended.final if series.ended else run.status.final
    if final is not None and final.train_loss is not None:
        text = (
            f"after the last step, whole training set: loss {format_cell(measure('train', 'loss'), final.train_loss)}"
        )
        if final.train_accuracy is not None:
            text += f", accuracy {format_cell(measure('train', 'accuracy'), final.train_accuracy)} %"
        lines.append(text)
    mark = " (sample)" if spec.data.kind == "sample" else ""
    return Table(
        title=f"{run.run_id}: {spec.lineage} on {spec.scenario_info.title}, seed {spec.seed}{mark}",
        columns=tuple(column for column, _ in fields),
        rows=tuple(tuple(_value(result, name) for _, name in fields) for result in shown),
        notes=(*lines, *run_notes(entry)),
        file_columns=tuple(column for column, _ in RUN_FIELDS),
        file_rows=(tuple(value(entry) for _, value in RUN_FIELDS),) * len(shown),
    )


def parameter_table(scenario: Scenario) -> Table:
    """The layers of a scenario's model with their shapes and parameter counts, and the sum."""
    columns = (
        Column(key="layer", title="layer"),
        Column(key="kind", title="kind"),
        Column(key="output", title="output"),
        Column(key="parameters", title="parameters", kind="number", decimals=0),
        Column(key="weights", title="of these weights", kind="number", decimals=0),
    )
    rows: list[tuple[Cell, ...]] = [
        (layer.name, layer.kind, layer.output, layer.parameters, layer.weights) for layer in scenario.layers
    ]
    rows.append(("total", "", "", scenario.num_parameters, sum(layer.weights for layer in scenario.layers)))
    lines = (
        [f"penalty on the weights of {' and '.join(scenario.penalised_layers)}"] if scenario.penalised_layers else []
    )
    return Table(title=f"Parameters: {scenario.title}", columns=columns, rows=tuple(rows), notes=tuple(lines))


def _fields(entries: Sequence[Entry]) -> list[_Field]:
    specs = [entry.spec for entry in entries]
    fields: list[_Field] = []
    if len({spec.scenario for spec in specs}) > 1:
        fields.append((Column(key="scenario", title="scenario"), lambda entry: entry.spec.scenario))
    if any(entry.run.label.name for entry in entries):
        fields.append((Column(key="name", title="name"), lambda entry: entry.run.label.name or None))
    fields += [
        (Column(key="preset", title="preset"), lambda entry: entry.spec.lineage),
        (Column(key="seed", title="seed", kind="number", decimals=0), lambda entry: entry.spec.seed),
        *((column, _of_spec(value)) for column, value in setting_columns(specs)),
        (Column(key="state", title="state"), lambda entry: entry.run.status.state),
        (Column(key="epoch", title="epoch"), lambda entry: f"{entry.run.status.epoch}/{entry.spec.epochs}"),
        _outcome_field(measure("train", "loss")),
    ]
    has_accuracy = any(spec.scenario_info.has_accuracy for spec in specs)
    quantities = ("loss", "accuracy") if has_accuracy else ("loss",)
    fields += [_outcome_field(measure("train", "accuracy"))] if has_accuracy else []
    fields += [_outcome_field(GAP)] if any(spec.scenario_info.quadratic for spec in specs) else []
    if any(spec.holdout or spec.scenario_info.validation_size for spec in specs):
        fields += [_outcome_field(measure("val", quantity)) for quantity in quantities]
    if any(spec.scenario_info.has_test for spec in specs):
        fields += [_outcome_field(measure("test", quantity)) for quantity in quantities]
    if any(spec.scenario_info.validation_size and not spec.holdout for spec in specs):
        fields += _val_best_fields() if has_accuracy else _val_best_fields()[:2]
    if any(spec.scenario_info.has_handout_loss for spec in specs):
        fields.append(_outcome_field(HANDOUT))
    if any(spec.scenario_info.is_regularised for spec in specs):
        fields += [_outcome_field(column) for column in REGULARISATION]
    fields += [_outcome_field(column) for column in COSTS]
    fields += [_outcome_field(MEMORY)] if any(_value(entry.outcome, MEMORY.key) for entry in entries) else []
    if any(entry.run.status.energy_j is not None for entry in entries):
        fields.append((ENERGY, lambda entry: entry.run.status.energy_j))
    fields.append((Column(key="data", title="data"), lambda entry: entry.spec.data.kind))
    return fields


def _of_spec(value: Callable[[RunSpec], Cell]) -> Callable[[Entry], Cell]:
    return lambda entry: value(entry.spec)


def _outcome_field(column: Column) -> _Field:
    return column, lambda entry: _value(entry.outcome, column.key)


def _val_best_fields() -> list[_Field]:
    fields: list[_Field] = [(VAL_BEST_EPOCH, lambda entry: _value(entry.val_best, "epoch"))]
    return [*fields, *((column, _at_val_best(name)) for name, column in AT_VAL_BEST.items())]


def _at_val_best(name: str) -> Callable[[Entry], Cell]:
    return lambda entry: _value(entry.val_best, name)


def _history_fields(scenario: Scenario) -> list[tuple[Column, str]]:
    columns = [
        Column(key="epoch", title="epoch", kind="number", decimals=0),
        Column(key="lr", title="lr", kind="number"),
    ]
    columns += [measure(split, quantity) for split in ("train", "val", "test") for quantity in ("loss", "accuracy")]
    columns += [GAP] if scenario.quadratic else []
    columns += [HANDOUT] if scenario.has_handout_loss else []
    columns += REGULARISATION if scenario.is_regularised else ()
    columns += COSTS
    return [(column, column.key) for column in columns]


def _is_any(results: Sequence[EpochResult], name: str) -> bool:
    return not results or any(_value(result, name) is not None for result in results)


def _value(result: EpochResult | None, name: str) -> Cell:
    value: Cell = getattr(result, name) if result is not None else None
    return value


_BEST: dict[str, Callable[[Sequence[float]], float]] = {"test_accuracy": max, "test_loss": min, "gap": min}


def best_cells(table: Table) -> frozenset[tuple[int, int]]:
    """(row, column) of the best test figure or gap among the finished rows on the same scenario and data.

    Rows that read the same as the best are best too; a row without a rival is not marked.
    """
    index = {column.key: position for position, column in enumerate(table.columns)}
    groups: dict[tuple[Cell, ...], list[int]] = {}
    for number, row in enumerate(table.rows):
        key = tuple(row[index[name]] for name in ("scenario", "data") if name in index)
        groups.setdefault(key, []).append(number)
    best: set[tuple[int, int]] = set()
    for name, choose in _BEST.items():
        for rows in groups.values():
            if name in index and len(rows) > 1:
                finished = [number for number in rows if table.rows[number][index["state"]] == "finished"]
                best |= {(number, index[name]) for number in _best_rows(table, finished, index[name], choose)}
    return frozenset(best)


def _best_rows(
    table: Table, candidates: Sequence[int], column: int, choose: Callable[[Sequence[float]], float]
) -> list[int]:
    values = {number: table.rows[number][column] for number in candidates}
    finite = [value for value in values.values() if isinstance(value, (int, float)) and math.isfinite(value)]
    if not finite:
        return []
    text = format_cell(table.columns[column], choose(finite))
    return [number for number, value in values.items() if format_cell(table.columns[column], value) == text]

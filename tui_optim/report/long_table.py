"""The long shape of results: one row per run, epoch, split and measure, for programs that reshape tables themselves.

Wickham 2014, "Tidy data", Journal of Statistical Software 59(10): each variable a column, each observation a row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.columns import COUNTERS, GRADIENTS, TIME, setting_columns
from tui_optim.report.entry import Entry
from tui_optim.report.file_columns import RUN_FIELDS
from tui_optim.report.provenance import notes
from tui_optim.report.series import SPLITS, RunSeries
from tui_optim.report.xray_table import xray_figures
from tui_optim.spec.results import EpochResult
from tui_optim.spec.xray import XRay
from tui_optim.store.catalogue import StoredRun

_MEASURES: tuple[tuple[str, str | None, str], ...] = (
    *((f"{split}_{quantity}", split, quantity) for split in SPLITS for quantity in ("loss", "accuracy")),
    ("gap", None, "gap"),
    ("handout_loss", "test", "handout_loss"),
    ("penalty", None, "penalty"),
    ("sparsity", None, "sparsity"),
)
"""(field of a result, split, measure); gap, penalty and sparsity are the model's, of no split."""

_POSITIONS: tuple[tuple[Column, Callable[[EpochResult], Cell]], ...] = (
    (Column(key="epoch", title="epoch", kind="number", decimals=0), lambda result: result.epoch),
    (Column(key="step", title="step", kind="number", decimals=0), lambda result: result.step),
    (GRADIENTS, lambda result: result.effective_epochs),
    (
        Column(key="gradient_evaluations", title="grad. evals", kind="number"),
        lambda result: result.cost.gradient_evaluations,
    ),
    (TIME, lambda result: result.train_time_s),
    (Column(key="current_lr", title="current lr", kind="number"), lambda result: result.lr),
)
STAGE_NOTE = (
    "stage 'epoch': the end of an epoch, train as running means over its mini-batches; stage 'final': after the last step, the "
    "whole training set evaluated once; stage 'xray': after that step, on the X-ray's fixed batch"
)


def long_table(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> Table:
    """Every figure of every run with where it stands; runs in the order given, epochs rising, the untrained model first.

    `series` are the runs' logs by id. Accuracies are fractions, as in every file.
    """
    entries = [Entry(run=run, started=series[run.run_id].started) for run in runs]
    settings = setting_columns([entry.spec for entry in entries])
    provenance = [(column, value) for column, value in RUN_FIELDS if column.key not in _SHOWN]
    rows: list[tuple[Cell, ...]] = []
    file_rows: list[tuple[Cell, ...]] = []
    for entry in entries:
        spec = entry.spec
        who = (entry.run.run_id, spec.scenario, spec.preset, spec.seed, *(value(spec) for _, value in settings))
        about = tuple(value(entry) for _, value in provenance)
        for stage, result in _results(entry, series[entry.run.run_id]):
            where: tuple[Cell, ...] = (stage, *(value(result) for _, value in _POSITIONS))
            spent = tuple(getattr(result.cost, column.key) for column in COUNTERS)
            for split, name, figure in _figures(result):
                rows.append((*who, *where, split, name, figure, spec.data.kind))
                file_rows.append((*spent, *about))
        for xray in series[entry.run.run_id].xrays:
            where = _place(xray, entry)
            for name, figure in xray_figures(spec, xray):
                rows.append((*who, *where, None, name, figure, spec.data.kind))
                file_rows.append((*(None for _ in COUNTERS), *about))
    columns = (
        *(Column(key=key, title=key.replace("_", " ")) for key in ("run_id", "scenario", "preset")),
        Column(key="seed", title="seed", kind="number", decimals=0),
        *(column for column, _ in settings),
        Column(key="stage", title="stage"),
        *(column for column, _ in _POSITIONS),
        *(Column(key=key, title=key) for key in ("split", "measure")),
        Column(key="value", title="value", kind="number"),
        Column(key="data", title="data"),
    )
    is_sample = any(entry.spec.data.kind == "sample" for entry in entries)
    return Table(
        title="Results per epoch (sample)" if is_sample else "Results per epoch",
        columns=columns,
        rows=tuple(rows),
        notes=(STAGE_NOTE, *notes(entries)),
        file_columns=(*COUNTERS, *(column for column, _ in provenance)),
        file_rows=tuple(file_rows),
    )


_SHOWN = {"run_id", "scenario", "preset", "seed", "data"}


def _place(xray: XRay, entry: Entry) -> tuple[Cell, ...]:
    """Where an X-ray stands, as the results do."""
    num_train = entry.started.num_train if entry.started else None
    evaluations = None if num_train is None else round(xray.effective_epochs * num_train, 3)
    epoch, work = int(xray.effective_epochs), xray.effective_epochs
    return ("xray", epoch, xray.step, work, evaluations, xray.train_time_s, xray.lr)


def _results(entry: Entry, series: RunSeries) -> Iterator[tuple[str, EpochResult]]:
    yield from (("epoch", result) for result in series.epochs)
    if entry.is_over and entry.outcome is not None:
        yield "final", entry.outcome


def _figures(result: EpochResult) -> Iterator[tuple[str | None, str, float]]:
    """(split, measure, value) of what the result has."""
    for name, split, quantity in _MEASURES:
        value: float | None = getattr(result, name)
        if value is not None:
            yield split, quantity, value

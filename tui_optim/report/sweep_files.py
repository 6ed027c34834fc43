"""The points of a sweep for files: its table with what is needed to trust and repeat each row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.entry import Entry
from tui_optim.report.file_columns import GROUP_COLUMNS, group_cells
from tui_optim.report.series import load_results
from tui_optim.report.sweep_table import SweepView, sweep_table
from tui_optim.spec.events import Started
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.sweeps.trial import Verdict

_RULE = (
    Column(key="sweep", title="sweep"),
    Column(key="metric", title="metric"),
    Column(key="search", title="search"),
    Column(key="search_seed", title="search seed", kind="number"),
    Column(key="sweep_command", title="command of the sweep"),
    Column(key="is_chosen", title="chosen"),
)
"""By which rule the points were tried and judged; the same in all rows but for `is_chosen`."""


def table_for_files(view: SweepView) -> Table:
    """The table of a sweep's points, which in files says of each row what `GROUP_COLUMNS` do, and the rule."""
    known = _read_starts(view)
    table, rows = sweep_table(view), view.ranked()
    chosen = {verdict.point for verdict in view.winners}
    cells = [(*_rule(view), one.point in chosen, *_group(view, one, known)) for one in rows]
    before: Sequence[tuple[Cell, ...]] = table.file_rows or ((),) * len(rows)
    return replace(
        table,
        file_columns=(*table.file_columns, *_RULE, *GROUP_COLUMNS),
        file_rows=tuple((*first, *then) for first, then in zip(before, cells, strict=True)),
    )


def _read_starts(view: SweepView) -> dict[str, Started]:
    runs = [view.runs[trial.run_id] for trial in view.trials if trial.stage == "search" and trial.run_id in view.runs]
    found = {run.run_id: load_results(run.folder).started for run in runs}
    return {run_id: one for run_id, one in found.items() if one is not None}


def _rule(view: SweepView) -> tuple[Cell, ...]:
    sweep, plan = view.sweep, view.sweep.spec.plan
    return sweep.sweep_id, plan.metric, plan.search, plan.seed, sweep.spec.command


def _group(view: SweepView, verdict: Verdict, started: Mapping[str, Started]) -> tuple[Cell, ...]:
    """Also of a point whose runs are not made yet: what is known of it, and the split that its metric is of."""
    runs = [view.runs[trial.run_id] for trial in verdict.trials if trial.run_id in view.runs]
    entries = [Entry(run=run, started=started.get(run.run_id)) for run in runs]
    known = {
        "scenario": verdict.point.scenario,
        "preset": verdict.point.preset,
        "seeds": format_seeds(trial.seed for trial in verdict.trials),
        "split": view.sweep.spec.plan.metric.partition("_")[0],
    }
    cells = zip(GROUP_COLUMNS, group_cells(entries), strict=True)
    return tuple(known.get(column.key, cell) for column, cell in cells)

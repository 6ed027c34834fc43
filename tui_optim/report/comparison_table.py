"""The comparison table: one row per setting, its seeds taken together, against a declared reference."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.columns import COSTS, measure, setting_columns
from tui_optim.report.comparison import Paired, Setting, make_settings, pair
from tui_optim.report.provenance import SEEDS_FOR_INFERENCE, comparison_notes
from tui_optim.report.series import RunSeries
from tui_optim.report.statistics import Interval, bootstrap_draws, bootstrap_interval, mean, median, sd, t_interval
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.catalogue import StoredRun


def comparison_table(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    reference: str | None = None,
    targets: Sequence[Target] = (),
) -> Table:
    """Compare settings, in the order of their first runs.

    Args:
        runs: those that are not at their end are left out, and a note says so; of equal runs the newest counts.
        series: their logs, by run id.
        reference: preset that the others are compared with, seed by seed; tuned SGD where it is there and none is named.
        targets: what to reach; the scenarios' own accuracies if none.

    Raises:
        UsageError: no run is at its end, or the reference is not among them.
    """
    compared = make_settings(runs, series)
    if not compared:
        raise UsageError("none of these runs is at its end: wait for them, or see `tui-optim list runs`")
    paired = pair(compared, reference)
    fields = [*_what(compared), *_figures(compared), *_paired_fields(paired)]
    fields += [*(_spread(compared, column) for column in COSTS), *_target_fields(compared, targets)]
    num_left_out = len(runs) - len({entry.run.run_id for setting in compared for entry in setting.entries})
    scenarios = list(dict.fromkeys(setting.spec.scenario for setting in compared))
    title = f"Comparison on {SCENARIOS[scenarios[0]].title}" if len(scenarios) == 1 else "Comparison"
    has_sample = any(setting.spec.data.kind == "sample" for setting in compared)
    numbers = range(len(compared))
    return Table(
        title=f"{title} (sample)" if has_sample else title,
        columns=tuple(field.column for field in fields),
        rows=tuple(tuple(field.shown(number) for field in fields) for number in numbers),
        notes=comparison_notes(
            [setting.entries for setting in compared],
            pairs=[(one.reference.spec.preset, len(one.differences)) for one in paired if one],
            num_left_out=num_left_out,
        ),
        file_columns=tuple(column for field in fields for column in field.file_columns),
        file_rows=tuple(tuple(cell for field in fields for cell in field.stored(number)) for number in numbers),
        best=_best(compared, [field.column.key for field in fields]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A column on the screen and what stands for it in files; both take the number of a row."""

    column: Column
    shown: Callable[[int], Cell]
    file_columns: tuple[Column, ...]
    stored: Callable[[int], tuple[Cell, ...]]


def _what(compared: Sequence[Setting]) -> list[_Field]:
    specs = [setting.spec for setting in compared]
    fields: list[_Field] = []
    if len({spec.scenario for spec in specs}) > 1:
        fields.append(_plain(Column(key="scenario", title="scenario"), [spec.scenario for spec in specs]))
    fields.append(_plain(Column(key="preset", title="preset"), [spec.preset for spec in specs]))
    fields += [_plain(column, [value(spec) for spec in specs]) for column, value in _differing(specs)]
    if len({spec.epochs for spec in specs}) > 1:
        column = Column(key="planned_epochs", title="epochs", kind="number", decimals=0)
        fields.append(_plain(column, [spec.epochs for spec in specs]))
    if len({spec.data.kind for spec in specs}) > 1:
        fields.append(_plain(Column(key="data", title="data"), [spec.data.kind for spec in specs]))
    seeds = Column(key="n", title="seeds", kind="number", decimals=0)
    fields.append(_plain(seeds, [len(setting.entries) for setting in compared]))
    if any(setting.num_diverged for setting in compared):
        diverged = Column(key="diverged", title="diverged", kind="number", decimals=0)
        fields.append(_plain(diverged, [setting.num_diverged for setting in compared]))
    return fields


def _differing(specs: Sequence[RunSpec]) -> list[tuple[Column, Callable[[RunSpec], Cell]]]:
    """The settings in which runs of one preset differ: between presets, the name tells."""
    found: dict[str, tuple[Column, Callable[[RunSpec], Cell]]] = {}
    for preset in dict.fromkeys((spec.scenario, spec.preset) for spec in specs):
        alike = [spec for spec in specs if (spec.scenario, spec.preset) == preset]
        found |= {column.key: (column, value) for column, value in setting_columns(alike)}
    return list(found.values())


def _figures(compared: Sequence[Setting]) -> list[_Field]:
    splits = [split for split in ("val", "test") if any(setting.split == split for setting in compared)]
    fields: list[_Field] = []
    for split in splits:
        fields += [_spread(compared, measure(split, quantity)) for quantity in ("loss", "accuracy")]
        fields.append(_interval(compared, measure(split, "accuracy")))
    return fields


def _target_fields(compared: Sequence[Setting], targets: Sequence[Target]) -> list[_Field]:
    """Median effective epochs to each target, with the runs that reached it."""
    chosen = list(targets)
    if not chosen:
        chosen = [
            Target(f"{setting.split}_accuracy", value)
            for setting in compared
            for value in SCENARIOS[setting.spec.scenario].targets
        ]
    return [_target(compared, target) for target in dict.fromkeys(chosen)]


def _target(compared: Sequence[Setting], target: Target) -> _Field:
    costs = [setting.costs(target) for setting in compared]
    intervals = [_cost_interval(values) for values in costs]
    key = f"epochs_to_{target.text}"
    column = Column(key=key, title=f"to {target.title}", kind="number", decimals=1)
    ends = tuple(Column(key=f"{key}_{end}", title=end, kind="number") for end in ("low", "high"))
    hits = [sum(map(math.isfinite, values)) for values in costs]

    def shown(number: int) -> Cell:
        text, interval = format_cell(column, median(costs[number])), intervals[number]
        text = text if interval is None else f"{text} {_brackets(column, interval)}"
        return f"{text} ({hits[number]}/{len(costs[number])})"

    def stored(number: int) -> tuple[Cell, ...]:
        interval = intervals[number]
        bounds = (interval.low, interval.high) if interval else (None, None)
        return median(costs[number]), hits[number], *bounds

    return _Field(
        column=column,
        shown=shown,
        file_columns=(column, Column(key=f"hits_{target.text}", title="hits", kind="number", decimals=0), *ends),
        stored=stored,
    )


def _cost_interval(costs: Sequence[float]) -> Interval | None:
    """Bootstrap interval of the median, where there are enough seeds for one."""
    if len(costs) < SEEDS_FOR_INFERENCE:
        return None
    return bootstrap_interval(costs, draws=_draws(len(costs)))


@cache
def _draws(n: int) -> list[list[int]]:
    return bootstrap_draws(n)


def _paired_fields(paired: Sequence[Paired | None]) -> list[_Field]:
    if not any(paired):
        return []
    points = Column(key="difference", title="Δ acc. points", kind="percent", decimals=2)
    ends = tuple(Column(key=f"difference_{end}", title=end, kind="percent") for end in ("low", "high"))

    def shown(number: int) -> Cell:
        one = paired[number]
        if one is None:
            return "reference" if any(paired) else None
        text = format_cell(points, mean(one.differences))
        interval = _inference(one.differences)
        return text if interval is None else f"{text} {_brackets(points, interval)}"

    def stored(number: int) -> tuple[Cell, ...]:
        one = paired[number]
        if one is None:
            return None, None, None
        interval = _inference(one.differences)
        return (mean(one.differences), *((interval.low, interval.high) if interval else (None, None)))

    fields = [_Field(column=points, shown=shown, file_columns=(points, *ends), stored=stored)]
    nothing = (None, None, None)
    by_row = [nothing if one is None else (one.p, one.p_holm, one.greater) for one in paired]
    titles = (("p", "p"), ("p_holm", "p (Holm)"), ("p_greater", "P(A > B)"))
    for (key, title), values in zip(titles, zip(*by_row, strict=True), strict=True):
        cells = [None if value is None or math.isnan(value) else value for value in values]
        if key == "p_greater" or any(cell is not None for cell in cells):
            fields.append(_plain(Column(key=key, title=title, kind="number", decimals=3), cells))
    return fields


def _inference(values: Sequence[float]) -> Interval | None:
    return t_interval(values) if len(values) >= SEEDS_FOR_INFERENCE else None


def _plain(column: Column, cells: Sequence[Cell]) -> _Field:
    return _Field(
        column=column,
        shown=lambda number: cells[number],
        file_columns=(column,),
        stored=lambda number: (cells[number],),
    )


def _spread(compared: Sequence[Setting], column: Column) -> _Field:
    values = [setting.values(column.key) for setting in compared]
    deviation = Column(key=f"{column.key}_sd", title=f"{column.title} sd", kind=column.kind)

    def shown(number: int) -> Cell:
        if not values[number]:
            return None
        text = format_cell(column, mean(values[number]))
        return text if len(values[number]) < 2 else f"{text} ± {format_cell(column, sd(values[number]))}"

    def stored(number: int) -> tuple[Cell, ...]:
        return (mean(values[number]), sd(values[number])) if values[number] else (None, None)

    return _Field(column=column, shown=shown, file_columns=(column, deviation), stored=stored)


def _interval(compared: Sequence[Setting], column: Column) -> _Field:
    found = [_inference(setting.values(column.key)) for setting in compared]
    ends = tuple(Column(key=f"{column.key}_{end}", title=end, kind="percent") for end in ("low", "high"))
    return _Field(
        column=Column(key=ends[0].key, title="95 % CI", kind="number"),
        shown=lambda number: None if (one := found[number]) is None else _brackets(column, one),
        file_columns=ends,
        stored=lambda number: (None, None) if (one := found[number]) is None else (one.low, one.high),
    )


def _brackets(column: Column, interval: Interval) -> str:
    return f"[{format_cell(column, interval.low)}, {format_cell(column, interval.high)}]"


def _best(compared: Sequence[Setting], keys: Sequence[str]) -> frozenset[tuple[int, int]]:
    """The lowest mean loss and the highest mean accuracy among settings on the same scenario and data."""
    best: set[tuple[int, int]] = set()
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, setting in enumerate(compared):
        groups.setdefault((setting.spec.scenario, setting.split, setting.spec.data.kind), []).append(number)
    for (_, split, _), rows in groups.items():
        for quantity, choose in (("loss", min), ("accuracy", max)):
            column = measure(split, quantity)
            means = {row: format_cell(column, mean(compared[row].values(column.key))) for row in rows}
            finite = [mean(compared[row].values(column.key)) for row in rows]
            finite = [value for value in finite if math.isfinite(value)]
            if finite and len(rows) > 1:
                text = format_cell(column, choose(finite))
                best |= {(row, keys.index(column.key)) for row in rows if means[row] == text}
    return frozenset(best)

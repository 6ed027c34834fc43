"""The comparison table: one row per setting, its seeds taken together, against a declared reference."""

import math
from collections.abc import Mapping, Sequence

from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.columns import AREAS, COSTS
from tui_optim.report.comparison import Setting, make_settings
from tui_optim.report.error_area import common_cost, error_areas
from tui_optim.report.fields import (
    Field,
    brackets,
    plain_field,
    spread_field,
    target_field,
    what_fields,
    with_file_column,
)
from tui_optim.report.file_columns import (
    CI_METHOD,
    GROUP_COLUMNS,
    MEAN_INTERVAL,
    MEDIAN_CI_METHOD,
    MEDIAN_INTERVAL,
    P_METHOD,
    SIGN_FLIP,
    group_cells,
)
from tui_optim.report.labels import told_labels
from tui_optim.report.measures import has_measure, judged_by, measures_on
from tui_optim.report.pairing import Paired, Pairing, pair
from tui_optim.report.provenance import SEEDS_FOR_INFERENCE, comparison_notes
from tui_optim.report.series import Axis, RunSeries, Split
from tui_optim.report.statistics import Interval, mean, t_interval
from tui_optim.report.targets import Target, own_targets
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun

SETTING = Column(key="setting", title="setting")
"""In files: the name by which a setting can be made the reference."""
REFERENCE = Column(key="reference", title="compared with")
"""In files: the name of the setting that a row is compared with; a reference's own name in its own row."""


def comparison_table(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    reference: str | None = None,
    targets: Sequence[Target] = (),
    axis: Axis = "epoch",
) -> Table:
    """Compare settings, in the order of their first runs.

    Args:
        runs: those that are not at their end are left out, and a note says so; of equal runs the newest counts.
        series: their logs, by run id.
        reference: preset or setting that the others are compared with, seed by seed (`pairing.pair`); tuned SGD if none is named.
        targets: what to reach; the scenarios' own if none.
        axis: what the costs of targets are counted in.

    Raises:
        UsageError: no run is at its end, or the reference is not among them.
    """
    compared = make_settings(runs, series)
    if not compared:
        raise UsageError("none of these runs is at its end: wait for them, or see `tui-optim list runs`")
    pairing = pair(compared, reference)
    names = told_labels(compared)
    fields = [*_what(compared), *_figures(compared), *_paired_fields(compared, pairing.rows)]
    fields += [*(_spread(compared, column) for column in COSTS), *_area_fields(compared)]
    fields += _target_fields(compared, targets, axis)
    shown = {entry.run.run_id for setting in compared for entry in setting.entries}
    scenarios = list(dict.fromkeys(setting.spec.scenario for setting in compared))
    title = f"Comparison on {compared[0].spec.scenario_info.title}" if len(scenarios) == 1 else "Comparison"
    has_sample = any(setting.spec.data.kind == "sample" for setting in compared)
    numbers = range(len(compared))
    return Table(
        title=f"{title} (sample)" if has_sample else title,
        columns=tuple(field.column for field in fields),
        rows=tuple(tuple(field.shown(number) for field in fields) for number in numbers),
        notes=comparison_notes(
            [setting.entries for setting in compared],
            pairs=[(names[_index(compared, one.reference)], len(one.differences)) for one in pairing.rows if one],
            areas=sorted({common_cost(setting, compared) for setting in compared}),
            remarks=pairing.notes,
            left_out=[run for run in runs if run.run_id not in shown],
            axis=axis,
        ),
        file_columns=(*(column for field in fields for column in field.file_columns), *_FOR_FILES),
        file_rows=tuple(
            (
                *(cell for field in fields for cell in field.stored(number)),
                *_for_files(compared, pairing, names, number),
            )
            for number in numbers
        ),
        best=_best(compared, [field.column.key for field in fields]),
    )


_FOR_FILES = (SETTING, REFERENCE, CI_METHOD, P_METHOD, MEDIAN_CI_METHOD, *GROUP_COLUMNS)


def _for_files(compared: Sequence[Setting], pairing: Pairing, names: Sequence[str], number: int) -> tuple[Cell, ...]:
    """What a row of a file says besides its figures: who it is compared with, by which methods, and how to repeat it."""
    setting, one = compared[number], pairing.rows[number]
    is_reference = any(other is not None and other.reference is setting for other in pairing.rows)
    reference = names[_index(compared, one.reference)] if one else names[number] if is_reference else None
    has_inference = len(setting.entries) >= SEEDS_FOR_INFERENCE
    return (
        names[number],
        reference,
        MEAN_INTERVAL if has_inference else None,
        SIGN_FLIP if one and not math.isnan(one.p) else None,
        MEDIAN_INTERVAL if has_inference else None,
        *group_cells(setting.entries),
    )


def _index(compared: Sequence[Setting], wanted: Setting) -> int:
    return next(number for number, setting in enumerate(compared) if setting is wanted)


def _what(compared: Sequence[Setting]) -> list[Field]:
    fields = what_fields([setting.spec for setting in compared])
    seeds = Column(key="n", title="seeds", kind="number", decimals=0)
    fields.append(plain_field(seeds, [len(setting.entries) for setting in compared]))
    if any(setting.num_diverged for setting in compared):
        diverged = Column(key="diverged", title="diverged", kind="number", decimals=0)
        fields.append(plain_field(diverged, [setting.num_diverged for setting in compared]))
    return fields


def _figures(compared: Sequence[Setting]) -> list[Field]:
    """Loss and what decides on each split, the latter with its interval; held-out figures first."""
    here = dict.fromkeys(one for setting in compared for one in measures_on(setting.spec.scenario_info, setting.split))
    fields: list[Field] = []
    for one in sorted(here, key=lambda one: ("val", "test", "train").index(one.split)):
        fields.append(_spread(compared, one.column))
        if one.quantity != "loss":
            fields.append(_interval(compared, one.column))
    return fields


def _area_fields(compared: Sequence[Setting]) -> list[Field]:
    """The areas under the error–cost curves; files say over what cost they are taken."""
    costs = [common_cost(setting, compared) for setting in compared]
    fields: list[Field] = []
    for quantity, column in AREAS.items():
        areas = [
            error_areas(setting, until=cost) if judged_by(setting.spec).quantity == quantity else []
            for setting, cost in zip(compared, costs, strict=True)
        ]
        if any(areas):
            fields.append(spread_field(column, areas))
    over = Column(key="area_cost", title="area over", kind="number", decimals=0)
    return [*fields[:-1], with_file_column(fields[-1], over, costs)] if fields else []


def _target_fields(compared: Sequence[Setting], targets: Sequence[Target], axis: Axis) -> list[Field]:
    """Median cost of each target, with the runs that reached it."""
    chosen = list(targets)
    if not chosen:
        chosen = [target for setting in compared for target in own_targets(setting.spec)]
    return [
        target_field(
            target,
            axis,
            [
                setting.reach(target, axis) if has_measure(setting.spec, target.measure) else None
                for setting in compared
            ],
        )
        for target in dict.fromkeys(chosen)
    ]


def _paired_fields(compared: Sequence[Setting], paired: Sequence[Paired | None]) -> list[Field]:
    references = {id(one.reference) for one in paired if one}
    if not references:
        return []
    points = Column(key="difference", title="Δ acc. points", kind="percent", decimals=2)
    ends = tuple(Column(key=f"difference_{end}", title=end, kind="percent") for end in ("low", "high"))

    def shown(number: int) -> Cell:
        one = paired[number]
        if one is None:
            return "reference" if id(compared[number]) in references else None
        if not one.differences:  # no seed in common
            return None
        text = format_cell(points, mean(one.differences))
        interval = _inference(one.differences)
        return text if interval is None else f"{text} {brackets(points, interval)}"

    def stored(number: int) -> tuple[Cell, ...]:
        one = paired[number]
        if one is None or not one.differences:
            return None, None, None
        interval = _inference(one.differences)
        return (mean(one.differences), *((interval.low, interval.high) if interval else (None, None)))

    fields = [Field(column=points, shown=shown, file_columns=(points, *ends), stored=stored)]
    nothing = (None, None, None)
    by_row = [nothing if one is None else (one.p, one.p_holm, one.greater) for one in paired]
    titles = (("p", "p"), ("p_holm", "p (Holm)"), ("p_greater", "P(A > B)"))
    for (key, title), values in zip(titles, zip(*by_row, strict=True), strict=True):
        cells = [None if value is None or math.isnan(value) else value for value in values]
        if key == "p_greater" or any(cell is not None for cell in cells):
            decimals = 3 if key == "p_greater" else 4  # the smallest p of five seeds is 0.0625
            fields.append(plain_field(Column(key=key, title=title, kind="number", decimals=decimals), cells))
    return fields


def _inference(values: Sequence[float]) -> Interval | None:
    return t_interval(values) if len(values) >= SEEDS_FOR_INFERENCE else None


def _spread(compared: Sequence[Setting], column: Column) -> Field:
    return spread_field(column, [setting.values(column.key) for setting in compared])


def _interval(compared: Sequence[Setting], column: Column) -> Field:
    found = [_inference(setting.values(column.key)) for setting in compared]
    ends = tuple(Column(key=f"{column.key}_{end}", title=end, kind=column.kind) for end in ("low", "high"))
    return Field(
        column=Column(key=ends[0].key, title="95 % CI", kind="number"),
        shown=lambda number: None if (one := found[number]) is None else brackets(column, one),
        file_columns=ends,
        stored=lambda number: (None, None) if (one := found[number]) is None else (one.low, one.high),
    )


def _best(compared: Sequence[Setting], keys: Sequence[str]) -> frozenset[tuple[int, int]]:
    """The lowest mean loss and gap and the highest mean accuracy among settings on the same scenario and data."""
    best: set[tuple[int, int]] = set()
    groups: dict[tuple[str, Split, str], list[int]] = {}
    for number, setting in enumerate(compared):
        groups.setdefault((setting.spec.scenario, setting.split, setting.spec.data.kind), []).append(number)
    for (_, split, _), rows in groups.items():
        for one in measures_on(compared[rows[0]].spec.scenario_info, split):
            column, choose = one.column, min if one.is_minimised else max
            means = {row: format_cell(column, mean(compared[row].values(column.key))) for row in rows}
            finite = [mean(compared[row].values(column.key)) for row in rows]
            finite = [value for value in finite if math.isfinite(value)]
            if finite and len(rows) > 1:
                text = format_cell(column, choose(finite))
                best |= {(row, keys.index(column.key)) for row in rows if means[row] == text}
    return frozenset(best)

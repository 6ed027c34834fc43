"""The comparison table: one row per setting, its seeds taken together, against a declared reference."""

import math
from collections.abc import Collection, Mapping, Sequence

from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.columns import DIFFERENCES
from tui_optim.report.comparison import Contest, Setting, contest, make_settings, not_among, nothing_at_end
from tui_optim.report.comparison_fields import cost_fields, figure_fields, inference, setting_fields, target_fields
from tui_optim.report.error_area import common_cost
from tui_optim.report.fields import (
    Field,
    brackets,
    plain_field,
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
from tui_optim.report.measures import measures_on
from tui_optim.report.pairing import Paired, Pairing, pair
from tui_optim.report.provenance import comparison_notes
from tui_optim.report.rows import row_list
from tui_optim.report.series import Axis, RunSeries
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE, mean
from tui_optim.report.targets import Target
from tui_optim.store.catalogue import StoredRun

SETTING = Column(key="setting", title="setting")
"""In files: the name by which a setting can be made the reference."""
REFERENCE = Column(key="reference", title="compared with")
"""In files: the name of the setting that a row is compared with; a reference's own name in its own row."""
PAIRS = Column(key="pairs", title="paired seeds", kind="number", decimals=0)
"""In files: how many seeds Δ and p are taken over, those that the reference has too."""


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
        raise nothing_at_end(runs)
    pairing = pair(compared, reference)
    names = told_labels(compared)
    fields = [*setting_fields(compared), *figure_fields(compared), *_paired_fields(compared, pairing.rows)]
    fields += [*cost_fields(compared), *target_fields(compared, targets, axis)]
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
            remarks=[*pairing.notes, *_fewer_pairs(pairing.rows, compared), *_unequal_costs(pairing.rows, compared)],
            left_out=not_among(compared, runs),
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


def _fewer_pairs(paired: Sequence[Paired | None], compared: Sequence[Setting]) -> list[str]:
    """Sentences about the rows whose Δ and p rest on fewer seeds than the row has: the reference lacks the others."""
    rows: dict[str, list[int]] = {}
    for number, (one, setting) in enumerate(zip(paired, compared, strict=True), start=1):
        if one and len(one.differences) < len(setting.entries):
            rows.setdefault(f"{len(one.differences)} of {len(setting.entries)}", []).append(number)
    return [
        f"Δ and p of {row_list(numbers)}: over {share} seeds, those that the reference has too"
        for share, numbers in rows.items()
    ]


COST_MARGIN = 0.05
"""How far the cost of a row may be from its reference's without a word, as a share."""


def _unequal_costs(paired: Sequence[Paired | None], compared: Sequence[Setting]) -> list[str]:
    """A sentence about the rows whose runs had spent more or less than those that they are compared with."""
    rows = [
        str(number)
        for number, (one, setting) in enumerate(zip(paired, compared, strict=True), start=1)
        if one and abs(_cost(setting) / _cost(one.reference) - 1.0) > COST_MARGIN
    ]
    if not rows:
        return []
    named = f"row{'s' if len(rows) > 1 else ''} {', '.join(rows)}"
    off = f"more than {COST_MARGIN:.0%} off the cost of the reference at the end"
    return [f"{named}: {off}; the race and `compare --at` rank at an equal cost"]


def _cost(setting: Setting) -> float:
    """Mean over the runs that did not diverge; NaN, which is off nothing, without any."""
    spent = [cost for cost in setting.values("effective_epochs") if 0.0 < cost < math.inf]
    return mean(spent) if spent else math.nan


_FOR_FILES = (SETTING, REFERENCE, PAIRS, CI_METHOD, P_METHOD, MEDIAN_CI_METHOD, *GROUP_COLUMNS)


def _for_files(compared: Sequence[Setting], pairing: Pairing, names: Sequence[str], number: int) -> tuple[Cell, ...]:
    """What a row of a file says besides its figures: who it is compared with, by which methods, and how to repeat it."""
    setting, one = compared[number], pairing.rows[number]
    is_reference = any(other is not None and other.reference is setting for other in pairing.rows)
    reference = names[_index(compared, one.reference)] if one else names[number] if is_reference else None
    has_inference = len(setting.entries) >= SEEDS_FOR_INFERENCE
    return (
        names[number],
        reference,
        len(one.differences) if one else None,
        MEAN_INTERVAL if has_inference else None,
        SIGN_FLIP if one and not math.isnan(one.p) else None,
        MEDIAN_INTERVAL if has_inference else None,
        *group_cells(setting.entries),
    )


def _index(compared: Sequence[Setting], wanted: Setting) -> int:
    return next(number for number, setting in enumerate(compared) if setting is wanted)


def _paired_fields(compared: Sequence[Setting], paired: Sequence[Paired | None]) -> list[Field]:
    references = {id(one.reference) for one in paired if one}
    if not references:
        return []
    quantities = {one.reference.measure.quantity for one in paired if one}
    fields = [
        _difference(compared, paired, references, quantity, points)
        for quantity, points in DIFFERENCES.items()
        if quantity in quantities
    ]
    nothing = (None, None, None)
    by_row = [nothing if one is None else (one.p, one.p_holm, one.greater) for one in paired]
    titles = (("p", "p"), ("p_holm", "p (Holm)"), ("p_greater", "P(A > B)"))
    for (key, title), values in zip(titles, zip(*by_row, strict=True), strict=True):
        cells = [None if value is None or math.isnan(value) else value for value in values]
        if key == "p_greater" or any(cell is not None for cell in cells):
            decimals = 3 if key == "p_greater" else 4  # the smallest p of five seeds is 0.0625
            fields.append(plain_field(Column(key=key, title=title, kind="number", decimals=decimals), cells))
    return fields


def _difference(
    compared: Sequence[Setting],
    paired: Sequence[Paired | None],
    references: Collection[int],
    quantity: str,
    points: Column,
) -> Field:
    """The paired differences of the settings that are judged by this quantity, with their intervals."""
    ends = tuple(Column(key=f"{points.key}_{end}", title=end, kind=points.kind) for end in ("low", "high"))

    def found(number: int) -> Paired | None:
        one = paired[number]  # without differences there is no seed in common
        return one if one and one.differences and one.reference.measure.quantity == quantity else None

    def shown(number: int) -> Cell:
        one, setting = found(number), compared[number]
        if one is None:
            return "reference" if id(setting) in references and setting.measure.quantity == quantity else None
        text = format_cell(points, mean(one.differences))
        interval = inference(one.differences)
        return text if interval is None or math.isnan(interval.low) else f"{text} {brackets(points, interval)}"

    def stored(number: int) -> tuple[Cell, ...]:
        one = found(number)
        if one is None:
            return None, None, None
        interval = inference(one.differences)
        return (mean(one.differences), *((interval.low, interval.high) if interval else (None, None)))

    return Field(column=points, shown=shown, file_columns=(points, *ends), stored=stored)


def _best(compared: Sequence[Setting], keys: Sequence[str]) -> frozenset[tuple[int, int]]:
    """The lowest mean loss and gap and the highest mean accuracy among settings on the same scenario and data."""
    best: set[tuple[int, int]] = set()
    groups: dict[Contest, list[int]] = {}
    for number, setting in enumerate(compared):
        groups.setdefault(contest(setting.spec), []).append(number)
    for rows in groups.values():
        for one in measures_on(compared[rows[0]].spec.scenario_info, compared[rows[0]].split):
            column, choose = one.column, min if one.is_minimised else max
            means = {row: format_cell(column, mean(compared[row].values(column.key))) for row in rows}
            finite = [mean(compared[row].values(column.key)) for row in rows]
            finite = [value for value in finite if math.isfinite(value)]
            if finite and len(rows) > 1:
                text = format_cell(column, choose(finite))
                best |= {(row, keys.index(column.key)) for row in rows if means[row] == text}
    return frozenset(best)

"""The tables of a race: the standings at some cost, and the costs of targets."""

import math
from collections.abc import Sequence

from tui_optim.report.bands import Seeds
from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.comparison import contest
from tui_optim.report.entry import Entry
from tui_optim.report.fields import AXIS_DECIMALS, Field, plain_field, spread_field, target_field, what_fields
from tui_optim.report.file_columns import GROUP_COLUMNS, MEDIAN_CI_METHOD, MEDIAN_INTERVAL, group_cells
from tui_optim.report.meaning import target_note
from tui_optim.report.measures import Measure, has_measure
from tui_optim.report.provenance import settings_notes
from tui_optim.report.race import Standing, costs, standings
from tui_optim.report.series import AXIS_NAMES, Axis
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE
from tui_optim.report.targets import Target

_COUNTING = (
    "a finished run keeps its last value; one that is still going, or was stopped, does not count beyond its last point; "
    "a diverged one counts with chance accuracy and infinite loss"
)


def standing_table(
    field: Sequence[Seeds], measure: Measure | None, axis: Axis, x: float, *, targets: Sequence[Target] = ()
) -> Table:
    """The settings at x, the best first: mean ± standard deviation over the runs that count there.

    Without a measure each is ranked by what is usual for its scenario and split (`standings`).
    """
    found = standings(field, measure, axis, x)
    measures = list(dict.fromkeys(one.measure for one in found))
    there = format_cell(Column(key=axis, title=axis, kind="number", decimals=AXIS_DECIMALS[axis]), x)
    place = f"at {there} {AXIS_NAMES[axis]}"
    fields = [
        plain_field(Column(key="rank", title="rank", kind="number", decimals=0), [one.rank for one in found]),
        *what_fields([one.seeds.spec for one in found]),
        *(
            spread_field(decides.column, [one.values if one.measure == decides else () for one in found])
            for decides in measures
        ),
        _counts([len(one.values) for one in found], found),
        *_target_fields([one.seeds for one in found], targets, axis),
    ]
    at = Column(key=f"at_{AXIS_NAMES[axis].replace(' ', '_')}", title="at", kind="number")
    figures = " and ".join(decides.column.title for decides in measures)
    meaning = [f"{figures} {place}, on straight lines between evaluations; {_COUNTING}"]
    meaning += [target_note(axis, _most_seeds(field))] if targets else []
    return _table(
        f"Standings {place}",
        [one.seeds for one in found],
        fields,
        meaning,
        extra=[(at, x)],
        has_medians=bool(targets),
        best=_leaders(found, [one.column.key for one in fields]),
    )


def target_table(
    field: Sequence[Seeds],
    targets: Sequence[Target],
    axis: Axis,
    *,
    until_s: float = math.inf,
    has_intervals: bool = True,
) -> Table:
    """What each setting had spent when it met the targets; `until_s` hides what came after so much training.

    `has_intervals` adds those of the medians, which take milliseconds each.
    """
    fields = [
        *what_fields([seeds.spec for seeds in field]),
        *_target_fields(field, targets, axis, until_s=until_s, has_interval=has_intervals),
    ]
    meaning = [target_note(axis, _most_seeds(field) if has_intervals else 1), _OPEN]
    return _table("Cost of targets", field, fields, meaning, has_medians=has_intervals)


_OPEN = (
    "open: runs that are not at their end and have not met the target yet; – where the median is open for that reason"
)


def _target_fields(
    field: Sequence[Seeds],
    targets: Sequence[Target],
    axis: Axis,
    *,
    until_s: float = math.inf,
    has_interval: bool = True,
) -> list[Field]:
    found: list[Field] = []
    for target in dict.fromkeys(targets):
        reached = zip(field, costs(field, target, axis, until_s=until_s), strict=True)
        applying = [one if has_measure(seeds.spec, target.measure) else None for seeds, one in reached]
        found.append(target_field(target, axis, applying, has_interval=has_interval))
    return found


def _counts(counts: Sequence[int], found: Sequence[Standing]) -> Field:
    """How many seeds a mean is taken over, and of how many."""
    totals = [len(one.seeds.runs) for one in found]
    n = Column(key="n", title="seeds", kind="number", decimals=0)
    runs = Column(key="num_runs", title="of", kind="number", decimals=0)

    def shown(number: int) -> Cell:
        return counts[number] if counts[number] == totals[number] else f"{counts[number]}/{totals[number]}"

    return Field(
        column=n,
        shown=shown,
        file_columns=(n, runs),
        stored=lambda number: (counts[number], totals[number]),
    )


def _median_method(entries: Sequence[Entry]) -> Cell:
    return MEDIAN_INTERVAL if len(entries) >= SEEDS_FOR_INFERENCE else None


def _most_seeds(field: Sequence[Seeds]) -> int:
    return max((len(seeds.runs) for seeds in field), default=0)


def _leaders(found: Sequence[Standing], keys: Sequence[str]) -> frozenset[tuple[int, int]]:
    """The best of those that have a rival, in the column of what they are ranked by."""
    rivals = [contest(one.seeds.spec) for one in found if one.rank is not None]
    return frozenset(
        (number, keys.index(one.measure.name))
        for number, one in enumerate(found)
        if one.rank == 1 and rivals.count(contest(one.seeds.spec)) > 1 and math.isfinite(one.mean)
    )


def _table(
    title: str,
    field: Sequence[Seeds],
    fields: Sequence[Field],
    meaning: Sequence[str],
    *,
    extra: Sequence[tuple[Column, Cell]] = (),
    has_medians: bool = False,
    best: frozenset[tuple[int, int]] = frozenset(),
) -> Table:
    scenarios = list(dict.fromkeys(seeds.spec.scenario for seeds in field))
    about = f", {field[0].spec.scenario_info.title}" if len(scenarios) == 1 else ""
    is_sample = any(seeds.spec.data.kind == "sample" for seeds in field)
    entries = [
        [Entry(run=run, started=series.started) for run, series in zip(seeds.runs, seeds.series, strict=True)]
        for seeds in field
    ]
    numbers = range(len(field))
    return Table(
        title=f"{title}{about}{' (sample)' if is_sample else ''}",
        columns=tuple(one.column for one in fields),
        rows=tuple(tuple(one.shown(number) for one in fields) for number in numbers),
        notes=settings_notes(entries, meaning) if entries else (),
        file_columns=(
            *(column for one in fields for column in one.file_columns),
            *(column for column, _ in extra),
            *((MEDIAN_CI_METHOD,) if has_medians else ()),
            *GROUP_COLUMNS,
        ),
        file_rows=tuple(
            (
                *(cell for one in fields for cell in one.stored(number)),
                *(value for _, value in extra),
                *((_median_method(entries[number]),) if has_medians else ()),
                *group_cells(entries[number]),
            )
            for number in numbers
        ),
        best=best,
    )

"""Columns that tables of settings share: what a setting is, and what it had spent when it reached a target."""

import math
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from tui_optim.report.cells import Cell, Column, format_cell
from tui_optim.report.columns import setting_column, setting_columns
from tui_optim.report.series import AXIS_NAMES, Axis
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE, Interval, bootstrap_draws, bootstrap_interval, mean, sd
from tui_optim.report.targets import Reach, Target
from tui_optim.spec.run import RunSpec

AXIS_DECIMALS: dict[Axis, int] = {"step": 0, "epoch": 1, "seconds": 1, "gradient_evaluations": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column on the screen and what stands for it in files; both take the number of a row."""

    column: Column
    shown: Callable[[int], Cell]
    file_columns: tuple[Column, ...]
    stored: Callable[[int], tuple[Cell, ...]]


def plain_field(column: Column, cells: Sequence[Cell]) -> Field:
    """A column that is the same on the screen and in files."""
    return Field(
        column=column,
        shown=lambda number: cells[number],
        file_columns=(column,),
        stored=lambda number: (cells[number],),
    )


def with_file_column(field: Field, column: Column, cells: Sequence[Cell]) -> Field:
    """The same on the screen, with one more column in files."""
    return replace(
        field,
        file_columns=(*field.file_columns, column),
        stored=lambda number: (*field.stored(number), cells[number]),
    )


def what_fields(specs: Sequence[RunSpec]) -> list[Field]:
    """What the settings are, each given by one of its runs: the preset, and whatever else differs."""
    fields: list[Field] = []
    if len({spec.scenario for spec in specs}) > 1:
        fields.append(plain_field(Column(key="scenario", title="scenario"), [spec.scenario for spec in specs]))
    fields.append(plain_field(Column(key="preset", title="preset"), [spec.lineage for spec in specs]))
    fields += [plain_field(column, [value(spec) for spec in specs]) for column, value in _differing(specs)]
    if len({spec.epochs for spec in specs}) > 1:
        column = Column(key="planned_epochs", title="epochs", kind="number", decimals=0)
        fields.append(plain_field(column, [spec.epochs for spec in specs]))
    if len({spec.data.kind for spec in specs}) > 1:
        fields.append(plain_field(Column(key="data", title="data"), [spec.data.kind for spec in specs]))
    return fields


def spread_field(column: Column, values: Sequence[Sequence[float]]) -> Field:
    """Mean ± standard deviation over the seeds of each row; the mean alone for one seed."""
    deviation = Column(key=f"{column.key}_sd", title=f"{column.title} sd", kind=column.kind)
    finer = replace(column, decimals=1)

    def shown(number: int) -> Cell:
        if not values[number]:
            return None
        text, spread = format_cell(column, mean(values[number])), sd(values[number])
        is_small = column.decimals == 0 and spread < 0.5
        return text if math.isnan(spread) else f"{text} ± {format_cell(finer if is_small else column, spread)}"

    def stored(number: int) -> tuple[Cell, ...]:
        return (mean(values[number]), sd(values[number])) if values[number] else (None, None)

    return Field(column=column, shown=shown, file_columns=(column, deviation), stored=stored)


def target_field(target: Target, axis: Axis, reached: Sequence[Reach | None], *, has_interval: bool = True) -> Field:
    """What the median run of each setting had spent when it met a target, its interval, and how many runs met it.

    None stands for a setting that has no such measure: it neither met nor missed the target.

    The interval takes milliseconds and room: a table that is made several times a second goes without.
    """
    words = AXIS_NAMES[axis].replace("gradient evaluations", "gradients")
    title = f"to {target.title}" if axis == "epoch" else f"{words} to {target.title}"
    unit = AXIS_NAMES[axis].replace(" ", "_")
    column = Column(key=f"{unit}_to_{target.text}", title=title, kind="number", decimals=AXIS_DECIMALS[axis])
    hits = Column(key=f"hits_{target.text}", title="hits", kind="number", decimals=0)
    counts = [(hits, [one and one.num_hits for one in reached])]
    if any(one and one.num_open for one in reached):
        is_open = Column(key=f"open_{target.text}", title="not at their end", kind="number", decimals=0)
        counts.append((is_open, [one and one.num_open for one in reached]))
    intervals = [_interval(one) if one and has_interval else None for one in reached]
    ends = tuple(Column(key=f"{column.key}_{end}", title=end, kind="number") for end in ("low", "high"))

    def shown(number: int) -> Cell:
        one, interval = reached[number], intervals[number]
        if one is None:
            return None
        text = format_cell(column, one.median)
        if interval is not None and interval.low < interval.high:
            text += f" {brackets(column, interval)}"
        still = f" · {one.num_open} open" if one.num_open else ""
        return f"{text} ({one.num_hits}/{one.num_runs}{still})"

    def stored(number: int) -> tuple[Cell, ...]:
        one, interval = reached[number], intervals[number]
        bounds = (None, None) if interval is None else (interval.low, interval.high)
        return one and one.median, *(numbers[number] for _, numbers in counts), *bounds

    return Field(
        column=column, shown=shown, file_columns=(column, *(count for count, _ in counts), *ends), stored=stored
    )


def brackets(column: Column, interval: Interval) -> str:
    """`[low, high]`, formatted as the column is."""
    return f"[{format_cell(column, interval.low)}, {format_cell(column, interval.high)}]"


def _interval(one: Reach) -> Interval | None:
    """Of the median cost; None for few runs, or while some may still meet the target."""
    if one.num_runs < SEEDS_FOR_INFERENCE or one.num_open:
        return None
    return bootstrap_interval(one.costs, draws=_draws(one.num_runs))


@lru_cache(maxsize=2)  # for many runs some megabytes, and settings have one number of seeds, or two
def _draws(n: int) -> Sequence[Sequence[int]]:
    return [array("H", draw) for draw in bootstrap_draws(n)]


def _differing(specs: Sequence[RunSpec]) -> list[tuple[Column, Callable[[RunSpec], Cell]]]:
    """The settings in which rows differ beyond what their presets' names tell.

    Runs of one preset may differ in any; those of several presets in what was set over a preset.
    """
    found: dict[str, tuple[Column, Callable[[RunSpec], Cell]]] = {}
    for preset in dict.fromkeys((spec.scenario, spec.preset) for spec in specs):
        alike = [spec for spec in specs if (spec.scenario, spec.preset) == preset]
        found |= {column.key: (column, value) for column, value in setting_columns(alike)}
    for name in dict.fromkeys(name for spec in specs for name in spec.overrides):
        column, value = setting_column(name, specs)
        if len({str(value(spec)) for spec in specs}) > 1:
            found.setdefault(name, (column, value))
    return list(found.values())

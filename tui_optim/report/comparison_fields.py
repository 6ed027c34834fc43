"""The columns of a comparison, each over the seeds of its settings: what they are, what they measured, what it cost."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from tui_optim.report.cells import Column
from tui_optim.report.columns import AREAS, AT_VAL_BEST, COSTS, COUNTERS, MEMORY, VAL_BEST_EPOCH
from tui_optim.report.comparison import Setting
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
from tui_optim.report.measures import Measure, has_measure, judged_by, measures_on
from tui_optim.report.series import Axis
from tui_optim.report.statistics import SEEDS_FOR_INFERENCE, Interval, mean, t_interval
from tui_optim.report.targets import Target, own_targets


def setting_fields(compared: Sequence[Setting]) -> list[Field]:
    """Preset, what else differs, the number of seeds, and of those that diverged."""
    fields = what_fields([setting.spec for setting in compared])
    seeds = Column(key="n", title="seeds", kind="number", decimals=0)
    fields.append(plain_field(seeds, [len(setting.entries) for setting in compared]))
    if any(setting.num_diverged for setting in compared):
        diverged = Column(key="diverged", title="diverged", kind="number", decimals=0)
        fields.append(plain_field(diverged, [setting.num_diverged for setting in compared]))
    return fields


def figure_fields(compared: Sequence[Setting]) -> list[Field]:
    """Loss and what decides on each split, held-out figures first; with intervals on the split that rows are judged on.

    The interval of what decides has a column, that of another figure is for files. Where the scenario has a validation set of
    its own, test stands there twice: at the last epoch and at the validation-best one.
    """
    judged = {one for setting in compared for one in measures_on(setting.spec.scenario_info, setting.split)}
    chosen = {
        one
        for setting in compared
        if setting.has_own_validation
        for one in measures_on(setting.spec.scenario_info, "val")
    }
    decisive = {setting.measure for setting in compared}
    fields: list[Field] = []
    for one in _in_order(judged | chosen):
        spread, interval = _spread(compared, one.column), _interval(compared, one.column)
        if one in judged - decisive:
            spread = _with_interval_in_files(spread, interval)
        fields += [spread, interval] if one in decisive else [spread]
    return [*fields, *_val_best_fields(compared)]


def _in_order(found: Iterable[Measure]) -> list[Measure]:
    return sorted(found, key=lambda one: (("val", "test", "train").index(one.split), one.quantity != "loss"))


def _val_best_fields(compared: Sequence[Setting]) -> list[Field]:
    """Test figures at the epoch that each run's own validation loss would have chosen; files have the mean of these epochs."""
    fields = [
        spread_field(column, [setting.at_val_best(name) for setting in compared])
        for name, column in AT_VAL_BEST.items()
        if any(setting.at_val_best(name) for setting in compared)
    ]
    if not fields:
        return []
    epochs = [setting.val_best_epochs for setting in compared]
    return [
        with_file_column(fields[0], VAL_BEST_EPOCH, [mean(found) if found else None for found in epochs]),
        *fields[1:],
    ]


def cost_fields(compared: Sequence[Setting]) -> list[Field]:
    """What the runs had spent at their end, in files with the raw counters of work, and what that bought on the way."""
    first, *others = (_spread(compared, column) for column in COSTS)
    for counter in COUNTERS:
        first = with_file_column(first, counter, [setting.counted(counter.key) for setting in compared])
    fields = [first, *others]
    if any(setting.values(MEMORY.key) for setting in compared):
        fields.append(_spread(compared, MEMORY))
    return [*fields, *_area_fields(compared)]


def target_fields(compared: Sequence[Setting], targets: Sequence[Target], axis: Axis) -> list[Field]:
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


def inference(values: Sequence[float]) -> Interval | None:
    """The interval of a mean over seeds; None for few."""
    return t_interval(values) if len(values) >= SEEDS_FOR_INFERENCE else None


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


def _spread(compared: Sequence[Setting], column: Column) -> Field:
    return spread_field(column, [setting.values(column.key) for setting in compared])


def _with_interval_in_files(spread: Field, interval: Field) -> Field:
    return replace(
        spread,
        file_columns=(*spread.file_columns, *interval.file_columns),
        stored=lambda number: (*spread.stored(number), *interval.stored(number)),
    )


def _interval(compared: Sequence[Setting], column: Column) -> Field:
    found = [inference(setting.values(column.key)) for setting in compared]
    ends = tuple(Column(key=f"{column.key}_{end}", title=end, kind=column.kind) for end in ("low", "high"))
    return Field(
        column=Column(key=ends[0].key, title="95 % CI", kind="number"),
        shown=lambda number: None if (one := found[number]) is None else brackets(column, one),
        file_columns=ends,
        stored=lambda number: (None, None) if (one := found[number]) is None else (one.low, one.high),
    )

"""Chapters of a report: the comparison on one scenario, kind of data and split, with its figures and commands."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from tui_optim.report.cells import Column, Table
from tui_optim.report.columns import AREAS, COSTS, MEMORY
from tui_optim.report.comparison import Contest, Setting, contest
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.document.blocks import Block, Commands, Illustration, Notes, Paragraph, Section, columns_of
from tui_optim.report.document.illustrate import has_figure, illustration
from tui_optim.report.document.search import MIN_VALUES
from tui_optim.report.entry import command_of
from tui_optim.report.figures.kinds import FigureKind, FigureRequest
from tui_optim.report.labels import told_labels
from tui_optim.report.measures import MEASURE_NAMES, measures_on
from tui_optim.report.pairing import named_settings
from tui_optim.report.responses import grids, responses
from tui_optim.report.series import RunSeries, Split
from tui_optim.report.targets import Target
from tui_optim.report.tried import choosing_measure, tried
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun

_SPLITS = {"val": "held-out", "test": "test", "train": "training"}
_COSTS = {column.key for column in (*COSTS, MEMORY, *AREAS.values())}
_FIGURES = frozenset(MEASURE_NAMES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """The comparison on one scenario, kind of data and split."""

    contest: Contest
    scenario: Scenario
    table: Table
    labels: tuple[str, ...]
    """Names of the settings, in the order of the rows."""
    commands: tuple[str, ...]
    illustrations: tuple[Illustration | Notes, ...]
    """What stands for a figure that cannot be drawn is a sentence."""

    @property
    def summary(self) -> str:
        """Who has the best figures in the table, as they stand there; of a single setting, what it reached."""
        scenario = self.scenario
        split: Split = "val" if self.contest[1] else "test" if scenario.has_test else "train"
        column = {one.key: index for index, one in enumerate(self.table.columns)}
        found = []
        for measure in reversed(measures_on(scenario, split)):
            at, what = column[measure.name], "lowest" if measure.is_minimised else "highest"
            rows = [row for row in range(len(self.labels)) if (row, at) in self.table.best]
            unit = "" if measure.is_minimised else " %"
            names = " and ".join(f"{self.labels[row]} ({self.table.rows[row][at]}{unit})" for row in rows)
            about = f"{_SPLITS[split]} {measure.quantity}" if measure.quantity != "gap" else measure.column.title
            if len(self.labels) == 1:
                found.append(f"{about} {self.table.rows[0][at]}{unit}")
            elif rows:
                found.append(f"{what} mean {about} {names}")
            else:  # one diverged run is enough: it has none, and so has the mean
                found.append(f"no setting has a mean {about}, as each has a run that diverged")
        sample = ", on the sample" if self.contest[2] == "sample" else ""
        if len(self.labels) == 1:
            found.insert(0, self.labels[0])
        return f"{scenario.title}{sample}: {', '.join(found)}."

    def sections(self, common: Sequence[str]) -> list[Section]:
        """Results, cost, figures and commands; notes that all tables share stand elsewhere."""
        rows = {f"row {number}: {command}" for number, command in enumerate(self.commands, start=1)}
        notes = tuple(note for note in self.table.notes if note not in rows and note not in common)
        is_held_out, kind = self.contest[1:]
        title = "Chosen on held-out data" if is_held_out else "Results"
        results, cost = _parts(_numbered(self.table))
        blocks: list[Block] = [results, cost, *([Notes(notes)] if notes else [])]
        blocks += [*self.illustrations, Paragraph("The commands that repeat the rows, in their order:")]
        blocks.append(Commands(self.commands))
        return [Section(title=f"{title}{' (sample)' if kind == 'sample' else ''}", level=3, blocks=tuple(blocks))]


def make_chapter(
    chosen: Contest,
    settings: Sequence[Setting],
    series: Mapping[str, RunSeries],
    *,
    reference: str | None,
    targets: Sequence[Target],
    has_figures: bool,
    is_searched: bool = False,
) -> Chapter:
    """The chapter of these settings, those of the contest; figures of a search are a sweep's own where it `is_searched`."""
    here = [setting for setting in settings if contest(setting.spec) == chosen]
    runs = [entry.run for setting in here for entry in setting.entries]
    known = reference if reference is not None and named_settings(here, reference) else None
    return Chapter(
        contest=chosen,
        scenario=here[0].spec.scenario_info,
        table=comparison_table(runs, series, reference=known, targets=targets),
        labels=tuple(told_labels(here)),
        commands=tuple(command_of(one.entries) for one in here),
        illustrations=tuple(_illustrations(chosen, here, runs, series, targets, is_searched=is_searched))
        if has_figures
        else (),
    )


def _illustrations(
    chosen: Contest,
    settings: Sequence[Setting],
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    targets: Sequence[Target],
    *,
    is_searched: bool,
) -> Iterable[Illustration | Notes]:
    scenario, is_held_out, kind = chosen
    name = re.sub(
        r"[^a-z0-9]+", "-", f"{scenario}{'-held-out' if is_held_out else ''}{'' if kind == 'full' else f'-{kind}'}"
    )
    kinds: list[tuple[FigureKind, str]] = [
        ("curves", "Losses and accuracies of each setting: training above, evaluation below.")
    ]
    if not is_held_out:
        kinds.append(("race", "The settings at equal cost. Where a line crosses a dotted one, it reached that target."))
    measure = choosing_measure(settings)
    found = [] if is_searched else tried(settings, [], measure)
    if has_figure(lambda: any(len(set(one.xs)) >= MIN_VALUES for one in responses(found))):
        kinds.append(("sensitivity", "How far the result depends on the learning rate."))
    if has_figure(lambda: bool(grids(found, measure))):
        kinds.append(("heatmap", "The result over two hyper-parameters at once."))
    for one, caption in kinds:
        request = FigureRequest(kind=one, targets=tuple(targets))
        yield illustration(f"{name}-{one}", caption, request, runs, series)


def common_notes(tables: Sequence[Table]) -> tuple[str, ...]:
    """Notes that stand below every comparison; they are written once."""
    first = tables[0].notes if tables else ()
    is_row = re.compile(r"row \d+: ")
    return tuple(note for note in first if not is_row.match(note) and all(note in table.notes for table in tables))


def _numbered(table: Table) -> Table:
    """With the numbers of its rows, which the notes speak of."""
    return replace(
        table,
        columns=(Column(key="row", title="row", kind="number", decimals=0), *table.columns),
        rows=tuple((number, *row) for number, row in enumerate(table.rows, start=1)),
        file_columns=(),
        file_rows=(),
        best=frozenset((row, column + 1) for row, column in table.best),
    )


def _parts(table: Table) -> tuple[Table, Table]:
    """Results and cost of a comparison, so that each is as wide as a page."""
    keys = [column.key for column in table.columns]
    cost = [key for key in keys if key in _COSTS or "_to_" in key]
    first_figure = min(keys.index(key) for key in keys if key in _FIGURES)
    what = keys[:first_figure]
    results = columns_of(table, [key for key in keys if key not in cost])
    return replace(results, title="Losses and accuracies"), replace(columns_of(table, [*what, *cost]), title="Cost")

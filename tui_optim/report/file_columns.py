"""What is needed to trust and repeat a row, of one run or of several, as columns for files: people read it in the notes."""

from collections.abc import Callable, Sequence

from tui_optim.report.cells import Cell, Column
from tui_optim.report.entry import Entry, command_of
from tui_optim.report.measures import judged_split
from tui_optim.spec.seeds import format_seeds

CI_METHOD = Column(key="ci_method", title="interval of a mean")
MEAN_INTERVAL = "95 % of the mean over seeds: Student's t"
MEDIAN_CI_METHOD = Column(key="median_ci_method", title="interval of a median")
MEDIAN_INTERVAL = "95 % of the median over seeds: percentile bootstrap, 1,999 resamples"
P_METHOD = Column(key="p_method", title="p")
SIGN_FLIP = "exact two-sided sign flips over paired seeds; p_holm: adjusted over the rows of one reference (Holm)"

Group = Sequence[Entry]
"""The runs of a row, which differ in the seed alone."""


def group_cells(group: Group) -> tuple[Cell, ...]:
    """What `GROUP_COLUMNS` say of a row; nothing of one that has no runs yet."""
    return tuple(value(group) if group else None for _, value in _FIELDS)


def joined_groups(groups: Sequence[Group]) -> tuple[Cell, ...]:
    """The same for a row that stands for groups on several scenarios: what differs is said of each."""
    by_column = zip(*(group_cells(group) for group in groups), strict=True)
    return tuple(_joined_cells(list(cells), groups) for cells in by_column)


def _joined_cells(cells: Sequence[Cell], groups: Sequence[Group]) -> Cell:
    if len(set(cells)) == 1:
        return cells[0]
    if all(isinstance(cell, str) and cell.startswith("tui-optim ") for cell in cells):
        return "; ".join(map(str, cells))  # commands: one after the other, as a shell takes them
    return "; ".join(
        f"{group[0].spec.scenario}: {cell}" for cell, group in zip(cells, groups, strict=True) if cell is not None
    )


def _each(text: Callable[[Entry], str]) -> Callable[[Group], Cell]:
    return lambda group: " and ".join(dict.fromkeys(filter(None, map(text, group)))) or None


def _threads(group: Group) -> Cell:
    found = list(dict.fromkeys(entry.threads for entry in group))
    return found[0] if len(found) == 1 else " and ".join(str(one) for one in found if one is not None)


def _command(group: Group) -> Cell:
    """With the threads that all runs got, which decide their last bits on a CPU."""
    threads = {entry.threads for entry in group}
    spec = group[0].spec
    if spec.parent is not None:
        return command_of(group)
    if len(threads) == 1:
        spec = spec.model_copy(update={"threads": threads.pop()})
    return spec.command_for(entry.spec.seed for entry in group)


def _parent(entry: Entry) -> Cell:
    return entry.spec.parent.run_id if entry.spec.parent else None


def _branch_step(entry: Entry) -> Cell:
    return entry.spec.parent.step if entry.spec.parent else None


_FIELDS: tuple[tuple[Column, Callable[[Group], Cell]], ...] = (
    (Column(key="scenario", title="scenario"), lambda group: group[0].spec.scenario),
    (Column(key="preset", title="preset"), lambda group: group[0].spec.preset),
    (Column(key="seeds", title="seeds"), lambda group: format_seeds(entry.spec.seed for entry in group)),
    (Column(key="run_ids", title="runs"), lambda group: " ".join(entry.run.run_id for entry in group)),
    (Column(key="data", title="data"), lambda group: group[0].spec.data.kind),
    (Column(key="split", title="judged on"), lambda group: judged_split(group[0].spec)),
    (Column(key="planned_epochs", title="planned epochs", kind="number"), lambda group: group[0].spec.epochs),
    (Column(key="device", title="device"), _each(lambda entry: entry.device)),
    (Column(key="threads", title="threads", kind="number"), _threads),
    (Column(key="versions", title="versions"), _each(lambda entry: entry.versions)),
    (Column(key="split_hash", title="validation split, SHA-256"), _each(lambda entry: entry.split_hash)),
    (Column(key="command", title="command"), _command),
    (Column(key="told", title="told while training"), _each(lambda entry: entry.run.status.commands)),
    (Column(key="parents", title="forked from"), _each(lambda entry: str(_parent(entry) or ""))),
    (Column(key="branch_step", title="branch step", kind="number"), lambda group: _branch_step(group[0])),
)
GROUP_COLUMNS = tuple(column for column, _ in _FIELDS)

RUN_FIELDS: tuple[tuple[Column, Callable[[Entry], Cell]], ...] = (
    (Column(key="run_id", title="run"), lambda entry: entry.run.run_id),
    (Column(key="scenario", title="scenario"), lambda entry: entry.spec.scenario),
    (Column(key="preset", title="preset"), lambda entry: entry.spec.preset),
    (Column(key="seed", title="seed", kind="number"), lambda entry: entry.spec.seed),
    (Column(key="data", title="data"), lambda entry: entry.spec.data.kind),
    (Column(key="planned_epochs", title="planned epochs", kind="number"), lambda entry: entry.spec.epochs),
    (Column(key="reason", title="reason"), lambda entry: entry.run.status.reason),
    (Column(key="device", title="device"), lambda entry: entry.device),
    (Column(key="threads", title="threads", kind="number"), lambda entry: entry.threads),
    (Column(key="versions", title="versions"), lambda entry: entry.versions),
    (Column(key="split_hash", title="split"), lambda entry: entry.split_hash),
    (Column(key="command", title="command"), lambda entry: entry.command),
    (Column(key="told", title="told while training"), lambda entry: entry.run.status.commands),
    (Column(key="parent", title="forked from"), _parent),
    (Column(key="branch_step", title="branch step", kind="number"), _branch_step),
)
"""The same of a row that is one run."""

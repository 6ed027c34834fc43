"""A row of the run table, and how forks stand below their parents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tui_optim.report.cells import Cell
from tui_optim.report.run_fields import RunField
from tui_optim.report.statistics import quick_mean
from tui_optim.store.catalogue import StoredRun


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """A row of the table: a run, or a setting with the runs that differ in the seed alone."""

    run: StoredRun
    """Of a setting its newest run."""
    number: int
    """Counts all listed runs from the oldest, whatever the filter hides."""
    members: tuple[StoredRun, ...] = ()
    """Of a setting its runs, oldest first; of a run none."""
    is_open: bool = False
    """Whether the runs of a setting stand below it."""
    is_inside: bool = False
    """Whether this run stands below its setting."""
    depth: int = 0
    """How many generations of forks above it stand in the rows above; 0 where its parent is not there, or it has none."""

    @property
    def key(self) -> str:
        """Tells the row from the others: a run's id, or that of a setting's oldest run with a mark."""
        return f"={self.members[0].run_id}" if self.members else self.run.run_id

    @property
    def is_pinned(self) -> bool:
        """Whether it stays at the top: a setting with each of its runs."""
        return any(run.label.is_pinned for run in self.members or (self.run,))

    def value(self, field: RunField) -> Cell:
        """What it is sorted by: of a setting the mean where that can be, else what its newest run has."""
        found = [field.value(run) for run in self.members]
        numbers = [float(value) for value in found if isinstance(value, (int, float))]
        return quick_mean(numbers) if numbers and len(self.members) > 1 else field.value(self.run)


def with_families(rows: Sequence[ListedRow]) -> list[ListedRow]:
    """Forks below their parents, the newest first; a family stands where the newest of it stood, pinned rows by themselves.

    `rows` are of runs, the newest first.
    """
    if not any(row.run.info.spec.parent for row in rows):
        return list(rows)
    known = {(row.run.run_id, row.is_pinned): row for row in rows}

    def parent_of(row: ListedRow) -> ListedRow | None:
        branch = row.run.info.spec.parent
        found = known.get((branch.run_id, row.is_pinned)) if branch else None
        return found if found is not None and found.number < row.number else None

    forks: dict[str, list[ListedRow]] = {}
    families: dict[str, ListedRow] = {}
    for row in rows:
        if (parent := parent_of(row)) is not None:
            forks.setdefault(parent.key, []).append(row)
        eldest = row
        while (parent := parent_of(eldest)) is not None:
            eldest = parent
        families.setdefault(eldest.key, eldest)
    return [one for eldest in families.values() for one in _family(eldest, forks, depth=0)]


def _family(row: ListedRow, forks: Mapping[str, Sequence[ListedRow]], *, depth: int) -> Iterator[ListedRow]:
    yield replace(row, depth=depth) if depth else row
    for fork in forks.get(row.key, ()):
        yield from _family(fork, forks, depth=depth + 1)

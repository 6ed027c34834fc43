"""Looking at the store: one look reads the catalogue and the logs that are followed. It blocks and runs in a thread."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tui_optim.spec.events import Record
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.eventlog import EventReader
from tui_optim.store.home import Home
from tui_optim.store.stamps import names_in

KEPT_READ = 16
"""Runs that were followed last and are no longer: taken up again, they go on where they were. Of others nothing is kept, else an
app that is open all day would hold every curve of that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look has found."""

    runs: list[StoredRun]
    """All runs, oldest first; or the newest alone."""
    num_older: int = 0
    """How many folders of older runs were not looked at."""
    damaged: dict[str, str] = field(default_factory=dict)
    """Name of a folder → why it cannot be read."""
    damaged_logs: dict[str, str] = field(default_factory=dict)
    """Run id → what is wrong with its log, or with its label."""
    records: dict[str, list[Record]] = field(default_factory=dict)
    """New records of the followed runs."""
    let_go: frozenset[str] = frozenset()
    """Run ids whose logs will be read from their beginnings if they are followed again."""
    time: float = 0.0
    """When it was taken (seconds since the epoch, UTC)."""


class StoreWatch:
    """Reads a home; not thread-safe: one look at a time."""

    def __init__(self, home: Home, *, clock: Callable[[], float] = time.time) -> None:
        """Nothing is read yet; `clock` gives seconds since the epoch."""
        self._home = home
        self._catalogue = Catalogue(home)
        self._clock = clock
        self._readers: dict[str, EventReader] = {}

    def look_at_newest(self, count: int) -> Look:
        """Read the statuses of the newest runs alone, as far as the names of their folders tell: these begin with a time."""
        names = sorted(names_in(str(self._home.runs)))
        runs = self._catalogue.runs(names=names[-count:])
        return Look(runs=runs, num_older=max(0, len(names) - count), time=self._clock())

    def look(self, followed: Collection[str], *, is_glance: bool = False) -> Look:
        """Read all statuses, and what is new in the logs of `followed`; a log's new part is bounded by its reader.

        A glance takes the runs at their end as they were.
        """
        runs = self._catalogue.runs(is_glance=is_glance)
        records: dict[str, list[Record]] = {}
        damaged_logs = dict(self._catalogue.damaged_labels)
        for run in runs:
            if run.run_id not in followed:
                continue
            reader = self._readers.pop(run.run_id, None) or EventReader(run.folder.events)
            self._readers[run.run_id] = reader  # behind all that were followed before
            if batch := reader.poll():
                records[run.run_id] = batch
            if reader.problem:
                damaged_logs[run.run_id] = reader.problem
        return Look(
            runs=runs,
            damaged=dict(self._catalogue.damaged),
            damaged_logs=damaged_logs,
            records=records,
            let_go=self._let_go(followed),
            time=self._clock(),
        )

    def _let_go(self, followed: Collection[str]) -> frozenset[str]:
        """Forget the readers of runs that have not been followed for longest."""
        resting = [run_id for run_id in self._readers if run_id not in followed]
        let_go = frozenset(resting[:-KEPT_READ])
        for run_id in let_go:
            del self._readers[run_id]
        return let_go

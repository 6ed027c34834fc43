"""Looking at the store: one look reads the catalogue and the logs that are followed. It blocks and runs in a thread."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from tui_optim.spec.events import Record
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.eventlog import EventReader
from tui_optim.store.home import Home
from tui_optim.store.stamps import names_in


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
            reader = self._readers.setdefault(run.run_id, EventReader(run.folder.events))
            if batch := reader.poll():
                records[run.run_id] = batch
            if reader.problem:
                damaged_logs[run.run_id] = reader.problem
        return Look(
            runs=runs,
            damaged=dict(self._catalogue.damaged),
            damaged_logs=damaged_logs,
            records=records,
            time=self._clock(),
        )

"""Looking at the store: one look reads the catalogue and the logs that are followed. It blocks and runs in a thread."""

from collections.abc import Collection
from dataclasses import dataclass, field

from tui_optim.spec.events import Record
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.eventlog import EventReader
from tui_optim.store.home import Home


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look has found."""

    runs: list[StoredRun]
    """All runs, oldest first."""
    damaged: dict[str, str] = field(default_factory=dict)
    """Run id → why it cannot be read."""
    records: dict[str, list[Record]] = field(default_factory=dict)
    """New records of the followed runs."""


class StoreWatch:
    """Reads a home; not thread-safe: one look at a time."""

    def __init__(self, home: Home) -> None:
        """Nothing is read yet."""
        self._catalogue = Catalogue(home)
        self._readers: dict[str, EventReader] = {}

    def look(self, followed: Collection[str]) -> Look:
        """Read all statuses, and what is new in the logs of `followed`; a log's new part is bounded by its reader."""
        runs = self._catalogue.runs()
        records: dict[str, list[Record]] = {}
        for run in runs:
            if run.run_id not in followed:
                continue
            reader = self._readers.setdefault(run.run_id, EventReader(run.folder.events))
            if batch := reader.poll():
                records[run.run_id] = batch
        return Look(runs=runs, damaged=dict(self._catalogue.damaged), records=records)

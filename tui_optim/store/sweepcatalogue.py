"""The catalogue of sweeps: all sweeps of a home with their trials; what has not changed is not read again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tui_optim.spec.errors import StoreError
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.home import Home
from tui_optim.store.stamps import Stamp, stamp_of
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder, sweep_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRecord:
    """A sweep with its trials. The same object comes back for as long as its files do not change."""

    sweep: StoredSweep
    trials: Sequence[Trial]
    stamps: tuple[Stamp, Stamp]
    """Of status file and trial log."""


class SweepCatalogue:
    """Reads sweep folders. One instance per app; it remembers what it has read. Not thread-safe: one reading at a time."""

    def __init__(self, home: Home) -> None:
        """`home` is only read."""
        self.home = home
        self.damaged: dict[str, str] = {}
        """Sweep id → why it cannot be read."""
        self._seen: dict[str, SweepRecord] = {}

    def read(self) -> list[SweepRecord]:
        """All readable sweeps, oldest first."""
        self.damaged = {}
        seen: dict[str, SweepRecord] = {}
        for sweep_id in sweep_ids(self.home):
            try:
                seen[sweep_id] = self._read(SweepFolder(self.home.sweeps / sweep_id))
            except StoreError as error:
                self.damaged[sweep_id] = str(error)
        self._seen = seen
        return sorted(seen.values(), key=lambda record: (record.sweep.created, record.sweep.sweep_id))

    def _read(self, folder: SweepFolder) -> SweepRecord:
        stamps = (stamp_of(str(folder.status)), stamp_of(str(folder.log.path)))
        known = self._seen.get(folder.sweep_id)
        if known is None:
            sweep = folder.read()
            return SweepRecord(sweep=sweep, trials=sweep.trials(), stamps=stamps)
        if known.stamps == stamps:
            return known
        is_same_log = known.stamps[1] == stamps[1]
        return SweepRecord(
            sweep=replace(known.sweep, status=folder.read_status()),  # what the sweep is never changes
            trials=known.trials if is_same_log else folder.log.read(),
            stamps=stamps,
        )

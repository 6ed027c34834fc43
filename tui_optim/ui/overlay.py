"""Which runs the charts show, and by which colour and marker each is told apart."""

from collections.abc import Sequence

from tui_optim.store.catalogue import StoredRun

MARKERS = ("●", "▲", "■", "◆", "▼", "★", "○", "△")
"""A marker for each slot; with the slot's colour it tells a run apart, alone it does so without colour."""
MAX_SHOWN = len(MARKERS)
NEWEST_SHOWN = 4
"""How many runs are shown while the user has marked none."""


class Overlay:
    """The runs on the charts: those that the user marked, else the running ones and the newest few."""

    def __init__(self) -> None:
        """Nothing is marked."""
        self.marked: set[str] = set()
        self.opened: str | None = None
        """A run that is shown whether marked or not, because the user opened it."""
        self.shown: list[str] = []
        """Run ids, oldest first."""
        self._slots: dict[str, int] = {}

    def toggle(self, run_id: str) -> None:
        """Mark or unmark; the first mark starts from nothing."""
        self.marked ^= {run_id}

    def choose(self, runs: Sequence[StoredRun]) -> None:
        """Decide anew."""
        self.marked &= {run.run_id for run in runs}
        if self.marked:
            wanted = [run.run_id for run in runs if run.run_id in self.marked]
        else:
            with_curves = [run for run in runs if run.status.state != "queued"]
            active = [run.run_id for run in with_curves if run.status.state in ("running", "paused")]
            newest = [run.run_id for run in reversed(with_curves) if run.run_id not in active]
            picked = {*active, *newest[: max(0, NEWEST_SHOWN - len(active))]}
            wanted = [run.run_id for run in runs if run.run_id in picked]
        wanted = wanted[-MAX_SHOWN:]
        if self.opened is not None and self.opened not in wanted:
            wanted = [*wanted[1 - MAX_SHOWN :], self.opened]
        self._show(wanted)

    def slot(self, run_id: str) -> int | None:
        """Number of the run's colour and marker; None where it is not shown."""
        return self._slots.get(run_id)

    def marker(self, run_id: str) -> str:
        """The run's marker, or a blank."""
        slot = self._slots.get(run_id)
        return " " if slot is None else MARKERS[slot]

    def _show(self, wanted: list[str]) -> None:
        self.shown = wanted
        self._slots = {run_id: slot for run_id, slot in self._slots.items() if run_id in wanted}
        free = [slot for slot in range(MAX_SHOWN) if slot not in self._slots.values()]
        for run_id in wanted:
            if run_id not in self._slots:
                self._slots[run_id] = free.pop(0)

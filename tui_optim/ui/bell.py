"""When to ring: a run that trained has come to its end."""

from collections.abc import Sequence

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board

_UNDER_WAY = ("running", "paused", "queued")


class EndBell:
    """Compares what trains now with what trained before."""

    def __init__(self) -> None:
        """Nothing has been seen."""
        self._running: frozenset[str] = frozenset()

    def ended(self, board: Board) -> Sequence[StoredRun]:
        """The runs that have come to their ends since the last time; one that was paused or deleted has not."""
        before, self._running = self._running, frozenset(run.run_id for run in board.in_state("running"))
        gone = (board.find(run_id) for run_id in before - self._running)
        return [run for run in gone if run is not None and run.status.state not in _UNDER_WAY]

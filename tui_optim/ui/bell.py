"""When to ring: a run that trained has come to its end."""

from collections.abc import Sequence

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board

_UNDER_WAY = ("running", "paused", "queued")
_BY_ITSELF = ("finished", "diverged", "failed")
"""What a run comes to that has trained, also where nobody has seen it do so."""


class EndBell:
    """Compares what trains now with what trained before."""

    def __init__(self) -> None:
        """Nothing has been seen."""
        self._running: frozenset[str] | None = None
        self._over: frozenset[str] = frozenset()

    def ended(self, board: Board) -> Sequence[StoredRun]:
        """The runs that have come to their ends since the last time; one that was paused or deleted has not.

        A short run may never have been seen to train: it was waiting, or not there, when it was looked last.
        """
        before, over_before = self._running, self._over
        over = [run for run in board.runs if run.status.state not in _UNDER_WAY]
        self._running = frozenset(run.run_id for run in board.in_state("running"))
        self._over = frozenset(run.run_id for run in over)
        if before is None:  # what is over at the start was over before
            return []
        new = [run for run in over if run.run_id not in over_before]
        return [run for run in new if run.run_id in before or run.status.state in _BY_ITSELF]

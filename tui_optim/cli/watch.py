"""What following runs and following a sweep have in common: how often to look, the supervisor, and signals."""

import signal
import sys
import time
from types import FrameType

from tui_optim.runs.client import Client

POLL_EVERY_S = 0.2
_SUPERVISOR_EVERY_S = 3.0


def end_on_sigterm() -> None:
    """Take SIGTERM for a ctrl+c from now on."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class Watch:
    """Sees that a supervisor is there for as long as somebody follows runs or a sweep."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._next_at = 0.0
        self._problem = ""

    def look(self) -> None:
        """Start a supervisor where it has died, and say when the disk is full; cheap, and done every few seconds only."""
        if time.monotonic() < self._next_at:
            return
        self._client.ensure_supervisor()
        problem = self._client.lack_of_space()
        if problem and not self._problem:
            print(f"tui-optim: {problem}", file=sys.stderr)
        self._problem = problem
        self._next_at = time.monotonic() + _SUPERVISOR_EVERY_S

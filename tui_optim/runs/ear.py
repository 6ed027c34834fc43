"""How whoever trains a run hears the commands in its control folder."""

import time
from collections import deque

from tui_optim.spec.commands import LIVE
from tui_optim.store.control import Request
from tui_optim.store.runfolder import RunFolder


class Ear:
    """Commands to a run, one at a time; those that end it come last, and of these the latest counts.

    'kill' is not heard here: the supervisor carries it out, whether or not the process still listens.
    """

    def __init__(self, folder: RunFolder, *, every_s: float) -> None:
        """Looks into the folder no more often than `every_s`."""
        self._folder, self._every_s = folder, every_s
        self._looked_at = 0.0
        self._waiting: deque[Request] = deque()

    def peek(self) -> Request | None:
        """The next command, which stays where it is."""
        if not self._waiting and (now := time.monotonic()) - self._looked_at >= self._every_s:
            self._looked_at = now
            self._look()
        return self._waiting[0] if self._waiting else None

    def take(self) -> Request | None:
        """The next command, which is gone from the folder then."""
        request = self.peek()
        if request is not None:
            self._waiting.popleft()
            request.path.unlink(missing_ok=True)
        return request

    def _look(self) -> None:
        requests = [request for request in self._folder.requests() if request.command != "kill"]
        ending = [request for request in requests if request.command not in LIVE]
        for request in ending[:-1]:
            request.path.unlink(missing_ok=True)
        self._waiting.extend([request for request in requests if request.command in LIVE] + ending[-1:])

"""How whoever trains a run hears the commands in its control folder."""

import time
from collections import deque
from collections.abc import Iterable

from tui_optim.spec.commands import LIVE
from tui_optim.spec.events import CommandSeen
from tui_optim.store.control import Request
from tui_optim.store.runfolder import RunFolder


class Ear:
    """Commands to a run, one at a time; those that end it come last, and of these the latest counts.

    A command stays in the folder until it stands in the log, or the end that it asks for stands in the status
    (`attempt.settle`): whoever dies in between is followed by one that finds it there. 'kill' is not heard here: the supervisor
    carries it out, whether or not the process still listens.
    """

    def __init__(self, folder: RunFolder, *, every_s: float, done: Iterable[CommandSeen] = ()) -> None:
        """Looks into the folder no more often than `every_s`; what earlier attempts have `done` is passed over."""
        self._folder, self._every_s = folder, every_s
        self._done = frozenset(one.request for one in done)
        self._looked_at = 0.0
        self._waiting: deque[Request] = deque()
        self._handed: Request | None = None

    def peek(self) -> Request | None:
        """The next command."""
        if not self._waiting and (now := time.monotonic()) - self._looked_at >= self._every_s:
            self._looked_at = now
            self._look()
        return self._waiting[0] if self._waiting else None

    def take(self) -> Request | None:
        """The next command; whoever asks for it has carried out the one before."""
        if self._handed is not None and self._handed.command in LIVE:
            self._handed.path.unlink(missing_ok=True)
        self._handed = self.peek()
        if self._handed is not None:
            self._waiting.popleft()
        return self._handed

    def _look(self) -> None:
        requests = [request for request in self._folder.requests() if request.command != "kill"]
        done = [request for request in requests if request.path.name in self._done]
        live = [request for request in requests if request.command in LIVE and request not in done]
        ending = [request for request in requests if request.command not in LIVE]
        for request in done + ending[:-1]:
            request.path.unlink(missing_ok=True)
        self._waiting.extend(live + ending[-1:])

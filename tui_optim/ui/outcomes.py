"""Work that may block, and its outcome: a sentence in the log and in a toast, or why it was not done."""

import math
import time
from collections.abc import Callable, Coroutine
from typing import Any

from textual.app import App
from textual.notifications import SeverityLevel

from tui_optim.spec.errors import UsageError


class Outcomes:
    """Does what the user asks for outside the app's own turn, and tells what came of it."""

    def __init__(self, app: App[None], *, note: Callable[[str], None], settled: Callable[[], None]) -> None:
        """`note` writes into the log; `settled` is called once something was done, or was not."""
        self._app = app
        self._note, self._settled = note, settled
        self._refusal = ("", -math.inf)
        """The latest refusal, and when it was told (monotonic seconds)."""

    def do(self, work: Coroutine[Any, Any, str | None]) -> None:
        """Carry out what gives a sentence, or None where there is nothing to say, or raises UsageError."""
        self._app.run_worker(self._settle(work), group="commands")

    def tell(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Say it in the log and in a toast."""
        self._note(text)
        self._app.notify(text, severity=severity)

    def warn(self, text: str) -> None:
        """The same as a warning."""
        self.tell(text, severity="warning")

    def refuse(self, text: str) -> None:
        """Tell why something was not done; once while the toast stands, however often a key repeats."""
        (before, told_at), now = self._refusal, time.monotonic()
        if text != before or now - told_at > self._app.NOTIFICATION_TIMEOUT:
            self._refusal = (text, now)
            self.warn(text)

    async def _settle(self, work: Coroutine[Any, Any, str | None]) -> None:
        try:
            outcome = await work
        except UsageError as error:
            self.refuse(str(error))
        else:
            if outcome:
                self.tell(outcome)
        self._settled()

"""When charts are drawn: one after the other, and no more often than their cost allows."""

from collections.abc import Callable, Sequence

from tui_optim.report.series import Quantity

MIN_INTERVAL_S = 0.25
LOST_AFTER_S = 2.0
"""Textual drops a timer that is late by its interval, on a busy machine: what has not been drawn by then is asked for anew."""
COST_FACTOR = 25.0
"""After a drawing that took t seconds of processor time, none for this many times t: 4 % of a core."""


class DrawingTurns:
    """Knows whose turn it is, and when the next round may begin by itself; draws nothing."""

    def __init__(self, *, clock: Callable[[], float]) -> None:
        """`clock` gives monotonic seconds."""
        self.clock = clock
        self.interval_s = MIN_INTERVAL_S
        """Least time between two rounds."""
        self._waiting: list[Quantity] = []
        self._cost_s, self._asked_at, self._next_at = 0.0, 0.0, 0.0

    @property
    def is_over(self) -> bool:
        """Whether all of a round have been drawn."""
        return not self._waiting

    @property
    def may_begin(self) -> bool:
        """Whether a round may begin that nobody has asked for."""
        now = self.clock()
        is_under_way = not self.is_over and now < self._asked_at + LOST_AFTER_S
        return not is_under_way and now >= self._next_at

    def begin(self, charts: Sequence[Quantity]) -> None:
        """A round of these."""
        self._waiting, self._cost_s, self._asked_at = list(charts), 0.0, self.clock()

    def take(self) -> Quantity | None:
        """Whose turn it is; None once the round is over."""
        return self._waiting.pop(0) if self._waiting else None

    def spend(self, cost_s: float) -> None:
        """Count the processor time of a drawing."""
        self._cost_s += cost_s

    def rest(self) -> None:
        """The round is over: no other one by itself until this one is paid for."""
        self._next_at = self.clock() + max(self.interval_s, COST_FACTOR * self._cost_s)

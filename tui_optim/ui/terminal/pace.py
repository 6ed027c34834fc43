"""When to draw the next frame, by how the link took the ones before. Pure: times are given, nothing is sent or waited for.

A frame goes out; the next one waits until that one has left this machine and, over SSH, until the terminal has answered a
question that went out behind it: only then is it known that nothing queues up on the way. News wait for four times as long as
the frame took on the line, so that three quarters of it stay free for the answers to keys. Those wait for a quarter of a second
at most of what is still on its way.
"""

from dataclasses import dataclass

QUESTION = "\x1b[6n"
"""Where is the cursor? Every terminal answers that, tmux and screen too, and the answer means nothing to us."""
LINE_SHARE = 4.0
"""News wait for this many times the time that their last frame took on the line."""
MAX_WAIT_S = 4.0
LOOK_S = 0.02
"""Between looks at output that has not left."""
LATE_S = 3.0
"""A terminal that answers and has not for so long: the link stands, or the answer is lost. Doubled each time."""
TOUCH_S = 0.3
"""After a key its effects are drawn at once for so long."""
BURST = 4096
"""Characters that may be on their way when something is drawn for a key."""
SLOW_S, FAST_S = 0.6, 0.35
"""The link counts as slow while news wait for longer than the first, until they wait for less than the second."""
FORGET_S = 5.0
"""Without any frame for so long, nothing is known of the link."""


@dataclass(slots=True)
class LinkPace:
    """Remembers the last frame and what the link made of it. Times are monotonic seconds, amounts are characters."""

    asks: bool = False
    """Whether the terminal may be asked."""
    is_slow: bool = False
    _frame_at: float = 0.0
    _next_at: float = 0.0
    _has_left: bool = True
    """Whether all of the last frame has been seen to leave."""
    _asked_at: float | None = None
    _asked_after: int = 0
    """How much had been given away with the question."""
    _frame_asked_at: float = 0.0
    """When the frame was given away that the question is about."""
    _arrived: int = 0
    """How much is known to have arrived."""
    _has_answered: bool = False
    _num_late: int = 0
    _shortest_s: float | None = None
    """The shortest time to an answer: what the way alone takes."""
    _touched_at: float = -1e9
    _wait_s: float = 0.0
    """For how long news have waited lately."""

    @property
    def is_asking(self) -> bool:
        """Whether an answer is on its way."""
        return self._asked_at is not None

    def begin(self, now: float) -> bool:
        """The terminal is there and nothing is on its way to it; returns whether to ask it, for what the way alone takes."""
        if self.asks:
            self._asked_at = self._frame_asked_at = now
            self._asked_after = len(QUESTION)
        return self.asks

    def frame(self, now: float, given: int) -> bool:
        """A frame was given away, `given` characters in all; returns whether to ask the terminal."""
        self._frame_at, self._next_at, self._has_left = now, now, False
        return self._ask(now, given)

    def answered(self, now: float, given: int) -> bool:
        """All that was given away before the question has arrived; returns whether to ask again, for what was since."""
        if self._asked_at is None:
            return False
        took_s, way_s, self._asked_at = now - self._frame_asked_at, now - self._asked_at, None
        self._has_answered, self._num_late, self._arrived = True, 0, self._asked_after
        shortest = way_s if self._shortest_s is None else min(way_s, self._shortest_s + 0.02 * way_s)
        self._shortest_s = shortest
        self._learn(took_s - shortest)
        return given > self._asked_after and self._ask(now, given)

    def touched(self, now: float) -> None:
        """The user did something and waits for its effect."""
        self._touched_at = now

    def wait_s(self, now: float, given: int, left: int, left_at: float | None = None) -> float:
        """For how long to draw nothing, given how much has left this machine, and when (now, if not known); 0 to draw now."""
        is_touched = now - self._touched_at < TOUCH_S
        if left < given:
            self._mark(now - self._frame_at)
            return LOOK_S
        if not self._has_left:
            self._has_left = True
            if not (self.asks and self._has_answered):
                gone_at = (
                    now if left_at is None else left_at
                )  # a busy machine looks late, and that is not the link's doing
                self._learn(max(0.0, gone_at - self._frame_at - 2 * LOOK_S))
        if self._asked_at is not None and self._has_answered:
            if is_touched and given - self._arrived <= BURST:
                return 0.0
            late_at: float = self._asked_at + LATE_S * 2**self._num_late
            self._mark(now - self._asked_at - (self._shortest_s or 0.0))
            if now < late_at:
                return min(late_at - now, TOUCH_S)
            self._asked_at, self._num_late = None, self._num_late + 1
        return 0.0 if is_touched else max(0.0, self._next_at - now)

    def forget(self, now: float) -> float:
        """Take the link for a fast one again once nothing has been sent for a while; returns for how long to wait for that."""
        left_s = self._frame_at + FORGET_S - now
        if left_s <= 0:
            self._wait_s, self.is_slow = 0.0, False
        return max(0.0, left_s)

    def _ask(self, now: float, given: int) -> bool:
        if not self.asks or self.is_asking:
            return False
        self._asked_at, self._asked_after, self._frame_asked_at = now, given + len(QUESTION), self._frame_at
        return True

    def _learn(self, on_line_s: float) -> None:
        """The last frame took so long on the line."""
        wait_s = min(MAX_WAIT_S, LINE_SHARE * on_line_s)
        self._next_at = self._frame_at + wait_s
        self._wait_s += 0.4 * (wait_s - self._wait_s)
        self.is_slow = self._wait_s > (FAST_S if self.is_slow else SLOW_S)

    def _mark(self, waited_s: float) -> None:
        self.is_slow = self.is_slow or waited_s > SLOW_S

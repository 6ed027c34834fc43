"""Where somebody stands who looks at runs in time: at the latest, at a step before, or in a replay that goes there."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace

STEP, LEAP = 0.01, 0.1
"""Shares of the way by which a key moves."""


REPLAY_S = (120.0, 60.0, 30.0, 15.0, 8.0, 4.0)
"""How long a replay takes from start to finish, slowest first."""
_USUAL_PACE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The same seen again: what lies beyond the cursor is hidden."""

    is_on: bool = False
    is_playing: bool = False
    pace: int = _USUAL_PACE
    """Which of `REPLAY_S`."""

    @property
    def duration_s(self) -> float:
        """From start to finish."""
        return REPLAY_S[self.pace]

    @property
    def words(self) -> str:
        """Its pace."""
        return f"replay in {self.duration_s:g} s"

    def at_pace(self, by: int) -> "Replay":
        """Faster or slower."""
        return replace(self, pace=min(len(REPLAY_S) - 1, max(0, self.pace + by)))


class Timeline:
    """A cursor from 0 to a finish that may still grow; at the finish it stays there."""

    def __init__(self) -> None:
        """At the finish, which is 0."""
        self.finish = 0.0
        self.replay = Replay()
        self._cursor: float | None = None

    @property
    def now(self) -> float:
        """Where the cursor stands."""
        return self.finish if self._cursor is None else min(self._cursor, self.finish)

    @property
    def is_at_finish(self) -> bool:
        """Whether what is shown is the latest."""
        return self._cursor is None

    @property
    def revision(self) -> Hashable:
        """Differs when anything that is shown would."""
        return self.now, self.replay

    def move(self, share: float) -> None:
        """Move by a share of the way, and by one at least: time is counted in steps or epochs."""
        by = share * self.finish
        self.go_to(self.now + math.copysign(max(1.0, abs(by)), by) if by else self.now)

    def go_to(self, place: float) -> None:
        """Put the cursor somewhere."""
        self._cursor = None if place >= self.finish else max(0.0, place)

    def play_or_pause(self) -> None:
        """Start a replay where the cursor stands, from 0 if that is the finish; hold it; let it go on."""
        if self.is_at_finish:
            self.go_to(0.0)
        self.replay = replace(self.replay, is_on=True, is_playing=not self.replay.is_playing)

    def advance(self, elapsed_s: float) -> None:
        """Let so much of a playing replay pass; at the finish it is over."""
        if self.replay.is_playing:
            self.go_to(self.now + elapsed_s / self.replay.duration_s * self.finish)
            if self.is_at_finish:
                self.leave_replay()

    def change_pace(self, by: int) -> None:
        """Faster or slower."""
        self.replay = self.replay.at_pace(by)

    def leave_replay(self) -> bool:
        """Go to the finish and stay; returns whether the cursor stood elsewhere."""
        was_elsewhere = not self.is_at_finish
        self._cursor = None
        self.replay = replace(self.replay, is_on=False, is_playing=False)
        return was_elsewhere

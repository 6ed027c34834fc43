"""Going through time by keys: a cursor that is moved, and a replay that moves it. In what they move, the heirs say."""

import time
from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar, Protocol

from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.timer import Timer

from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.once import once
from tui_optim.ui.pictures.timeline import LEAP, STEP

KEY_DELAY_S = 0.01
"""A key that repeats draws once for several presses."""
COST_FACTOR = 8.0
"""After a drawing that took t seconds of processor time, no tick draws for this many times t."""


class ReplayLike(Protocol):
    """A replay, as far as a screen speaks of it."""

    @property
    def is_on(self) -> bool:
        """Whether something is hidden."""
        ...

    @property
    def is_playing(self) -> bool:
        """Whether it goes on by itself."""
        ...

    @property
    def words(self) -> str:
        """Where it stands, or how fast it is."""
        ...


class Course(Protocol):
    """What has a start, a finish that may still grow, and a cursor between them; `Timeline` and `Race` are courses."""

    @property
    def replay(self) -> ReplayLike:
        """How it is seen again."""
        ...

    @property
    def finish(self) -> float:
        """Where it ends now."""
        ...

    def move(self, share: float) -> None:
        """Move the cursor by a share of the way."""
        ...

    def go_to(self, x: float, /) -> None:
        """Put the cursor somewhere; at the finish it stays there."""
        ...

    def play_or_pause(self) -> None:
        """Start the replay, hold it, let it go on."""
        ...

    def advance(self, elapsed_s: float) -> None:
        """Let so much of a playing replay pass."""
        ...

    def change_pace(self, by: int) -> None:
        """Faster or slower."""
        ...

    def leave_replay(self) -> bool:
        """Hide nothing any more; returns whether something was hidden."""
        ...


class InTimeScreen(Screen[None]):
    """Lets time pass, and draws what has changed as often as that can be paid for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "move(-1)", "Earlier", id="time.back", show=False, tooltip="the cursor back; with shift by leaps"),
        Binding("l,right", "move(1)", "Later", id="time.forth", show=False, tooltip="the cursor forth"),
        Binding("H,shift+left", "leap(-1)", "Much earlier", id="time.leap-back", show=False),
        Binding("L,shift+right", "leap(1)", "Much later", id="time.leap-forth", show=False),
        Binding("0,home,g", "go_to_start", "Start", id="time.start", show=False, tooltip="to the start"),
        Binding(
            "end,G,dollar_sign",
            "go_to_finish",
            "Finish",
            id="time.finish",
            show=False,
            tooltip="to the finish, and stay there",
        ),
        Binding("comma,less_than_sign", "pace(-1)", "Slower", id="time.slower", show=False, tooltip="replay slower"),
        Binding("full_stop,greater_than_sign", "pace(1)", "Faster", id="time.faster", show=False, tooltip="replay faster"),
    ]  # fmt: skip
    TICK_S: ClassVar[float] = 0.1

    def __init__(self, course: Course) -> None:
        """Stand where the course does."""
        super().__init__()
        self.course = course
        self.clock: Callable[[], float] = time.monotonic
        """Gives monotonic seconds."""
        self._ticked_at = self.clock()
        self._next_at = 0.0
        self._soon: Timer | None = None

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what there is."""
        return self._soon is None and self.is_drawn

    @property
    @abstractmethod
    def is_there(self) -> bool:
        """Whether there is anything to draw on: not before the screen is made, nor while it is taken down."""

    @property
    @abstractmethod
    def is_drawn(self) -> bool:
        """Whether the picture is that of what there is."""

    @abstractmethod
    def look(self) -> None:
        """See what has happened."""

    @abstractmethod
    def show_all(self) -> float:
        """Bring everything up to date; returns the processor seconds that it took."""

    def on_mount(self) -> None:
        """Follow."""
        self.show_soon()
        self.set_interval(self.TICK_S, self._tick)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self.show_soon()

    def action_move(self, direction: int) -> None:
        """Move the cursor a little."""
        self.course.move(direction * STEP)
        self.show_soon()

    def action_leap(self, direction: int) -> None:
        """Move the cursor far."""
        self.course.move(direction * LEAP)
        self.show_soon()

    def action_go_to_start(self) -> None:
        """Put the cursor at the start."""
        self.course.go_to(0.0)
        self.show_soon()

    def action_go_to_finish(self) -> None:
        """Put the cursor at the finish; a replay is over there."""
        self.course.leave_replay()
        self.course.go_to(self.course.finish)
        self.show_soon()

    def action_play_or_pause(self) -> None:
        """Start, hold or go on with the replay."""
        self._ticked_at = self.clock()
        self.course.play_or_pause()
        self.show_soon()

    def action_pace(self, by: int) -> None:
        """Replay faster or slower."""
        self.course.change_pace(by)
        self.show_soon()

    @property
    def pace_text(self) -> str:
        """How a replay goes; '' without one."""
        replay = self.course.replay
        if not replay.is_on:
            return ""
        sign = "▶" if replay.is_playing else "‖"
        keys = with_keys(self.app, "⟪time.slower:,⟫ ⟪time.faster:.⟫ pace")
        return f"{sign} {replay.words}   {keys}"

    def show_soon(self) -> None:
        """Draw after the next keys."""
        if self._soon is None:
            self._soon = once(self, KEY_DELAY_S, self._show)

    def _tick(self) -> None:
        """Let time pass in a replay; see what has happened; draw what has changed, unless the last drawing cost too much."""
        if self not in self.app.screen_stack or not self.is_there:  # left: a tick may have been under way
            return
        now = self.clock()
        self.course.advance(now - self._ticked_at)
        self._ticked_at = now
        self.look()
        if now >= self._next_at and self._soon is None and not self.is_settled:
            self._show()

    def _show(self) -> None:
        self._soon = None
        if self.is_there:
            self._next_at = self.clock() + COST_FACTOR * self.show_all()

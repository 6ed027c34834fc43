"""A screen that shows runs in time: it follows them, and a cursor or a replay goes back to any earlier point."""

import time
from abc import abstractmethod
from collections.abc import Callable, Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.timer import Timer

from tui_optim.ui.screens.picture import PictureScreen
from tui_optim.ui.timeline import LEAP, STEP, Timeline
from tui_optim.ui.widgets.picture import PictureView

TICK_S = 0.1
KEY_DELAY_S = 0.01
"""A key that repeats draws once for several presses."""
COST_FACTOR = 8.0
"""After a drawing that took t seconds of processor time, no tick draws for this many times t."""


class TimedScreen(PictureScreen):
    """Lets time pass, and draws what has changed; what that is, its heirs say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play_or_pause", "Replay", id="time.replay", tooltip="replay from the start, or from the cursor; pause"),
        Binding("escape,q,o", "leave", "Back", id="time.leave", key_display="esc", tooltip="leave the replay, then the picture"),
        Binding("h,left", "move(-1)", "Earlier", id="time.back", show=False, tooltip="back in time; with shift by leaps"),
        Binding("l,right", "move(1)", "Later", id="time.forth", show=False, tooltip="forth in time"),
        Binding("H,shift+left", "leap(-1)", "Much earlier", id="time.leap-back", show=False),
        Binding("L,shift+right", "leap(1)", "Much later", id="time.leap-forth", show=False),
        Binding("0,home", "go_to_start", "Start", id="time.start", show=False, tooltip="to the start"),
        Binding(
            "end,G,dollar_sign",
            "go_to_finish",
            "Latest",
            id="time.latest",
            show=False,
            tooltip="to the latest, and stay there",
        ),
        Binding("comma,less_than_sign", "pace(-1)", "Slower", id="time.slower", show=False, tooltip="replay slower"),
        Binding("full_stop,greater_than_sign", "pace(1)", "Faster", id="time.faster", show=False, tooltip="replay faster"),
    ]  # fmt: skip

    def __init__(self, timeline: Timeline, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` gives monotonic seconds."""
        super().__init__()
        self.timeline = timeline
        self._clock = clock
        self._ticked_at = clock()
        self._next_at = 0.0
        self._soon: Timer | None = None
        self._drawn: Hashable = None

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what there is."""
        return self._soon is None and self._drawn == self.revision

    @property
    @abstractmethod
    def revision(self) -> Hashable:
        """Differs when the picture would."""

    @abstractmethod
    def look(self) -> None:
        """See what has happened."""

    @abstractmethod
    def draw(self) -> None:
        """Bring everything up to date."""

    @abstractmethod
    def close(self) -> None:
        """The screen is left."""

    def on_mount(self) -> None:
        """Follow."""
        self.show_soon()
        self.set_interval(TICK_S, self._tick)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self.show_soon()

    def action_move(self, direction: int) -> None:
        """Go a little through time."""
        self.timeline.move(direction * STEP)
        self.show_soon()

    def action_leap(self, direction: int) -> None:
        """Go far through time."""
        self.timeline.move(direction * LEAP)
        self.show_soon()

    def action_go_to_start(self) -> None:
        """Go to the start."""
        self.timeline.go_to(0.0)
        self.show_soon()

    def action_go_to_finish(self) -> None:
        """Go to the latest and stay there."""
        self.timeline.leave_replay()
        self.show_soon()

    def action_play_or_pause(self) -> None:
        """Start, hold or go on with the replay."""
        self._ticked_at = self._clock()
        self.timeline.play_or_pause()
        self.show_soon()

    def action_pace(self, by: int) -> None:
        """Replay faster or slower."""
        self.timeline.change_pace(by)
        self.show_soon()

    def action_leave(self) -> None:
        """One layer out."""
        if self.timeline.leave_replay():
            self.show_soon()
        else:
            self.close()
            self.dismiss()

    def show_soon(self) -> None:
        """Draw after the next keys."""
        if self._soon is None:
            self._soon = self.set_timer(KEY_DELAY_S, self._show)

    @property
    def pace_text(self) -> str:
        """How a replay goes; '' without one."""
        replay = self.timeline.replay
        if not replay.is_on:
            return ""
        return f"{'▶' if replay.is_playing else '‖'} replay in {replay.duration_s:g} s   , . pace"

    def _tick(self) -> None:
        if self not in self.app.screen_stack or not self.query(PictureView):  # left: a tick may have been under way
            return
        now = self._clock()
        self.timeline.advance(now - self._ticked_at)
        self._ticked_at = now
        self.look()
        if now >= self._next_at and self._soon is None and not self.is_settled:
            self._show()

    def _show(self) -> None:
        self._soon = None
        if not self.query(PictureView):
            return
        started = time.thread_time()
        revision = self.revision
        self.draw()
        self._drawn = revision
        self._next_at = self._clock() + COST_FACTOR * (time.thread_time() - started)

"""A picture of runs in time: it follows them, and a cursor or a replay goes back to any earlier point."""

import time
from abc import abstractmethod
from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_optim.ui.pictures.timeline import Timeline
from tui_optim.ui.screens.in_time import InTimeScreen
from tui_optim.ui.screens.picture import PictureScreen
from tui_optim.ui.widgets.picture import PictureView


class TimedScreen(PictureScreen, InTimeScreen):
    """Draws when the picture would be another one; what it is, its heirs say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play_or_pause", "Replay", id="time.replay", tooltip="replay from the start, or from the cursor; pause"),
        Binding("escape,q,o", "leave", "Back", id="time.leave", key_display="esc", tooltip="leave the replay, then the picture"),
    ]  # fmt: skip

    def __init__(self, timeline: Timeline) -> None:
        """Show what stands at the places of a timeline."""
        super().__init__(timeline)
        self.timeline = timeline
        self._drawn: Hashable = None

    @property
    def is_there(self) -> bool:
        """Whether the picture is."""
        return bool(self.query(PictureView))

    @property
    def is_drawn(self) -> bool:
        """Whether it shows what there is."""
        return self._drawn == self.revision

    @property
    @abstractmethod
    def revision(self) -> Hashable:
        """Differs when the picture would."""

    @abstractmethod
    def draw(self) -> None:
        """Bring everything up to date."""

    def action_leave(self) -> None:
        """One layer out."""
        if self.timeline.leave_replay():
            self.show_soon()
        else:
            self.dismiss()

    def show_all(self) -> float:
        """Draw; returns what that took."""
        started, revision = time.thread_time(), self.revision
        self.draw()
        self._drawn = revision
        return time.thread_time() - started

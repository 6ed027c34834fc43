"""What the map and the table of a sweep have in common: a cursor that keys move, on lines that are painted when they differ."""

from abc import abstractmethod
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from tui_optim.ui.widgets.strips import StripView

FAR = 1_000_000


def scrolled(first: int, cursor: int, *, shown: int, total: int) -> int:
    """The first line in sight, moved no further than the cursor asks for."""
    first = min(max(first, cursor - shown + 1), cursor)
    return min(first, max(0, total - shown))


class CursorView(StripView, can_focus=True):
    """Moves the cursor; where it may stand, the heirs say."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "screen.open_runs",
            "Charts",
            id="point.open",
            key_display="enter",
            tooltip="the runs of this point on the charts",
        ),
        Binding("down,j", "move(1, 0)", "Down", id="point.down", show=False),
        Binding("up,k", "move(-1, 0)", "Up", id="point.up", show=False),
        Binding("right,l", "move(0, 1)", "Right", id="point.right", show=False),
        Binding("left,h", "move(0, -1)", "Left", id="point.left", show=False),
        Binding("pagedown", "page(1)", "Page down", id="point.page-down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="point.page-up", show=False),
        Binding("home", "far(-1)", "First", id="point.first", show=False),
        Binding("end,G", "far(1)", "Last", id="point.last", show=False),
    ]

    class Moved(Message):
        """The cursor stands on another point."""

    @abstractmethod
    def move(self, down: int, right: int) -> None:
        """Move the cursor, as far as there are points."""

    @abstractmethod
    def draw(self) -> None:
        """Paint all anew, with the cursor in sight."""

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self.draw()

    def notify_style_update(self) -> None:
        """Focus has come or gone, or the theme is another one."""
        super().notify_style_update()
        self.call_later(self.draw)  # the styles of the parts come after those of the whole

    def action_move(self, down: int, right: int) -> None:
        """By one."""
        self.move(down, right)

    def action_page(self, by: int) -> None:
        """By what is in sight."""
        self.move(by * max(1, self.content_size.height - 2), 0)

    @abstractmethod
    def action_far(self, towards: int) -> None:
        """To the first or the last."""

"""Widgets that are lines of strips: made when something has changed, shown from a cache otherwise."""

from collections.abc import Hashable

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui_optim.ui.look.frame import frame_text


class StripView(Widget):
    """Paints the lines that differ, and no others: most stay as they are, and a slow link has less to carry."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Blank until strips are put here."""
        super().__init__(id=id, classes=classes)
        self.strips: list[Strip] = []
        """What is shown, from the top."""

    def put(self, strips: list[Strip]) -> None:
        """Show these lines."""
        before, self.strips = self.strips, strips
        if len(before) != len(strips):
            self.refresh()
            return
        width = self.content_size.width
        changed = [y for y, (old, new) in enumerate(zip(before, strips, strict=True)) if old != new]
        self.refresh(*(Region(0, y, width, 1) for y in changed)) if changed else None

    def render_line(self, y: int) -> Strip:
        """A line from the cache, cut to the present width until it is made anew."""
        width = self.content_size.width
        if y >= len(self.strips):
            return Strip.blank(width, self.rich_style)
        strip = self.strips[y]
        return strip if strip.cell_length == width else strip.adjust_cell_length(width, self.rich_style)


class Drawing(StripView):
    """Is drawn by someone else, who is told when the size is another one."""

    class Resized(Message):
        """The drawing has another size and wants to be made for it."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Blank until it is drawn."""
        super().__init__(id=id, classes=classes)
        self.drawn: Hashable = None
        """Which picture the strips are."""
        self._names: tuple[str, str | None] = ("", None)

    def name_it(self, title: str, subtitle: str | None = None) -> None:
        """Set title and, where it is given, subtitle; setting the same ones again would repaint the whole drawing."""
        if (title, subtitle) == self._names:
            return
        self._names = (title, subtitle)
        self.border_title = frame_text(title)
        if subtitle is not None:
            self.border_subtitle = frame_text(subtitle)

    def on_resize(self) -> None:
        """Ask to be drawn."""
        self.post_message(self.Resized())

"""The points of a sweep as a table with a cursor: fixed titles, only rows that differ are painted again."""

from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip

from tui_optim.report.cells import Table, text_grid
from tui_optim.ui.widgets.cursor_view import FAR, CursorView, scrolled

GAP = 2
SIDE_STEP = 8
"""Columns of text by which left and right scroll."""


class PointTable(CursorView):
    """Rows that change their places while a sweep runs; the cursor stays on its point."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"points--header", "points--cursor"}
    DEFAULT_CSS = """
    PointTable {
        height: 1fr;
        & > .points--header { color: $quiet; }
        & > .points--cursor { color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background; }
        &:focus > .points--cursor { color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until a table is shown."""
        super().__init__(id=id, classes=classes)
        self.table: Table | None = None
        self._keys: Sequence[Hashable] = ()
        self._lines: list[str] = []
        """The titles and then the rows, of equal width."""
        self._best: set[int] = set()
        self._cursor = 0
        self._top, self._left = 0, 0

    @property
    def row(self) -> int | None:
        """Number of the row under the cursor."""
        return self._cursor if self._cursor < len(self._keys) else None

    def show(self, table: Table, keys: Sequence[Hashable]) -> None:
        """Show a table whose rows are known by `keys`."""
        before = self._keys[self._cursor] if self._cursor < len(self._keys) else None
        was_at_top = self._cursor == 0
        self.table, self._keys = table, keys
        grid = text_grid(table)
        widths = [max(map(len, texts)) for texts in zip(*grid, strict=True)]
        self._lines = [
            (" " * GAP).join(
                f"{text:<{width}}" if column.kind == "text" else f"{text:>{width}}"
                for column, text, width in zip(table.columns, texts, widths, strict=True)
            )
            for texts in grid
        ]
        self._best = {row for row, _ in table.best}
        self._cursor = list(keys).index(before) if before in keys and not was_at_top else 0
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y > 0:
            self._move_to(self._top + offset.y - 1)

    def move(self, down: int, right: int) -> None:
        """Move the cursor by rows; to the sides, show other columns."""
        if right:
            longest = len(self._lines[0]) if self._lines else 0
            self._left = min(max(0, self._left + SIDE_STEP * right), max(0, longest + 2 - self.content_size.width))
            self.draw()
        else:
            self._move_to(self._cursor + down)

    def action_far(self, towards: int) -> None:
        """To the first or the last row."""
        self.move(towards * FAR, 0)

    def _move_to(self, row: int) -> None:
        target = min(max(0, row), max(0, len(self._keys) - 1))
        if target != self._cursor:
            self._cursor = target
            self.draw()
            self.post_message(self.Moved())

    def draw(self) -> None:
        """Paint the titles and the rows that are in sight, with the cursor among them."""
        if self.table is None:
            return
        width, height = self.content_size
        shown = max(1, height - 1)
        self._top = scrolled(self._top, self._cursor, shown=shown, total=len(self._keys))
        rows = range(self._top, min(len(self._keys), self._top + shown))
        header = self.rich_style + self.get_component_rich_style("points--header", partial=True)
        titles = [self._strip(f"  {self._lines[0]}", header, width)] if height else []
        self.put([*titles, *(self._row(row, width) for row in rows)][:height])

    def _row(self, row: int, width: int) -> Strip:
        style = self.rich_style + Style(bold=row in self._best)
        if row == self._cursor:
            style = self.get_component_rich_style("points--cursor")
        mark = "★ " if row in self._best else "  "
        return self._strip(f"{mark}{self._lines[row + 1]}", style, width)

    def _strip(self, text: str, style: Style, width: int) -> Strip:
        return Strip([Segment(f"{text[self._left :]:<{width}}"[:width], style)], width)

"""The heat map of a sweep with a cursor: only lines that differ are painted again."""

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.strip import Strip

from tui_optim.report.heatmap import CellState, HeatCell, HeatMap
from tui_optim.ui.sweeping.heat_cells import NUM_LEVELS, cell_text, level
from tui_optim.ui.widgets.cursor_view import FAR, CursorView, scrolled

MAX_LABEL = 24
"""Cells that the names of the rows may take."""
HEADER = 2
"""Lines above the rows: what the columns are, and their values."""
_CLASSES: dict[CellState, str] = {
    "running": "heat--running",
    "paused": "heat--paused",
    "diverged": "heat--warning",
    "pruned": "heat--quiet",
    "stopped": "heat--quiet",
    "failed": "heat--error",
    "queued": "heat--quiet",
    "awaited": "heat--faint",
    "none": "heat--faint",
    "finished": "heat--quiet",
}


class HeatMapView(CursorView):
    """Rows and columns of cells; more of them than there is room for scroll with the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "heat--title",
        "heat--label",
        "heat--cursor",
        "heat--running",
        "heat--paused",
        "heat--warning",
        "heat--error",
        "heat--quiet",
        "heat--faint",
        *(f"heat--level-{number}" for number in range(NUM_LEVELS)),
    }
    DEFAULT_CSS = (
        """
    HeatMapView {
        height: auto;
        & > .heat--title { color: $quiet; }
        & > .heat--label { color: $foreground; }
        & > .heat--cursor { color: $block-cursor-blurred-foreground; background: $block-cursor-blurred-background; }
        &:focus > .heat--cursor { color: $block-cursor-foreground; background: $block-cursor-background; text-style: bold; }
        & > .heat--running { color: $primary; text-style: bold; }
        & > .heat--paused { color: $accent; }
        & > .heat--warning { color: $warning; }
        & > .heat--error { color: $error; }
        & > .heat--quiet { color: $quiet; }
        & > .heat--faint { color: $faint; }
    """
        + "".join(
            f"& > .heat--level-{number} {{ color: $heat-text-{number}; background: $heat-{number}; }}\n"
            for number in range(NUM_LEVELS)
        )
        + "}"
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until a map is shown."""
        super().__init__(id=id, classes=classes)
        self.drawn: HeatMap | None = None
        """What is shown."""
        self._cursor = (0, 0)
        self._first = (0, 0)
        """Row and column at the upper left corner."""
        self._cell_width = 9

    @property
    def cell(self) -> HeatCell | None:
        """The cell under the cursor."""
        if self.drawn is None or not self.drawn.cells or not self.drawn.cells[0]:
            return None
        row, column = self._cursor
        return self.drawn.cells[row][column]

    def show(self, drawn: HeatMap) -> None:
        """Show a map; the cursor stays where it was, by the names of row and column."""
        before, self.drawn = self.drawn, drawn
        texts = (cell_text(cell, drawn.metric) for line in drawn.cells for cell in line)
        self._cell_width = 2 + max(7, *map(len, drawn.columns.labels), *map(len, texts))
        self._cursor = _place_in(drawn, before, self._cursor)
        if before is None or _shape(before) != _shape(drawn):
            self.refresh(layout=True)
        self.draw()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The two lines of titles and a line for each row."""
        del container, viewport, width
        return HEADER + (len(self.drawn.cells) if self.drawn else 0)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the cell."""
        offset = event.get_content_offset(self)
        if offset is None or self.drawn is None or offset.y < HEADER or offset.x < self._label_width:
            return
        row = offset.y - HEADER + self._first[0]
        column = (offset.x - self._label_width) // self._cell_width + self._first[1]
        if row < len(self.drawn.cells) and column < len(self.drawn.cells[0]):
            self._move_to(row, column)

    def move(self, down: int, right: int) -> None:
        """Move the cursor by cells."""
        self._move_to(self._cursor[0] + down, self._cursor[1] + right)

    def action_far(self, towards: int) -> None:
        """To the first or the last column."""
        self.move(0, towards * FAR)

    def _move_to(self, row: int, column: int) -> None:
        if self.drawn is None or not self.drawn.cells or not self.drawn.cells[0]:
            return
        target = _bounded(row, len(self.drawn.cells)), _bounded(column, len(self.drawn.cells[0]))
        if target != self._cursor:
            self._cursor = target
            self.draw()
            self.post_message(self.Moved())

    @property
    def _label_width(self) -> int:
        assert self.drawn is not None
        longest = max(map(len, (*self.drawn.rows.labels, self.drawn.rows.title)))
        width = self.content_size.width
        beside = width - len(self.drawn.columns.labels) * self._cell_width - 1  # what the cells leave
        return min(longest, MAX_LABEL, max(4, width // 3, beside)) + 1

    def draw(self) -> None:
        """Paint the cells that are in sight, with the cursor among them."""
        width, height = self.content_size
        self.put(self._lines(width, height) if self.drawn and self.drawn.cells and width and height else [])

    def _lines(self, width: int, height: int) -> list[Strip]:
        assert self.drawn is not None
        label_width, cell_width = self._label_width, self._cell_width
        num_columns = max(1, (width - label_width) // cell_width)
        num_rows = max(1, height - HEADER)
        self._first = (
            scrolled(self._first[0], self._cursor[0], shown=num_rows, total=len(self.drawn.cells)),
            scrolled(self._first[1], self._cursor[1], shown=num_columns, total=len(self.drawn.cells[0])),
        )
        rows = range(self._first[0], min(len(self.drawn.cells), self._first[0] + num_rows))
        columns = range(self._first[1], min(len(self.drawn.cells[0]), self._first[1] + num_columns))
        lines = [self._titles(columns, label_width), self._header(columns, label_width, cell_width)]
        lines += [self._row(row, columns, label_width, cell_width) for row in rows]
        return [Strip(line).adjust_cell_length(width, self.rich_style) for line in lines[:height]]

    def _titles(self, columns: range, label_width: int) -> list[Segment]:
        """The columns' name, and arrows where there are more."""
        assert self.drawn is not None
        left = "‹ " if columns.start else "  "
        beyond = len(self.drawn.cells[0]) - columns.stop
        right = f" › {beyond} more" if beyond else ""
        return [self._segment(f"{'':<{label_width}}{left}{self.drawn.columns.title}{right}", "heat--title")]

    def _header(self, columns: range, label_width: int, cell_width: int) -> list[Segment]:
        assert self.drawn is not None
        segments = [self._segment(f"{self.drawn.rows.title[: label_width - 1]:<{label_width}}", "heat--title")]
        for column in columns:
            text = f"{self.drawn.columns.labels[column]:>{cell_width - 2}}  "
            segments.append(self._segment(text, "heat--cursor" if column == self._cursor[1] else "heat--label"))
        return segments

    def _row(self, row: int, columns: range, label_width: int, cell_width: int) -> list[Segment]:
        assert self.drawn is not None
        label = fitted(self.drawn.rows.labels[row], label_width - 1)
        has_cursor = row == self._cursor[0]
        segments = [self._segment(f"{label:<{label_width}}", "heat--cursor" if has_cursor else "heat--label")]
        for column in columns:
            cell = self.drawn.cells[row][column]
            left, right = ("[", "]") if has_cursor and column == self._cursor[1] else (" ", " ")
            text = cell_text(cell, self.drawn.metric)
            # a mark behind the figure has a place of its own, so that the figures stand below one another
            padded = (
                f"{text:>{cell_width - 2}}" if text[-1:] in "★…" and len(text) > 1 else f"{text:>{cell_width - 3}} "
            )
            shown = f"{left}{padded}{right}"
            number = level(cell)
            style = self._style(_CLASSES[cell.state] if number is None else f"heat--level-{number}")
            segments.append(Segment(shown, style + Style(bold=True) if left == "[" else style))
        return segments

    def _segment(self, text: str, name: str) -> Segment:
        return Segment(text, self._style(name))

    def _style(self, name: str) -> Style:
        return self.rich_style + self.get_component_rich_style(name, partial=True)


def _shape(drawn: HeatMap) -> tuple[object, ...]:
    return drawn.rows, drawn.columns


def _place_in(drawn: HeatMap, before: HeatMap | None, cursor: tuple[int, int]) -> tuple[int, int]:
    """Where the cursor stands in a new map: on the same names, else at the best cell, else at the first."""
    if before is not None and (before.rows.key, before.columns.key) == (drawn.rows.key, drawn.columns.key):
        row, column = before.rows.labels[cursor[0]], before.columns.labels[cursor[1]]
        if row in drawn.rows.labels and column in drawn.columns.labels:
            return drawn.rows.labels.index(row), drawn.columns.labels.index(column)
    ranked = [
        (cell.rank, row, column)
        for row, line in enumerate(drawn.cells)
        for column, cell in enumerate(line)
        if cell.rank is not None
    ]
    return min(ranked)[1:] if ranked else (0, 0)


def _bounded(index: int, total: int) -> int:
    return min(max(0, index), total - 1)


def fitted(text: str, width: int) -> str:
    """Cut inside: names of rows often differ in their ends."""
    if len(text) <= width:
        return text
    num_last = max(0, (width - 1) // 2)
    return f"{text[: max(0, width - 1 - num_last)]}…{text[len(text) - num_last :]}"

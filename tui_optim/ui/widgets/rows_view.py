"""Rows with a cursor: only rows in sight are made, and only those that differ are painted again."""

from abc import abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.theme import ink, is_legible
from tui_optim.ui.run_table.layout import RowLayout
from tui_optim.ui.run_table.listed_row import ListedRow
from tui_optim.ui.run_table.rows import Cell, RowColumn

KEPT_PAINTED = 200
"""Rows whose cells are kept, more than a terminal has lines for; an app that is open all day would hold those of every run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Painted:
    """The cells of a row and what they were made from."""

    row: ListedRow
    mark: Hashable
    cells: dict[str, Cell]


class RowsView(ScrollView, can_focus=True):
    """A table; what its cells are and what follows from the cursor its heir says."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "Up", id="rows.up", show=False),
        Binding("down,j", "step(1)", "Down", id="rows.down", show=False),
        Binding("pageup", "page(-1)", "Page up", id="rows.page-up", show=False),
        Binding("pagedown", "page(1)", "Page down", id="rows.page-down", show=False),
        Binding("home", "step(-1000000)", "First", id="rows.first", show=False),
        Binding("end,G", "step(1000000)", "Last", id="rows.last", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--header", "runs--cursor"}
    DEFAULT_CSS = """
    RowsView {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size: 0 1;
        & > .runs--header { color: $quiet; }
        & > .runs--cursor {
            color: $block-cursor-blurred-foreground;
            background: $block-cursor-blurred-background;
        }
        &:focus > .runs--cursor {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
            text-style: $block-cursor-text-style;
        }
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until rows are shown."""
        super().__init__(id=id, classes=classes)
        self.empty_text = ""
        """Shown while there is no row."""
        self._shape = RowLayout()
        self._listed: Sequence[ListedRow] = []
        self._order: list[str] = []
        """Keys of the rows."""
        self._painted: dict[str, _Painted] = {}
        self._cursor = 0

    @abstractmethod
    def make_cells(self, row: ListedRow) -> dict[str, Cell]:
        """The cells of a row by column."""

    @abstractmethod
    def mark_of(self, row: ListedRow) -> Hashable:
        """What else the cells depend on: others are made where it differs."""

    @abstractmethod
    def tell(self) -> None:
        """The cursor stands on another row."""

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self._order)

    @property
    def rows(self) -> Sequence[ListedRow]:
        """Those that are shown, from the first on."""
        return self._listed

    @property
    def columns(self) -> Sequence[RowColumn]:
        """Those that are shown."""
        return self._shape.columns

    @property
    def highlighted(self) -> ListedRow | None:
        """The row under the cursor."""
        return self._listed[self._cursor] if self._cursor < len(self._listed) else None

    def cell_text(self, key: str, column: str) -> str:
        """What stands in a cell."""
        return self._row(self._order.index(key)).cells[column].text

    def show(self, rows: Sequence[ListedRow], *, follows_first: bool = True) -> None:
        """Bring the rows up to date. The cursor stays on its row; `follows_first` keeps it on the first where it is there."""
        is_reordered = is_reshaped = False
        if rows is not self._listed or not self._shape.columns:
            is_reordered, is_reshaped = self._take(rows, follows_first=follows_first)
        if is_reordered or is_reshaped:
            self.refresh()
        else:
            self._refresh_rows([index for index in self._in_sight() if self._is_outdated(index)])

    def on_resize(self) -> None:
        """Give the texts the room that there is now."""
        if self._shape.columns and self._measure():
            self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on the row."""
        offset = event.get_content_offset(self)
        if offset is not None and offset.y > 0:
            self._move_to(offset.y - 1 + round(self.scroll_y))

    def action_step(self, by: int) -> None:
        """Move the cursor by rows."""
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._move_to(self._cursor + by * max(1, self.content_size.height - 2))

    def render_line(self, y: int) -> Strip:
        """The titles, or a row."""
        width, left = self.scrollable_content_region.width, self.scroll_offset.x
        base = self.rich_style
        if y == 0:
            style = base + self.get_component_rich_style("runs--header", partial=True)
            cells = self._shape.titles
        else:
            index = y - 1 + self.scroll_offset.y
            if index >= len(self._order):
                quiet = base + self.get_component_rich_style("runs--header", partial=True)
                text = with_keys(self.app, self.empty_text) if y == 1 and not self._order else ""
                return Strip([Segment(f"{text:<{width}}"[:width], quiet)], width)
            is_cursor = index == self._cursor
            style = self.get_component_rich_style("runs--cursor") if is_cursor else base
            row = self._painted[self._order[index]] = self._row(index)
            cells = row.cells
            if len(self._painted) > KEPT_PAINTED:
                in_sight = {self._order[number] for number in self._in_sight()}
                self._painted = {key: painted for key, painted in self._painted.items() if key in in_sight}
        columns = range(left, left + width)
        strip = Strip(self._shape.segments(cells, lambda cell: self._styled(style, cell), in_sight=columns))
        return strip.extend_cell_length(left + width, style).crop(left, left + width)

    def _take(self, rows: Sequence[ListedRow], *, follows_first: bool) -> tuple[bool, bool]:
        """Take other rows; returns whether they stand in another order, and whether columns or widths differ."""
        order = [row.key for row in rows]
        is_reordered, before = order != self._order, self.highlighted
        self._listed, self._order = rows, order
        self._shape.take(rows, has_other_rows=is_reordered)
        is_reshaped = self._measure()
        if is_reordered:
            places = {key: index for index, key in enumerate(order)}
            self._painted = {key: painted for key, painted in self._painted.items() if key in places}
            stays_first = follows_first and self._cursor == 0
            self._cursor = 0 if stays_first or before is None else self._place_of(before, places)
            self._resize_content()
            now = self.highlighted
            is_opened = (
                now is not None and before is not None and now.is_open and before.key == now.key and not before.is_open
            )
            self._bring_into_sight(num_below=len(now.members) if now is not None and is_opened else 0)
            self.tell()
        return is_reordered, is_reshaped

    def _place_of(self, before: ListedRow, places: Mapping[str, int]) -> int:
        """Where a row is now, or its run, or the setting that it went into; else as far down as it was."""
        run_id = before.run.run_id
        for key in (before.key, run_id):
            if key in places:
                return places[key]
        settings = (index for index, row in enumerate(self._listed) if any(one.run_id == run_id for one in row.members))
        return next(settings, min(self._cursor, max(0, len(self._order) - 1)))

    def _row(self, index: int) -> _Painted:
        """A row as it is now, made where it differs from what was painted."""
        row = self._listed[index]
        mark, painted = self.mark_of(row), self._painted.get(row.key)
        if painted is None or painted.row != row or painted.mark != mark:
            painted = _Painted(row=row, mark=mark, cells=self.make_cells(row))
        return painted

    def _is_outdated(self, index: int) -> bool:
        """Whether a row differs from what was painted."""
        before, row = self._painted.get(self._order[index]), self._row(index)
        if before is None or before.cells != row.cells:
            return True
        self._painted[self._order[index]] = row
        return False

    def _in_sight(self) -> range:
        top = round(self.scroll_y)
        return range(top, min(len(self._order), top + max(0, self.content_size.height - 1)))

    def _measure(self) -> bool:
        """Choose the widths; returns whether they differ, or there are other columns."""
        is_other = self._shape.fit(self.scrollable_content_region.width)
        if is_other:
            self._resize_content()
        return is_other

    def _resize_content(self) -> None:
        size = Size(self._shape.width, len(self._order) + 1)
        self.set_reactive(RowsView.virtual_size, size)  # the plain way lays out the whole screen
        self.vertical_scrollbar.window_virtual_size = size.height

    def _move_to(self, index: int) -> None:
        target = min(max(0, index), max(0, len(self._order) - 1))
        if target == self._cursor:
            return
        before, self._cursor = self._cursor, target
        self._bring_into_sight()
        self._refresh_rows([before, target])
        self.tell()

    def _bring_into_sight(self, *, num_below: int = 0) -> None:
        """Scroll no further than the cursor needs, and some rows below it as far as it stays in sight."""
        top, height = round(self.scroll_y), max(1, self.content_size.height - 1)
        last = self._cursor + min(num_below, height - 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif last >= top + height:
            self.scroll_to(y=last - height + 1, animate=False)

    def _refresh_rows(self, indices: Sequence[int]) -> None:
        lines = [1 + index - round(self.scroll_y) for index in indices]
        width, height = self.content_size
        regions = [Region(0, line, width, 1) for line in lines if 0 < line < height]
        if regions:
            self.refresh(*regions)

    def _styled(self, style: Style, cell: Cell) -> Style:
        if not cell.colour:
            return style
        colour, ground = ink(self.app.theme_variables, cell.colour), style.bgcolor
        if ground is not None and not ground.is_default:
            if self.app.native_ansi_color:
                return style  # on one of sixteen colours another of them may be lost
            if colour.startswith("#") and not is_legible(colour, ground.get_truecolor().hex):
                return style
        return style + Style(color=colour)

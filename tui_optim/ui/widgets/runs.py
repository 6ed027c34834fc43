"""The run table: the rows of a listing with a cursor. Only rows in sight are made, and only those that differ painted again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_optim.ui.messages import OpenRun, RunHighlighted, SortRuns, ToggleRun, ToggleSeeds
from tui_optim.ui.overlay import Overlay
from tui_optim.ui.row_layout import RowLayout
from tui_optim.ui.run_listing import ListedRun
from tui_optim.ui.run_rows import Cell, RowColumn, row_cells

EMPTY = "No runs yet: enter on a preset starts one."
SIDE_STEP = 8
"""Columns of text by which left and right scroll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """The cells of a row and what they were made from."""

    row: ListedRun
    slot: int | None
    cells: dict[str, Cell]


class RunTable(ScrollView, can_focus=True):
    """All runs of the home, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Charts", key_display="enter", id="run.open", tooltip="show this run's charts alone"),
        Binding("space", "overlay", "Overlay", id="run.overlay", tooltip="put this run on the charts, or take it off"),
        Binding("a", "overlay_seeds", "Seeds", id="run.seeds", tooltip="put all seeds of this run's setting on the charts"),
        Binding("p", "screen.pause", "Pause"),
        Binding("t", "screen.stop", "Stop"),
        Binding("f", "screen.filter_runs", "Filter"),
        Binding("s", "sort(True)", "Sort", id="run.sort", tooltip="sort by the next column; after the last one by age"),
        Binding("R", "sort(False)", "Reverse", show=False, id="run.reverse", tooltip="sort from the other end"),
        Binding("P", "screen.pin_run", "Pin", show=False, id="run.pin", tooltip="pin this run to the top, or let it go"),
        Binding("N", "screen.name_run", "Name", show=False, id="run.name", tooltip="give this run a name"),
        Binding("M", "screen.note_run", "Note", show=False, id="run.note", tooltip="write a note about this run"),
        Binding("d", "screen.differences", "Differ", show=False, id="run.differ", tooltip="in what this and the marked differ"),
        Binding("D", "screen.delete_runs", "Delete", show=False, id="run.delete", tooltip="delete this run, or the marked"),
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "step(-1000000)", "First", show=False),
        Binding("end,G", "step(1000000)", "Last", show=False),
        Binding("l,right", "side(1)", "Right", show=False, tooltip="more columns; h or left goes back"),
        Binding("h,left", "side(-1)", "Left", show=False),
    ]  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--header", "runs--cursor"}
    DEFAULT_CSS = """
    RunTable {
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

    def __init__(self, overlay: Overlay, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until runs are shown; `overlay` knows the markers of the runs on the charts."""
        super().__init__(id=id, classes=classes)
        self.overlay = overlay
        self.empty_text = EMPTY
        """Shown while there is no row."""
        self._shape = RowLayout()
        self._listed: Sequence[ListedRun] = []
        self._order: list[str] = []
        """Keys of the rows."""
        self._rows: dict[str, _Row] = {}
        """Those that have been painted, by key."""
        self._cursor = 0

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return len(self._order)

    @property
    def columns(self) -> Sequence[RowColumn]:
        """Those that are shown."""
        return self._shape.columns

    @property
    def highlighted_run(self) -> str | None:
        """Id of the run under the cursor."""
        return self._listed[self._cursor].run.run_id if self._cursor < len(self._listed) else None

    def cell_text(self, run_id: str, key: str) -> str:
        """What stands in a cell."""
        return self._row(self._order.index(run_id)).cells[key].text

    def show(self, rows: Sequence[ListedRun], *, follows_first: bool = True) -> None:
        """Bring the rows up to date. The cursor stays on its run; `follows_first` keeps it on the first row where it is there."""
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

    def action_open(self) -> None:
        """Ask for the run's charts alone."""
        if run_id := self.highlighted_run:
            self.post_message(OpenRun(run_id))

    def action_overlay(self) -> None:
        """Ask to put the run on the charts, or to take it off."""
        if run_id := self.highlighted_run:
            self.post_message(ToggleRun(run_id))

    def action_overlay_seeds(self) -> None:
        """Ask to put all seeds of the run's setting on the charts, or to take them off."""
        if run_id := self.highlighted_run:
            self.post_message(ToggleSeeds(run_id))

    def action_sort(self, is_by_next: bool) -> None:
        """Ask for another column to sort by, or for the other end of it."""
        self.post_message(SortRuns(is_by_next))

    def action_step(self, by: int) -> None:
        """Move the cursor by rows."""
        self._move_to(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._move_to(self._cursor + by * max(1, self.content_size.height - 2))

    def action_side(self, by: int) -> None:
        """Show other columns."""
        self.scroll_relative(x=by * SIDE_STEP, animate=False)

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
                text = self.empty_text if y == 1 and not self._order else ""
                return Strip([Segment(f"{text:<{width}}"[:width], quiet)], width)
            is_cursor = index == self._cursor
            style = self.get_component_rich_style("runs--cursor") if is_cursor else base
            row = self._rows[self._order[index]] = self._row(index)
            cells = row.cells
        strip = Strip(self._shape.segments(cells, lambda cell: self._styled(style, cell)))
        return strip.extend_cell_length(left + width, style).crop(left, left + width)

    def _take(self, rows: Sequence[ListedRun], *, follows_first: bool) -> tuple[bool, bool]:
        """Take other rows; returns whether they stand in another order, and whether columns or widths differ."""
        order = [row.key for row in rows]
        is_reordered, before = order != self._order, self._order[self._cursor] if self._order else None
        self._listed, self._order = rows, order
        self._shape.take(rows, has_other_rows=is_reordered)
        is_reshaped = self._measure()
        if is_reordered:
            places = {key: index for index, key in enumerate(order)}
            self._rows = {key: row for key, row in self._rows.items() if key in places}
            stays_first = follows_first and self._cursor == 0
            last = max(0, len(order) - 1)
            self._cursor = 0 if stays_first or before is None else places.get(before, min(self._cursor, last))
            self._resize_content()
            self._bring_into_sight()
            self._tell()
        return is_reordered, is_reshaped

    def _row(self, index: int) -> _Row:
        """A row as it is now, made where its run has changed."""
        listed = self._listed[index]
        run_id = listed.run.run_id
        slot, row = self.overlay.slot(run_id), self._rows.get(listed.key)
        if row is None or row.row != listed or row.slot != slot:
            cells = row_cells(listed.number, listed.run, marker=self.overlay.marker(run_id), slot=slot)
            row = _Row(row=listed, slot=slot, cells=cells)
        return row

    def _is_outdated(self, index: int) -> bool:
        """Whether a row differs from what was painted."""
        before, row = self._rows.get(self._order[index]), self._row(index)
        if before is None or before.cells != row.cells:
            return True
        self._rows[self._order[index]] = row
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
        self.set_reactive(RunTable.virtual_size, size)  # the plain way lays out the whole screen
        self.vertical_scrollbar.window_virtual_size = size.height

    def _move_to(self, index: int) -> None:
        target = min(max(0, index), max(0, len(self._order) - 1))
        if target == self._cursor:
            return
        before, self._cursor = self._cursor, target
        self._bring_into_sight()
        self._refresh_rows([before, target])
        self._tell()

    def _bring_into_sight(self) -> None:
        """Scroll no further than the cursor needs."""
        top, height = round(self.scroll_y), max(1, self.content_size.height - 1)
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)

    def _tell(self) -> None:
        if run_id := self.highlighted_run:
            self.post_message(RunHighlighted(run_id))

    def _refresh_rows(self, indices: Sequence[int]) -> None:
        lines = [1 + index - round(self.scroll_y) for index in indices]
        width, height = self.content_size
        regions = [Region(0, line, width, 1) for line in lines if 0 < line < height]
        if regions:
            self.refresh(*regions)

    def _styled(self, style: Style, cell: Cell) -> Style:
        return style + Style(color=self.app.theme_variables[cell.colour]) if cell.colour else style

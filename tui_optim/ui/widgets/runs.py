"""The run table: one row per run, the newest first. Only rows in sight are made, and only those that differ painted again."""

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

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.messages import OpenRun, RunHighlighted, ToggleRun, ToggleSeeds
from tui_optim.ui.overlay import Overlay
from tui_optim.ui.run_rows import (
    Cell,
    RowColumn,
    column_widths,
    fitted,
    longest_texts,
    row_cells,
    shown_columns,
)

EMPTY = "No runs yet: enter on a preset starts one."
SIDE_STEP = 8
"""Columns of text by which left and right scroll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """The cells of a run and what they were made from."""

    number: int
    run: StoredRun
    slot: int | None
    cells: dict[str, Cell]


class RunTable(ScrollView, can_focus=True):
    """All runs of the home, with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Charts", key_display="enter", id="run.open", tooltip="show this run's charts alone"),
        Binding("space", "overlay", "Overlay", id="run.overlay", tooltip="put this run on the charts, or take it off"),
        Binding(
            "a", "overlay_seeds", "Seeds", id="run.seeds", tooltip="put all seeds of this run's setting on the charts"
        ),
        Binding("p", "screen.pause", "Pause"),
        Binding("t", "screen.stop", "Stop"),
        Binding("up,k", "step(-1)", "Up", show=False),
        Binding("down,j", "step(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "step(-1000000)", "First", show=False),
        Binding("end,G", "step(1000000)", "Last", show=False),
        Binding("l,right", "side(1)", "Right", show=False, tooltip="more columns; h or left goes back"),
        Binding("h,left", "side(-1)", "Left", show=False),
    ]
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
        self._runs: Sequence[StoredRun] = []
        """Oldest first."""
        self._order: list[str] = []
        """Run ids, the newest first."""
        self._rows: dict[str, _Row] = {}
        """Those that have been painted, by run id."""
        self._longest: dict[str, int] = {}
        self._columns: tuple[RowColumn, ...] = ()
        self._widths: dict[str, int] = {}
        self._cursor = 0

    @property
    def row_count(self) -> int:
        """Number of runs."""
        return len(self._order)

    @property
    def highlighted_run(self) -> str | None:
        """Id of the run under the cursor."""
        return self._order[self._cursor] if self._cursor < len(self._order) else None

    def cell_text(self, run_id: str, key: str) -> str:
        """What stands in a cell."""
        return self._row(self._order.index(run_id)).cells[key].text

    def show(self, runs: Sequence[StoredRun]) -> None:
        """Bring the rows up to date; `runs` are all of them, oldest first."""
        is_reordered = is_reshaped = False
        if runs != self._runs or not self._columns:
            is_reordered, is_reshaped = self._take(runs)
        if is_reordered or is_reshaped:
            self.refresh()
        else:
            self._refresh_rows([index for index in self._in_sight() if self._is_outdated(index)])

    def on_resize(self) -> None:
        """Give the texts the room that there is now."""
        if self._columns and self._measure():
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
            cells = {column.key: Cell(column.title) for column in self._columns}
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
        segments = [
            Segment(self._aligned(column, cells), self._styled(style, cells, column)) for column in self._columns
        ]
        return Strip(segments).extend_cell_length(left + width, style).crop(left, left + width)

    def _take(self, runs: Sequence[StoredRun]) -> tuple[bool, bool]:
        """Take other runs; returns whether they stand in other rows, and whether columns or widths differ."""
        order = [run.run_id for run in reversed(runs)]
        is_reordered, before = order != self._order, self.highlighted_run
        self._runs, self._order, self._longest = runs, order, longest_texts(runs)
        if is_reordered or not self._columns:
            self._columns = shown_columns(runs)
        is_reshaped = self._measure()
        if is_reordered:
            known = set(order)
            self._rows = {run_id: row for run_id, row in self._rows.items() if run_id in known}
            was_at_top = self._cursor == 0
            self._cursor = order.index(before) if before in known and not was_at_top else 0
            self._resize_content()
            self._tell()
        return is_reordered, is_reshaped

    def _row(self, index: int) -> _Row:
        """A row as it is now, made where its run has changed."""
        run_id, number, run = self._order[index], len(self._runs) - index, self._runs[-1 - index]
        slot, row = self.overlay.slot(run_id), self._rows.get(run_id)
        if row is None or row.run is not run or (row.number, row.slot) != (number, slot):
            cells = row_cells(number, run, marker=self.overlay.marker(run_id), slot=slot)
            row = _Row(number=number, run=run, slot=slot, cells=cells)
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
        widths = column_widths(self._columns, self._longest, room=self.scrollable_content_region.width)
        is_other = widths != self._widths
        self._widths = widths
        if is_other:
            self._resize_content()
        return is_other

    def _resize_content(self) -> None:
        size = Size(sum(self._widths.values()), len(self._order) + 1)
        self.set_reactive(RunTable.virtual_size, size)  # the plain way lays out the whole screen
        self.vertical_scrollbar.window_virtual_size = size.height

    def _move_to(self, index: int) -> None:
        target = min(max(0, index), max(0, len(self._order) - 1))
        if target == self._cursor:
            return
        before, self._cursor = self._cursor, target
        top, height = round(self.scroll_y), max(1, self.content_size.height - 1)
        if target < top:
            self.scroll_to(y=target, animate=False)
        elif target >= top + height:
            self.scroll_to(y=target - height + 1, animate=False)
        self._refresh_rows([before, target])
        self._tell()

    def _tell(self) -> None:
        if run_id := self.highlighted_run:
            self.post_message(RunHighlighted(run_id))

    def _refresh_rows(self, indices: Sequence[int]) -> None:
        lines = [1 + index - round(self.scroll_y) for index in indices]
        width, height = self.content_size
        regions = [Region(0, line, width, 1) for line in lines if 0 < line < height]
        if regions:
            self.refresh(*regions)

    def _aligned(self, column: RowColumn, cells: dict[str, Cell]) -> str:
        width = self._widths[column.key]
        text = fitted(cells[column.key].text, width - 1) if column.is_text else cells[column.key].text
        return f"{text:<{width}}" if column.is_text else f"{text:>{width - 1}} "

    def _styled(self, style: Style, cells: dict[str, Cell], column: RowColumn) -> Style:
        colour = cells[column.key].colour
        return style + Style(color=self.app.theme_variables[colour]) if colour else style

"""The run table: the rows of a listing, and what the keys ask for about the run, or the setting, under the cursor."""

from collections.abc import Hashable
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui_optim.ui.charting.overlay import Overlay
from tui_optim.ui.messages import GroupRuns, OpenRun, RunHighlighted, SortRuns, ToggleGroup, ToggleRun, ToggleSeeds
from tui_optim.ui.run_table.listed_row import ListedRow
from tui_optim.ui.run_table.rows import Cell, group_cells, row_cells
from tui_optim.ui.widgets.rows_view import RowsView

EMPTY = "No runs yet: ⟪preset.queue:enter⟫ on a preset starts one."
SIDE_STEP = 8
"""Columns of text by which left and right scroll."""


class RunTable(RowsView):
    """All runs of the home, or their settings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Charts", key_display="enter", id="run.open", tooltip="charts alone; a setting's runs"),
        Binding("space", "overlay", "Overlay", id="run.overlay", tooltip="put this run on the charts, or take it off"),
        Binding("a", "overlay_seeds", "Seeds", id="run.seeds", tooltip="put all seeds of this run's setting on the charts"),
        Binding("p", "screen.pause", "Pause", id="run.pause"),
        Binding("t", "screen.stop", "Stop", id="run.stop"),
        Binding("f", "screen.filter_runs", "Filter", id="runs.filter"),
        Binding("s", "sort(True)", "Sort", id="run.sort", tooltip="sort by the next column; after the last one by age"),
        Binding("R", "sort(False)", "Reverse", show=False, id="run.reverse", tooltip="sort from the other end"),
        Binding("equals_sign", "group", "Group", show=False, id="run.group", tooltip="a row for each setting, and back"),
        Binding("P", "screen.pin_run", "Pin", show=False, id="run.pin", tooltip="pin this run to the top, or let it go"),
        Binding("N", "screen.name_run", "Name", show=False, id="run.name", tooltip="give this run a name"),
        Binding("M", "screen.note_run", "Note", show=False, id="run.note", tooltip="write a note about this run"),
        Binding("d", "screen.differences", "Differ", show=False, id="run.differ", tooltip="in what this and the marked differ"),
        Binding("D", "screen.delete_runs", "Delete", show=False, id="run.delete", tooltip="delete this run, or the marked"),
        Binding(
            "l,right",
            "side(1)",
            "Right",
            id="run.side-right",
            show=False,
            tooltip="columns further right, or open a setting",
        ),
        Binding("h,left", "side(-1)", "Left", id="run.side-left", show=False, tooltip="further left, or close it"),
    ]  # fmt: skip

    def __init__(self, overlay: Overlay, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until runs are shown; `overlay` knows the markers of the runs on the charts."""
        super().__init__(id=id, classes=classes)
        self.overlay = overlay
        self.empty_text = EMPTY

    @property
    def highlighted_run(self) -> str | None:
        """Id of the run under the cursor; of a setting that of its newest run."""
        return self.highlighted.run.run_id if self.highlighted else None

    @property
    def num_highlighted(self) -> int:
        """How many runs the row under the cursor stands for."""
        return max(1, len(self.highlighted.members)) if self.highlighted else 0

    def make_cells(self, row: ListedRow) -> dict[str, Cell]:
        """Of a run, or of a setting."""
        marker, slot = self.overlay.marker(row.run.run_id), self.overlay.slot(row.run.run_id)
        if row.members:
            return group_cells(row.members, marker=marker, slot=slot, is_open=row.is_open)
        return row_cells(row.number, row.run, marker=marker, slot=slot, is_inside=row.is_inside, depth=row.depth)

    def mark_of(self, row: ListedRow) -> Hashable:
        """Its place on the charts."""
        return self.overlay.slot(row.run.run_id)

    def tell(self) -> None:
        """Say which run is under the cursor."""
        if self.highlighted_run:
            self.post_message(RunHighlighted())

    def action_open(self) -> None:
        """Ask for the run's charts alone; of a setting, to list its runs or not."""
        row = self.highlighted
        if row is not None:
            self.post_message(ToggleGroup(row.key) if row.members else OpenRun(row.run.run_id))

    def action_overlay(self) -> None:
        """Ask to put the run, or all seeds of the setting, on the charts, or to take them off."""
        row = self.highlighted
        if row is not None:
            self.post_message(ToggleSeeds(row.run.run_id) if row.members else ToggleRun(row.run.run_id))

    def action_overlay_seeds(self) -> None:
        """Ask to put all seeds of the run's setting on the charts, or to take them off."""
        if run_id := self.highlighted_run:
            self.post_message(ToggleSeeds(run_id))

    def action_sort(self, is_by_next: bool) -> None:
        """Ask for another column to sort by, or for the other end of it."""
        self.post_message(SortRuns(is_by_next))

    def action_group(self) -> None:
        """Ask for a row for each setting, or for each run again."""
        self.post_message(GroupRuns())

    def action_side(self, by: int) -> None:
        """Show other columns; on a setting, open or close it."""
        row = self.highlighted
        if row is not None and row.members and row.is_open != (by > 0) and self.scroll_x == 0:
            self.post_message(ToggleGroup(row.key))
        else:
            self.scroll_relative(x=by * SIDE_STEP, animate=False, force=True)  # there is no bar at the bottom

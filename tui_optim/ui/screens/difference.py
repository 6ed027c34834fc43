"""In what runs differ: only those keys, with the values side by side."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import DataTable, Static

from tui_optim.report.cells import Table, plain_text, text_grid
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.screens.dialog import Dialog

Export = Callable[[Table, Sequence[StoredRun]], None]
"""Asks where to write a table of runs."""


class DifferenceScreen(Dialog[None]):
    """A row per key, a column per run."""

    TITLE = "Differences"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "export", "Export", id="difference.export", tooltip="write this table to a file and to the clipboard"),
        Binding("d,q", "cancel", "Back", show=False),
        Binding("j", "cursor('down')", "Down", show=False),
        Binding("k", "cursor('up')", "Up", show=False),
        Binding("h", "cursor('left')", "Left", show=False),
        Binding("l", "cursor('right')", "Right", show=False),
    ]  # fmt: skip
    DEFAULT_CSS = """
    DifferenceScreen {
        & > .box { width: 96%; max-width: 160; }
        DataTable { height: auto; max-height: 70vh; background: $surface; scrollbar-size: 1 1; }
        DataTable > .datatable--fixed { background: $surface; color: $foreground; }
        Static { color: $quiet; height: auto; margin-top: 1; }
    }
    """

    def __init__(self, table: Table, runs: Sequence[StoredRun], *, export: Export) -> None:
        """`table` is of `runs`."""
        super().__init__()
        self.table, self.runs = table, runs
        self._export = export

    def compose(self) -> ComposeResult:
        """A table and what is left out of it."""
        with Vertical(classes="box") as box:
            box.border_title = plain_text(self.table.title)
            box.border_subtitle = "w: export   esc: back"
            yield DataTable[Text](cursor_type="row", zebra_stripes=False, show_row_labels=False)
            yield Static("\n".join(map(plain_text, self.table.notes)), markup=False)

    def on_mount(self) -> None:
        """Fill the table; the keys stay in sight."""
        grid = self.query_one(DataTable)
        header, *rows = text_grid(self.table)
        for column, text in zip(self.table.columns, header, strict=True):
            grid.add_column(Text(text), key=column.key)
        for row in rows:
            grid.add_row(*map(Text, row))
        grid.fixed_columns = 1
        grid.focus()

    def action_export(self) -> None:
        """Ask where to write it."""
        self._export(self.table, self.runs)

    def action_cursor(self, direction: str) -> None:
        """Move as the arrow does."""
        grid = self.query_one(DataTable)
        {
            "down": grid.action_cursor_down,
            "up": grid.action_cursor_up,
            "left": grid.action_scroll_left,
            "right": grid.action_scroll_right,
        }[direction]()

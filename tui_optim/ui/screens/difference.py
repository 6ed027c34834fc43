"""In what runs differ: only those keys, with the values side by side."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_optim.report.cells import Table, plain_text
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.look.frame import frame_text
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.table_grid import TableGrid

Export = Callable[[Table, Sequence[StoredRun]], None]
"""Asks where to write a table of runs."""


class DifferenceScreen(Dialog[None]):
    """A row per key, a column per run."""

    TITLE = "Differences"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "export", "Export", id="difference.export", tooltip="write this table to a file and to the clipboard"),
        Binding("d,q", "cancel", "Back", id="difference.close", show=False),
    ]  # fmt: skip
    DEFAULT_CSS = """
    DifferenceScreen {
        & > .box { width: 96%; max-width: 160; }
        TableGrid { max-height: 70vh; }
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
            box.border_title = frame_text(self.table.title)
            box.border_subtitle = with_keys(self.app, "⟪difference.export:w⟫: export   ⟪dialog.cancel:esc⟫: back")
            yield TableGrid()
            yield Static("\n".join(map(plain_text, self.table.notes)), markup=False)

    def on_mount(self) -> None:
        """Fill the table; the keys stay in sight."""
        grid = self.query_one(TableGrid)
        grid.show(self.table)
        grid.focus()

    def action_export(self) -> None:
        """Ask where to write it."""
        self._export(self.table, self.runs)

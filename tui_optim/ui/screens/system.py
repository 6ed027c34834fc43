"""What the machine and the processes of the program do, read again every second while it is looked at."""

import asyncio
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_optim.report.cells import plain_text
from tui_optim.report.system_table import system_table
from tui_optim.runs.system import SystemMeter
from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.names import run_name
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.table_grid import TableGrid

INTERVAL_S = 1.0


class SystemScreen(Dialog[None]):
    """A row for the CPUs, for each accelerator and for each process."""

    TITLE = "System"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,H", "cancel", "Back", id="system.close", show=False),
    ]
    DEFAULT_CSS = """
    SystemScreen {
        & > .box { width: 96%; max-width: 110; }
        TableGrid { max-height: 60vh; }
        Static { color: $quiet; height: auto; margin-top: 1; }
    }
    """

    def __init__(self, board: Board, meter: SystemMeter) -> None:
        """`board` knows which runs train, and where."""
        super().__init__()
        self._board, self._meter = board, meter
        self._is_reading = False

    def compose(self) -> ComposeResult:
        """A table and what its figures mean."""
        with Vertical(classes="box") as box:
            box.border_title = "System"
            box.border_subtitle = with_keys(self.app, "⟪dialog.cancel:esc⟫: back")
            yield TableGrid()
            yield Static("Reading …", markup=False)

    def on_mount(self) -> None:
        """Begin to read."""
        self.query_one(TableGrid).focus()
        self.set_interval(INTERVAL_S, self._begin)
        self._begin()

    def _begin(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self.run_worker(self._read(), group="system")

    async def _read(self) -> None:
        try:
            running = self._board.in_state("running")
            owners = {run.run_id: run.status.owner for run in running if run.status.owner is not None}
            reading = await asyncio.to_thread(self._meter.read, owners)
            table = system_table(reading, {run.run_id: run_name(run) for run in running})
            if self.is_mounted:
                self.query_one(TableGrid).show(table)
                self.query_one(Static).update("\n".join(map(plain_text, table.notes)))
        finally:
            self._is_reading = False

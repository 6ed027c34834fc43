"""What the machine and the processes of the program do, read again every second while it is looked at; and the disk."""

import asyncio
import time
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from tui_optim.report.cells import plain_text
from tui_optim.report.disk_table import cleaned_words, cleaning_line, disk_line, loses, size_text
from tui_optim.report.speed_table import speed_table, speeds
from tui_optim.report.system_table import system_table
from tui_optim.runs.cleaning import cleaning
from tui_optim.runs.system import SystemMeter
from tui_optim.store.bare_loops import read_bare_loops
from tui_optim.store.disk import disk_use
from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.laboratory import Laboratory
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.messages import CleanUp
from tui_optim.ui.names import run_name
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.widgets.table_grid import TableGrid

INTERVAL_S = 1.0
DISK_EVERY_S = 5.0
"""A look at all files of a large home takes a tenth of a second."""
WIDE = 100
"""Columns of the terminal from which on names are shown in full."""


class SystemScreen(Dialog[None]):
    """A row for the CPUs, for each accelerator and for each process; one for each run that trains; and the disk."""

    TITLE = "System"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "clean", "Clean up", id="system.clean", tooltip="remove checkpoints that nothing needs"),
        Binding(
            "b",
            "clean(True)",
            "Keep the best",
            id="system.clean.best",
            tooltip="the same, but keep each run's best one",
        ),
        Binding("q,H", "cancel", "Back", id="system.close", show=False),
    ]
    DEFAULT_CSS = """
    SystemScreen {
        & > .box { width: 96%; max-width: 110; overflow-y: auto; }
        #machine { max-height: 40vh; }
        #speeds { max-height: 20vh; margin-top: 1; }
        Static { color: $quiet; height: auto; margin-top: 1; }
    }
    """

    def __init__(self, board: Board, meter: SystemMeter, lab: Laboratory) -> None:
        """`board` knows which runs train, and where."""
        super().__init__()
        self._board, self._meter, self._lab = board, meter, lab
        self._is_reading = False
        self._disk, self._looked_at = "", float("-inf")

    def compose(self) -> ComposeResult:
        """Two tables, and what their figures mean."""
        with Vertical(classes="box") as box:
            box.border_title = "System"
            keys = "⟪system.clean:c⟫: clean up   ⟪system.clean.best:b⟫: but keep the best   ⟪dialog.cancel:esc⟫: back"
            box.border_subtitle = with_keys(self.app, keys)
            yield TableGrid(id="machine")
            yield TableGrid(id="speeds")
            yield Static("Reading …", markup=False)

    def on_mount(self) -> None:
        """Begin to read."""
        self.query_one("#speeds").display = False
        self.query_one("#machine").focus()
        self.set_interval(INTERVAL_S, self._begin)
        self._begin()

    def action_clean(self, keeps_best: bool = False) -> None:
        """Say what would go, and ask."""
        if not is_refused(self, self._lab):
            self.run_worker(self._ask(keeps_best=keeps_best), group="clean", exclusive=True)

    async def _ask(self, *, keeps_best: bool) -> None:
        removable = await asyncio.to_thread(cleaning, self._lab.home, keeps_best=keeps_best)
        if not removable.num_files:
            self.notify(cleaning_line(removable).capitalize() + ".")
            return

        def clean(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self._looked_at = float("-inf")
                self.post_message(CleanUp(keeps_best))

        about = f"That frees {size_text(removable.freed_bytes)}. {loses(keeps_best=keeps_best)}"
        self.app.push_screen(ConfirmScreen(f"Remove {cleaned_words(removable)}?", about=about), clean)

    def _begin(self) -> None:
        if not self._is_reading:
            self._is_reading = True
            self.run_worker(self._read(), group="system")

    async def _read(self) -> None:
        try:
            running = self._board.in_state("running")
            owners = {run.run_id: run.status.owner for run in running if run.status.owner is not None}
            names = {run.run_id: run_name(run) for run in running}
            reading = await asyncio.to_thread(self._meter.read, owners)
            machine = system_table(reading, names, is_narrow=self.app.size.width < WIDE)
            limits = await asyncio.to_thread(read_bare_loops, self._lab.home) if running else {}
            speed = speed_table(speeds(running, names, limits))
            await self._look_at_disk()
            if self.is_mounted:
                self.query_one("#machine", TableGrid).show(machine)
                self.query_one("#speeds").display = bool(speed.rows)
                self.query_one("#speeds", TableGrid).show(speed)
                notes = [*machine.notes, *speed.notes, self._disk]
                self.query_one(Static).update("\n".join(map(plain_text, notes)))
        finally:
            self._is_reading = False

    async def _look_at_disk(self) -> None:
        if time.monotonic() - self._looked_at < DISK_EVERY_S:
            return
        use = await asyncio.to_thread(disk_use, self._lab.home)
        removable = await asyncio.to_thread(cleaning, self._lab.home)
        self._disk, self._looked_at = f"{disk_line(use)}; {cleaning_line(removable)}", time.monotonic()

"""The panes at the right: charts, table and log of the runs of a board."""

import time

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import OpenRun, ToggleRun, ToggleSeeds
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.log import LogPane
from tui_optim.ui.widgets.runs import EMPTY, RunTable

TABLE_INTERVAL_S = 0.5


class WatchingPanes(Vertical):
    """Shows what a board knows, each pane as often as it can afford."""

    def __init__(self, board: Board, *, id: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id)
        self.board = board
        self._table_at = 0.0

    def compose(self) -> ComposeResult:
        """Curves, rows, sentences."""
        yield ChartsView(self.board, id="charts")
        yield RunTable(self.board.overlay, id="runs", classes="pane")
        yield LogPane(id="log", classes="pane")

    @property
    def run_under_cursor(self) -> StoredRun | None:
        """The run that keys like pause act on."""
        return self.board.find(self.query_one(RunTable).highlighted_run or "")

    def show_news(self) -> None:
        """Show what has changed; called several times a second, does only what is needed."""
        now, table = time.monotonic(), self.query_one(RunTable)
        if now - self._table_at >= TABLE_INTERVAL_S or len(self.board.listed) != table.row_count:
            self._table_at = now
            self._show_rows()
        self.query_one(ChartsView).draw_when_due()
        self.show_log()

    def show_all(self) -> None:
        """Show everything, however recent the last time was."""
        self._show_rows()
        self.query_one(ChartsView).draw()
        self.show_log()

    def show_log(self) -> None:
        """Show the sentences."""
        self.query_one(LogPane).show(self.board.log)

    def show_overlay(self) -> None:
        """Decide anew which runs are on the charts, and show them."""
        self.board.choose()
        self._show_rows()
        self.query_one(ChartsView).draw()

    def on_toggle_run(self, message: ToggleRun) -> None:
        """Put a run on the charts, or take it off."""
        self.board.overlay.toggle(message.run_id)
        self.show_overlay()

    def on_toggle_seeds(self, message: ToggleSeeds) -> None:
        """Put all seeds of a setting on the charts, or take them off."""
        self.board.overlay.toggle_setting(message.run_id, self.board.runs)
        self.show_overlay()

    def on_open_run(self, message: OpenRun) -> None:
        """Put a run on the charts, marked or not."""
        self.board.overlay.opened = message.run_id
        self.show_overlay()

    def _show_rows(self) -> None:
        """Show the runs that are listed, and how many of sweeps are not."""
        table, listed = self.query_one(RunTable), self.board.listed
        num_hidden = len(self.board.runs) - len(listed)
        title = f"{Pane.RUNS.value} {Pane.RUNS.title}"
        if num_hidden:
            title += f" · {num_hidden} of sweeps not listed: S"
        if table.border_title != title:
            table.border_title = title
        table.empty_text = f"{num_hidden} runs of sweeps are not listed: g shows sweeps." if num_hidden else EMPTY
        table.show(listed)

"""The panes at the right: charts, table and log of the runs of a board."""

import time

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.messages import OpenRun, ToggleRun, ToggleSeeds
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.log import LogPane
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.runs_pane import RunsPane

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
        yield RunsPane(self.board, id="runs", classes="pane")
        yield LogPane(id="log", classes="pane")

    @property
    def run_under_cursor(self) -> StoredRun | None:
        """The run that keys like pause act on."""
        return self.board.find(self.query_one(RunTable).highlighted_run or "")

    def show_news(self) -> None:
        """Show what has changed; called several times a second, does only what is needed."""
        now, runs = time.monotonic(), self.query_one(RunsPane)
        if now - self._table_at >= TABLE_INTERVAL_S or len(self.board.listed) != runs.num_listed:
            self._table_at = now
            runs.show()
        self.query_one(ChartsView).draw_when_due()
        self.show_log()

    def show_all(self) -> None:
        """Show everything, however recent the last time was."""
        self.query_one(RunsPane).show()
        self.query_one(ChartsView).draw()
        self.show_log()

    def show_log(self) -> None:
        """Show the sentences."""
        self.query_one(LogPane).show(self.board.log)

    def show_overlay(self) -> None:
        """Decide anew which runs are on the charts, and show them."""
        self.board.choose()
        self.query_one(RunsPane).show()
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

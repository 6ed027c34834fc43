"""Loss and accuracy side by side with one legend, redrawn no more often than their cost allows."""

import time
from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui_optim.report.series import Axis, Quantity
from tui_optim.ui.board import Board
from tui_optim.ui.curves import (
    X_LABELS,
    Selection,
    chart_series,
    drawn_patterns,
    fingerprint,
    limits_from_zero,
    selected_runs,
    short_names,
)
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend

MIN_INTERVAL_S = 0.25
RESIZE_DELAY_S = 0.03
COST_FACTOR = 25.0
"""After a drawing that took t seconds of processor time, none for this many times t: 4 % of a core."""


class ChartsView(Vertical):
    """The charts of the shown runs."""

    DEFAULT_CSS = """
    ChartsView { height: 1fr; }
    ChartsView > Horizontal { height: 1fr; }
    ChartsView Chart { width: 1fr; height: 1fr; }
    """

    def __init__(self, board: Board, *, clock: Callable[[], float] = time.monotonic, id: str | None = None) -> None:
        """Show the runs of a board."""
        super().__init__(id=id)
        self.board = board
        self.selection = Selection()
        self.is_log = False
        """Whether the loss is on a logarithmic axis."""
        self._clock = clock
        self._next_at = 0.0
        self._redraw: Timer | None = None

    def compose(self) -> ComposeResult:
        """Two charts and the legend."""
        with Horizontal():
            yield Chart(id="loss", classes="pane")
            yield Chart(id="accuracy", classes="pane")
        yield Legend(id="legend")

    def on_chart_resized(self) -> None:
        """Draw for the new size once the sizes have settled."""
        if self._redraw is not None:
            self._redraw.stop()
        self._redraw = self.set_timer(RESIZE_DELAY_S, self.draw)

    def draw_when_due(self) -> None:
        """Draw one chart that has changed, unless the last drawing was too recent for what it cost."""
        if self._clock() >= self._next_at:
            self._account(self._draw_chart("loss") or self._draw_chart("accuracy"))
            self._show_legend()

    def draw(self) -> None:
        """Draw what has changed, now."""
        self._account(self._draw_chart("loss") + self._draw_chart("accuracy"))
        self._show_legend()

    def select(self, selection: Selection) -> None:
        """Draw something else."""
        self.selection = selection
        self.draw()

    def show_alone(self, run_id: str | None) -> None:
        """Draw one run only, or all again."""
        self.select(replace(self.selection, alone=run_id))

    def turn_log(self) -> None:
        """Loss on the other kind of axis."""
        self.is_log = not self.is_log
        self.draw()

    def _draw_chart(self, quantity: Quantity) -> float:
        """Returns the processor seconds; 0 where nothing has changed or the chart cannot be seen."""
        chart = self.query_one(f"#{quantity}", Chart)
        is_log = self.is_log and quantity == "loss"
        chart.empty_text = _empty_text(quantity, has_runs=bool(self.board.runs))
        chart.border_title = _title(quantity, self.selection.axis, is_log=is_log, width=chart.size.width)
        if not chart.is_on_screen or not chart.content_size.area:
            return 0.0
        series = chart_series(self.board, quantity, self.selection)
        revision = (fingerprint(series), self.selection, tuple(self.board.overlay.shown), chart.empty_text)
        return chart.show(series, log_y=is_log, limits=limits_from_zero(series), revision=revision)

    def _account(self, cost_s: float) -> None:
        if cost_s:
            self._next_at = self._clock() + max(MIN_INTERVAL_S, COST_FACTOR * cost_s)

    def _show_legend(self) -> None:
        runs, overlay = selected_runs(self.board, self.selection), self.board.overlay
        lines = [*self.query_one("#loss", Chart).series, *self.query_one("#accuracy", Chart).series]
        named = zip(runs, short_names(runs), strict=True)
        self.query_one(Legend).show(
            [(overlay.slot(run.run_id) or 0, overlay.marker(run.run_id), name) for run, name in named],
            drawn_patterns(lines),
        )


def _empty_text(quantity: Quantity, *, has_runs: bool) -> str:
    if not has_runs:
        return "Press enter on a preset\nto start a run."
    return "The first points\ncome soon." if quantity == "loss" else "The first points come\nwith the first epoch."


def _title(quantity: Quantity, axis: Axis, *, is_log: bool, width: int) -> str:
    """With the x axis where there is room for it."""
    name = "5 Accuracy %" if quantity == "accuracy" else "4 Log loss" if is_log else "4 Loss"
    title = f"{name} over {X_LABELS[axis]}"
    return title if len(title) + 4 <= width else name

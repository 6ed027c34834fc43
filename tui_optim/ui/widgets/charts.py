"""The loss and a second quantity side by side with one legend, redrawn no more often than their cost allows."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from tui_optim.report.series import AXIS_NAMES, Axis, Quantity
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.charts import ChartSeries, Pointer
from tui_optim.ui.curves import (
    Entry,
    Parting,
    Selection,
    chart_series,
    drawn_patterns,
    entries_of,
    fingerprint,
    legend_names,
    limits_from_zero,
    parting_of,
    parting_remark,
    spread_remark,
)
from tui_optim.ui.marks import command_pointers, command_remark
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend

MIN_INTERVAL_S = 0.25
RESIZE_DELAY_S = 0.03
BREATH_S = 0.01
LOST_AFTER_S = 2.0
"""Textual drops a timer that is late by its interval, on a busy machine: what has not been drawn by then is asked for anew."""
SECOND: tuple[Quantity, ...] = ("accuracy", "gap", "lr")
"""What the second chart can show, the first that the runs have unless the user turns it."""
_NAMES: dict[Quantity, str] = {"loss": "4 Loss", "accuracy": "5 Accuracy %", "gap": "5 Gap", "lr": "5 Learning rate"}
_LOG_NAMES: dict[Quantity, str] = {**_NAMES, "loss": "4 Log loss", "gap": "5 Log gap"}
COST_FACTOR = 25.0
"""After a drawing that took t seconds of processor time, none for this many times t: 4 % of a core."""


class ChartsView(Vertical):
    """The charts of what is shown."""

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
        """Whether the loss, or the gap, is on a logarithmic axis."""
        self._second: Quantity | None = None
        """What the user turned the second chart to."""
        self._clock = clock
        self._next_at = 0.0
        self._cost_s = 0.0
        self._waiting: list[Quantity] = []
        self._asked_at = 0.0
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Two charts and the legend; the second has the name of what it shows first."""
        with Horizontal():
            yield Chart(id="loss", classes="pane")
            yield Chart(id="accuracy", classes="pane")
        yield Legend(id="legend")

    @property
    def drawn(self) -> tuple[Quantity, Quantity]:
        """What the two charts show."""
        choices = self._choices
        return "loss", self._second if self._second in choices else choices[0]

    def quantity_of(self, chart: Chart) -> Quantity:
        """What one of the charts shows."""
        return self.drawn[chart.id != "loss"]

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what the board knows."""
        return not self._waiting and not any(map(self._is_stale, self.drawn))

    def on_drawing_resized(self) -> None:
        """Draw for the new size once the sizes have settled."""
        self.draw(after_s=RESIZE_DELAY_S)

    def draw_when_due(self) -> None:
        """Draw what has changed, unless the last drawing was too recent for what it cost, or nobody could see it."""
        above = self.app.screen_stack[self.app.screen_stack.index(self.screen) + 1 :]
        if not all(screen.is_modal for screen in above):
            return
        is_under_way = bool(self._waiting) and self._clock() < self._asked_at + LOST_AFTER_S
        if not is_under_way and self._clock() >= self._next_at and any(map(self._is_stale, self.drawn)):
            self.draw()

    def draw(self, *, after_s: float = BREATH_S) -> None:
        """Draw what has changed, soon; titles and legend at once, so that a key is answered before the lines are drawn."""
        self._show_words()
        self._waiting, self._cost_s, self._asked_at = list(self.drawn), 0.0, self._clock()
        self._start_timer(after_s)

    def select(self, selection: Selection) -> None:
        """Draw something else."""
        self.selection = selection
        self.draw()

    def show_alone(self, run_id: str | None) -> None:
        """Draw one run only, or all again."""
        self.select(replace(self.selection, alone=run_id))

    def turn_second(self) -> None:
        """Another quantity beside the loss: of accuracy and gap what the runs have, and the learning rate."""
        choices = self._choices
        self._second = choices[(choices.index(self.drawn[1]) + 1) % len(choices)]
        self.draw()

    def turn_log(self) -> None:
        """Loss on the other kind of axis."""
        self.is_log = not self.is_log
        self.draw()

    def _start_timer(self, after_s: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(after_s, self._draw_next)

    def _draw_next(self) -> None:
        """Draw one chart; the next one comes after a breath in which keys are answered."""
        if self._waiting:
            self._cost_s += self._draw_chart(self._waiting.pop(0))
            self._start_timer(BREATH_S)
            return
        self._show_words()
        self._next_at = self._clock() + max(MIN_INTERVAL_S, COST_FACTOR * self._cost_s)

    def _draw_chart(self, quantity: Quantity) -> float:
        chart, series = self._chart(quantity), self._series(quantity)
        revision = self._revision(quantity, series)
        if chart.drawn == revision:
            return 0.0
        parting = self._parting(quantity)
        return chart.draw(
            series,
            log_y=self._is_log(quantity),
            limits=limits_from_zero(series),
            pointers=[*([parting.pointer] if parting else []), *self._command_pointers()],
            revision=revision,
        )

    def _is_stale(self, quantity: Quantity) -> bool:
        chart = self._chart(quantity)
        if not chart.is_on_screen or not chart.content_size.area:
            return False
        return chart.drawn != self._revision(quantity, self._series(quantity))

    def _revision(self, quantity: Quantity, series: Sequence[ChartSeries]) -> Hashable:
        chart = self._chart(quantity)
        shown = (quantity, self.selection, tuple(self.board.overlay.entries), self._is_log(quantity), chart.empty_text)
        marks = tuple(self._command_pointers())
        return (fingerprint(series), shown, marks, chart.content_size, self.app.theme)

    def _is_log(self, quantity: Quantity) -> bool:
        return self.is_log and quantity in ("loss", "gap")

    def _chart(self, quantity: Quantity) -> Chart:
        return self.query_one("#loss" if quantity == "loss" else "#accuracy", Chart)

    @property
    def _choices(self) -> tuple[Quantity, ...]:
        """What the second chart can show of the settings on it."""
        scenarios = [entry.seeds.spec.scenario_info for entry in self._entries()]
        present = {"lr"}
        present |= {"gap"} if any(one.quadratic for one in scenarios) else set()
        present |= {"accuracy"} if "gap" not in present or any(one.has_accuracy for one in scenarios) else set()
        return tuple(one for one in SECOND if one in present)

    def _show_words(self) -> None:
        for quantity in self.drawn:
            chart = self._chart(quantity)
            chart.empty_text = _empty_text(quantity, has_runs=bool(self.board.listed), shown=self.board.shown())
            is_log = self._is_log(quantity)
            chart.name_it(_title(quantity, self.selection.axis, is_log=is_log, width=chart.size.width))
        lines = [line for quantity in self.drawn for line in self._chart(quantity).series]
        entries, selection = self._entries(), self.selection
        remarks = [
            spread_remark(entries, selection.spread),
            parting_remark({one: self._parting(one) for one in self.drawn}),
            command_remark(entries),
        ]
        self.query_one(Legend).show(legend_names(entries, selection), drawn_patterns(lines, selection), remarks=remarks)

    def _command_pointers(self) -> list[Pointer]:
        return command_pointers(self._entries(), self.selection.axis)

    def _entries(self) -> list[Entry]:
        return entries_of(self.board, self.board.overlay, alone=self.selection.alone)

    def _series(self, quantity: Quantity) -> list[ChartSeries]:
        return chart_series(self._entries(), quantity, self.selection, self.board.bands)

    def _parting(self, quantity: Quantity) -> Parting | None:
        return parting_of(self._entries(), quantity, self.selection, self.board.bands)


def _empty_text(quantity: Quantity, *, has_runs: bool, shown: Sequence[StoredRun]) -> str:
    """What stands where there is nothing to draw yet, or ever."""
    if not has_runs:
        return "Press enter on a preset\nto start a run."
    if quantity == "accuracy" and shown and not any(run.info.spec.scenario_info.has_accuracy for run in shown):
        return "No accuracy here:\nthere are no classes."
    return "The first points\ncome soon." if quantity != "accuracy" else "The first points come\nwith the first epoch."


def _title(quantity: Quantity, axis: Axis, *, is_log: bool, width: int) -> str:
    """With the x axis in as many words as there is room for."""
    name = (_LOG_NAMES if is_log else _NAMES)[quantity]
    label = AXIS_NAMES[axis]
    short = label.replace("gradient evaluations", "grad. evals")
    titles = (f"{name} over {label}", f"{name} over {short}", f"{name}, {short}")
    return next((title for title in titles if len(title) + 4 <= width), name)

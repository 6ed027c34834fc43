"""The loss and a second quantity side by side with one legend."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from tui_optim.report.ranges import Range
from tui_optim.report.series import AXIS_NAMES, Quantity
from tui_optim.ui.board import Board
from tui_optim.ui.charting.commands import command_pointers, command_remark
from tui_optim.ui.charting.curves import (
    Entry,
    Parting,
    Selection,
    chart_series,
    drawn_patterns,
    entries_of,
    fingerprint,
    legend_names,
    parting_of,
    parting_remark,
    place_text,
    scenario_remark,
    spread_remark,
)
from tui_optim.ui.charting.ends import crosses
from tui_optim.ui.charting.marks import Pointer
from tui_optim.ui.charting.pages import empty_text, pages_of, title_of
from tui_optim.ui.charting.readout import Readout, columns_at
from tui_optim.ui.charting.series import ChartLimits, ChartSeries
from tui_optim.ui.charting.turns import DrawingTurns
from tui_optim.ui.charting.view import ChartView, extent_of, has_line_in, view_words
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.layout import Pane
from tui_optim.ui.once import once
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.chart_keys import ChartKeys
from tui_optim.ui.widgets.legend import Legend

RESIZE_DELAY_S = 0.03
BREATH_S = 0.01
"""Between two drawings: keys are answered in it."""
CURSOR = "┊"


class ChartsView(ChartKeys):
    """The charts of what is shown."""

    DEFAULT_CSS = """
    ChartsView { height: 1fr; }
    ChartsView > Horizontal { height: 1fr; }
    ChartsView Chart { width: 1fr; height: 1fr; }
    """

    class Maximise(Message):
        """One of the charts is to be shown alone, or all again."""

    def __init__(self, board: Board, *, clock: Callable[[], float] = time.monotonic, id: str | None = None) -> None:
        """Show the runs of a board."""
        super().__init__(id=id)
        self.board = board
        self.selection = Selection()
        self.view = ChartView()
        self.turns = DrawingTurns(clock=clock)
        self._scenario_id = ""
        self._second: Quantity | None = None
        """What the user turned the second chart to."""
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
    def chosen_second(self) -> Quantity | None:
        """What the user turned the second chart to."""
        return self._second

    def begin_with(self, selection: Selection, view: ChartView, *, second: Quantity | None) -> None:
        """Draw as it was left."""
        self.selection, self.view, self._second = selection, view, second
        self.draw()

    @property
    def current(self) -> Quantity:
        """What the chart with the focus shows; the loss where none has it."""
        return self.drawn[self._chart(self.drawn[1]).has_focus]

    @property
    def extent(self) -> Range:
        """From where to where x goes, over both charts."""
        return extent_of(self._all_series(), is_log=self.view.is_log_x)

    @property
    def has_points(self) -> bool:
        """Whether there is anything to look at."""
        return any(len(line.xs) for line in self._all_series())

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what the board knows."""
        return self.turns.is_over and not any(map(self._is_stale, self.drawn))

    def on_drawing_resized(self) -> None:
        """Draw for the new size once the sizes have settled."""
        self.draw(after_s=RESIZE_DELAY_S)

    def draw_when_due(self) -> None:
        """Draw what has changed, unless the last drawing was too recent for what it cost, or nobody could see it."""
        above = self.app.screen_stack[self.app.screen_stack.index(self.screen) + 1 :]
        if not all(screen.is_modal for screen in above):
            return
        if self.turns.may_begin and any(map(self._is_stale, self.drawn)):
            self.draw()

    def draw(self, *, after_s: float = BREATH_S) -> None:
        """Draw what has changed, soon; titles and legend at once, so that a key is answered before the lines are drawn."""
        if self.view.cursor is not None:
            lines = [line for line in self._all_series() if len(line.xs)]
            self.view = self.view.on_data(extent_of(lines, is_log=self.view.is_log_x)) if lines else self.view
        self._show_words()
        self.turns.begin(self.drawn)
        self._start_timer(after_s)

    def select(self, selection: Selection) -> None:
        """Draw something else."""
        self.selection = selection
        self.draw()

    def tell_scenario(self, scenario_id: str) -> None:
        """Which scenario the title line names: curves of another one are said to be of it."""
        if scenario_id != self._scenario_id:
            self._scenario_id = scenario_id
            self._show_words()

    def show_alone(self, run_id: str | None) -> None:
        """Draw one run only, or all again."""
        self.select(replace(self.selection, alone=run_id))

    def change(self, view: ChartView) -> None:
        """Draw another view."""
        if view != self.view:
            self.view = view
            self.draw()

    def turn_axis(self) -> None:
        """Another x; window and cursor keep their shares of the way."""
        before = self.extent
        self.selection = self.selection.with_next_axis()
        self.view = self.view.on_other_axis(before, self.extent)
        self.draw()

    def turn_second(self, by: int = 1) -> None:
        """Another quantity beside the loss, of those that the runs can have."""
        choices = self._choices
        self._second = choices[(choices.index(self.drawn[1]) + by) % len(choices)]
        self.draw()

    def turn_log(self) -> None:
        """Loss on the other kind of axis."""
        self.change(replace(self.view, is_log_y=not self.view.is_log_y))

    def action_maximise(self) -> None:
        """One chart alone, and back."""
        self.post_message(self.Maximise())

    def _start_timer(self, after_s: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = once(self, after_s, self._draw_next)

    def _draw_next(self) -> None:
        """Draw one chart; the next one comes after a breath in which keys are answered."""
        if not self.query(Chart):  # the screen is being taken down
            return
        quantity = self.turns.take()
        if quantity is not None:
            self.turns.spend(self._draw_chart(quantity))
            self._start_timer(BREATH_S)
            return
        self._show_words()
        self.turns.rest()

    def _draw_chart(self, quantity: Quantity) -> float:
        chart, series = self._chart(quantity), self._series(quantity)
        revision = self._revision(quantity, series)
        if chart.drawn == revision:
            return 0.0
        return chart.draw(
            series,
            log_x=self.view.is_log_x,
            log_y=self.view.is_log_y_of(quantity),
            limits=ChartLimits(x=self.view.window(self.extent), y=self.view.y_of(quantity)),
            clips_outliers=self.view.clips_outliers,
            pointers=[*self._pointers(quantity), *self._command_pointers()],
            revision=revision,
        )

    def _pointers(self, quantity: Quantity) -> list[Pointer]:
        """The cursor, where two bands part, and where runs died."""
        parting, cursor = self._parting(quantity), self.view.cursor
        found = [Pointer(x=cursor, marker=CURSOR, is_tall=True)] if cursor is not None else []
        found += [parting.pointer] if parting else []
        return [*found, *crosses(self._entries(), quantity, self.selection, smoothing=self.view.smoothing)]

    def _is_stale(self, quantity: Quantity) -> bool:
        chart = self._chart(quantity)
        if not chart.is_on_screen or not chart.content_size.area:
            return False
        return chart.drawn != self._revision(quantity, self._series(quantity))

    def _revision(self, quantity: Quantity, series: Sequence[ChartSeries]) -> Hashable:
        chart = self._chart(quantity)
        ends = tuple(run.status.state for entry in self._entries() for run in entry.seeds.runs)
        shown = (quantity, self.selection, self.view, tuple(self.board.overlay.entries), ends, chart.empty_text)
        extent = self.extent if self.view.x is None else None
        marks = tuple(self._command_pointers())
        return (fingerprint(series), shown, marks, extent, chart.content_size, self.app.theme)

    def _chart(self, quantity: Quantity) -> Chart:
        return self.query_one("#loss" if quantity == "loss" else "#accuracy", Chart)

    @property
    def _choices(self) -> tuple[Quantity, ...]:
        """What the second chart can show of the settings on it."""
        return pages_of([entry.seeds.spec.scenario_info for entry in self._entries()])

    def _show_words(self) -> None:
        for quantity in self.drawn:
            chart, view = self._chart(quantity), self.view
            nothing = empty_text(
                quantity,
                split=self.selection.split,
                has_runs=bool(self.board.listed),
                shown=self.board.shown(),
            )
            chart.empty_text = with_keys(self.app, nothing)
            is_smooth = any(line.is_behind for line in chart.series)
            is_empty = bool(chart.series) and not has_line_in(view, quantity, chart.series)
            words = view_words(view, quantity, is_smooth=is_smooth, num_outside=chart.num_outside, is_empty=is_empty)
            is_log_x, is_log_y = view.is_log_x, view.is_log_y_of(quantity)
            pane, axis, width = (
                Pane.LOSS if quantity == "loss" else Pane.ACCURACY,
                self.selection.axis,
                chart.size.width,
            )
            key = with_keys(self.app, pane.key)
            chart.name_it(title_of(quantity, axis, words, key=key, is_log_x=is_log_x, is_log_y=is_log_y, width=width))
        lines = [line for quantity in self.drawn for line in self._chart(quantity).series]
        entries, selection = self._entries(), self.selection
        remarks = [
            scenario_remark(entries, self._scenario_id),
            spread_remark(entries, selection.spread),
            parting_remark({one: self._parting(one) for one in self.drawn}),
            command_remark(entries),
        ]
        names, patterns = legend_names(entries, selection), drawn_patterns(lines, selection)
        self.query_one(Legend).show(names, patterns, remarks=remarks, readout=self._readout())

    def _readout(self) -> Readout | None:
        """What the curves that are on the screen have at the cursor, those of the focused chart first."""
        x = self.view.cursor
        if x is None:
            return None
        columns = [
            column
            for quantity in sorted(self.drawn, key=lambda one: one != self.current)
            if self._chart(quantity).display
            for column in columns_at(x, quantity, self._series(quantity), self.selection.patterns_of(quantity))
        ]
        place = f"{CURSOR} {place_text(x)} {AXIS_NAMES[self.selection.axis]}"
        return Readout(place=place, columns=tuple(columns))

    def _command_pointers(self) -> list[Pointer]:
        return command_pointers(self._entries(), self.selection.axis)

    def _entries(self) -> list[Entry]:
        return entries_of(self.board, self.board.overlay, alone=self.selection.alone)

    def _series(self, quantity: Quantity) -> list[ChartSeries]:
        entries, smoothing = self._entries(), self.view.smoothing
        return chart_series(entries, quantity, self.selection, self.board.bands, smoothing=smoothing)

    def _all_series(self) -> list[ChartSeries]:
        return [line for quantity in self.drawn for line in self._series(quantity)]

    def _parting(self, quantity: Quantity) -> Parting | None:
        return parting_of(self._entries(), quantity, self.selection, self.board.bands)

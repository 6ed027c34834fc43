"""The loss and a second quantity side by side with one legend."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.timer import Timer

from tui_optim.report.ranges import Range
from tui_optim.report.series import Quantity
from tui_optim.ui.board import Board
from tui_optim.ui.charting.contents import Contents
from tui_optim.ui.charting.curves import Selection, drawn_patterns, legend_names
from tui_optim.ui.charting.pages import empty_text, pages_of, title_of
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


class ChartsView(ChartKeys):
    """The charts of what is shown."""

    DEFAULT_CSS = """
    ChartsView { height: 1fr; }
    ChartsView > Horizontal { height: 1fr; }
    ChartsView Chart { width: 1fr; height: 1fr; }
    """

    class Maximise(Message):
        """One of the charts is to be shown alone, or all again."""

    def __init__(self, board: Board, *, id: str | None = None) -> None:
        """Show the runs of a board."""
        super().__init__(id=id)
        self.board = board
        self.selection = Selection()
        self.view = ChartView()
        self.turns = DrawingTurns(clock=time.monotonic)
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
        return self._contents.extent(*self.drawn)

    @property
    def has_points(self) -> bool:
        """Whether there is anything to look at."""
        return any(len(line.xs) for line in self._contents.series(*self.drawn))

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
            lines = [line for line in self._contents.series(*self.drawn) if len(line.xs)]
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
        chart, series = self._chart(quantity), self._contents.series(quantity)
        revision = self._revision(quantity, series)
        if chart.drawn == revision:
            return 0.0
        return chart.draw(
            series,
            log_x=self.view.is_log_x,
            log_y=self.view.is_log_y_of(quantity),
            limits=ChartLimits(x=self.view.window(self.extent), y=self.view.y_of(quantity)),
            clips_outliers=self.view.clips_outliers,
            pointers=self._contents.pointers(quantity),
            revision=revision,
        )

    def _is_stale(self, quantity: Quantity) -> bool:
        chart = self._chart(quantity)
        if not chart.is_on_screen or not chart.content_size.area:
            return False
        return chart.drawn != self._revision(quantity, self._contents.series(quantity))

    def _revision(self, quantity: Quantity, series: Sequence[ChartSeries]) -> Hashable:
        chart = self._chart(quantity)
        extent = self.extent if self.view.x is None else None
        shown = self._contents.revision(quantity, series)
        return (shown, extent, chart.empty_text, chart.content_size, self.app.theme)

    def _chart(self, quantity: Quantity) -> Chart:
        return self.query_one("#loss" if quantity == "loss" else "#accuracy", Chart)

    @property
    def _choices(self) -> tuple[Quantity, ...]:
        """What the second chart can show of the settings on it."""
        return pages_of([entry.seeds.spec.scenario_info for entry in self._contents.entries])

    @property
    def _contents(self) -> Contents:
        return Contents(board=self.board, selection=self.selection, view=self.view)

    def _show_words(self) -> None:
        """Titles and legend."""
        for quantity in self.drawn:
            self._show_title(quantity)
        contents, selection = self._contents, self.selection
        lines = [line for quantity in self.drawn for line in self._chart(quantity).series]
        on_screen = [one for one in self.drawn if self._chart(one).display]
        self.query_one(Legend).show(
            legend_names(contents.entries, selection),
            drawn_patterns(lines, selection),
            remarks=contents.remarks(self.drawn, titled=self._scenario_id),
            readout=contents.readout(sorted(on_screen, key=lambda one: one != self.current)),
        )

    def _show_title(self, quantity: Quantity) -> None:
        """What a chart is called, and what it says while it is empty."""
        chart, view, selection = self._chart(quantity), self.view, self.selection
        has_runs, shown = bool(self.board.listed), self.board.shown()
        nothing = empty_text(quantity, split=selection.split, has_runs=has_runs, shown=shown)
        chart.empty_text = with_keys(self.app, nothing)
        words = view_words(
            view,
            quantity,
            is_smooth=any(line.is_behind for line in chart.series),
            num_outside=chart.num_outside,
            is_empty=bool(chart.series) and not has_line_in(view, quantity, chart.series),
        )
        pane = Pane.LOSS if quantity == "loss" else Pane.ACCURACY
        title = title_of(
            quantity,
            selection.axis,
            words,
            key=with_keys(self.app, pane.key),
            is_log_x=view.is_log_x,
            is_log_y=view.is_log_y_of(quantity),
            width=chart.size.width,
        )
        chart.name_it(title)

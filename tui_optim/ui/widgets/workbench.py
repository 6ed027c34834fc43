"""Arranges the panes: which are shown at this size, which is current, what the user has hidden."""

from dataclasses import replace

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget

from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.layout import CHARTS, CHOOSING, Layout, Pane, View, arrange
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.choosing import ChoosingPanes
from tui_optim.ui.widgets.tabs import TabStrip
from tui_optim.ui.widgets.watching import WatchingPanes

_WIDGETS = {
    Pane.SCENARIOS: "#scenarios",
    Pane.PRESETS: "#presets",
    Pane.DETAILS: "#details",
    Pane.LOSS: "#loss",
    Pane.ACCURACY: "#accuracy",
    Pane.RUNS: "#runs",
    Pane.LOG: "#log",
}


class Workbench(Horizontal):
    """All panes."""

    DEFAULT_CSS = """
    Workbench {
        height: 1fr;
        #left { width: 38; }
        #choose { height: 1fr; }
        #scenarios { height: auto; max-height: 8; }
        #presets, #details { height: 1fr; }
        #details { height: 1.2fr; }
        #runs { height: 34%; min-height: 6; }
        #log { height: 7; }
        .pane {
            border: round $border-blurred;
            border-title-color: $quiet;
            border-subtitle-color: $quiet;
        }
        .pane:focus, .pane:focus-within {
            border: round $border;
            border-title-color: $primary;
            border-title-style: bold;
        }
        &.-wide #left { width: 84; layout: horizontal; }
        &.-wide #choose { width: 38; height: 1fr; }
        &.-wide #details { width: 1fr; height: 1fr; }
        &.-compact {
            #left { width: 29; margin-right: 1; }
            .pane { border: none; border-top: solid $border-blurred; }
            .pane:focus, .pane:focus-within { border: none; border-top: solid $border; }
            .tabbed, .tabbed:focus-within { border: none; border-bottom: solid $border-blurred; }
            .tabbed:focus-within { border-bottom: solid $border; }
            #runs { height: 38%; }
            #run-table { scrollbar-size: 0 0; }
        }
        &.-compact #scenarios, &.-single #scenarios { height: 1fr; max-height: 100%; }
        &.-single #left { width: 1fr; margin: 0; }
        &.-single #runs, &.-single #log { height: 1fr; min-height: 0; }
        &.-log-instead #log { height: 38%; }
    }
    """

    class Moved(Message):
        """Another pane is current, or the arrangement has changed."""

    def __init__(self, board: Board, launcher: Launcher, *, id: str | None = None) -> None:
        """Panes over the runs of a board and what a launcher can start."""
        super().__init__(id=id)
        self.board = board
        self.launcher = launcher
        self.view = View()
        self.arrangement: Layout = arrange(80, 24, self.view)

    def compose(self) -> ComposeResult:
        """Choosing at the left, watching at the right."""
        yield ChoosingPanes(self.launcher, id="left")
        yield WatchingPanes(self.board, id="right")

    def on_mount(self) -> None:
        """Name the panes."""
        for pane in Pane:
            self._name_pane(pane)

    def name_panes(self) -> None:
        """Name them anew, each with the key that goes there; charts and runs say more, and do so themselves."""
        for pane in (*CHOOSING, Pane.LOG):
            self._name_pane(pane)
        self.query_one(TabStrip).show(self.view.tab)

    def on_resize(self) -> None:
        """Arrange for the new size."""
        self._arrange()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """The pane of the focused widget is current."""
        for pane, selector in _WIDGETS.items():
            widget = self.query_one(selector)
            if widget in event.widget.ancestors_with_self:
                self._set_current(pane)
                return

    def on_charts_view_maximise(self) -> None:
        """The focused chart alone, and back."""
        if not self.view.is_one_chart:
            self.view = replace(self.view, is_one_chart=True)
            self._arrange()
        else:
            self.close_charts()
        self.query_one(ChartsView).draw()

    def go_to(self, pane: Pane) -> None:
        """Make a pane current, shown and focused."""
        view = self.view
        if pane in CHOOSING:
            view = replace(view, is_left_hidden=False, is_charts_only=False, is_one_chart=False)
        elif pane not in CHARTS:
            view = replace(view, is_charts_only=False, is_one_chart=False)
        if pane is Pane.DETAILS:
            view = replace(view, is_details_hidden=False)
        if self.view.is_charts_only and not view.is_charts_only:
            self.query_one(ChartsView).show_alone(None)
        self.view = view
        self._set_current(pane)
        # at once: what `focus` puts off is too late for a key that is typed meanwhile
        self.screen.set_focus(self.query_one(pane.target), scroll_visible=False)

    def step(self, by: int) -> None:
        """Go to the next or the previous pane."""
        panes = CHARTS if self.view.has_charts_only else tuple(Pane)
        if self.view.is_left_hidden and not self.arrangement.is_single:
            panes = tuple(pane for pane in panes if pane not in CHOOSING)
        if self.view.is_details_hidden:
            panes = tuple(pane for pane in panes if pane is not Pane.DETAILS)
        here = panes.index(self.view.current) if self.view.current in panes else -1 if by > 0 else 0
        self.go_to(panes[(here + by) % len(panes)])

    def toggle_left(self) -> None:
        """Hide or show the panes at the left."""
        is_hidden = not self.view.is_left_hidden
        self.view = replace(self.view, is_left_hidden=is_hidden)
        if is_hidden and self.view.current in CHOOSING:
            self.go_to(Pane.RUNS)
        self._arrange()

    def toggle_details(self) -> None:
        """Hide or show the details; where the left is tabs, turn to them and back."""
        if self.arrangement.has_tabs or self.arrangement.is_single:
            self.go_to(Pane.PRESETS if self.view.current is Pane.DETAILS else Pane.DETAILS)
            return
        is_hidden = not self.view.is_details_hidden
        self.view = replace(self.view, is_details_hidden=is_hidden)
        if is_hidden and self.view.current is Pane.DETAILS:
            self.go_to(Pane.PRESETS)
        self._arrange()

    def hide(self, *, left: bool, details: bool) -> None:
        """Hide the panes at the left, or the details; the focus goes where it can be seen."""
        self.view = replace(self.view, is_left_hidden=left, is_details_hidden=details)
        if left and self.view.current in CHOOSING:
            self.go_to(Pane.RUNS)
        self._arrange()

    def open_charts(self, run_id: str | None) -> None:
        """Show the charts alone, of one run or of all shown runs."""
        self.query_one(ChartsView).show_alone(run_id)
        self.view = replace(self.view, is_charts_only=True, is_one_chart=False)
        self.go_to(self.view.current if self.view.current in CHARTS else Pane.LOSS)

    def close_charts(self) -> bool:
        """One layer out: both charts again, then all panes; returns whether charts stood alone."""
        if self.view.is_one_chart:
            self.view = replace(self.view, is_one_chart=False)
            self.go_to(self.view.current)
            return True
        if not self.view.is_charts_only:
            return False
        charts = self.query_one(ChartsView)
        target = Pane.RUNS if charts.selection.alone else self.view.current
        charts.show_alone(None)
        self.view = replace(self.view, is_charts_only=False)
        self.go_to(target)
        return True

    def _name_pane(self, pane: Pane) -> None:
        self.query_one(_WIDGETS[pane]).border_title = with_keys(self.app, pane.name_with_key)

    def _set_current(self, pane: Pane) -> None:
        tab = pane if pane in CHOOSING else self.view.tab
        self.view = replace(self.view, current=pane, tab=tab)
        self._arrange()

    def _arrange(self) -> None:
        arrangement = arrange(self.app.size.width, self.app.size.height, self.view)
        self.arrangement = arrangement
        self.set_class(arrangement.is_wide, "-wide")
        self.set_class(arrangement.is_single, "-single")
        self.set_class(arrangement.is_compact, "-compact")
        self.set_class(not arrangement.is_single and Pane.RUNS not in arrangement.visible, "-log-instead")
        for pane, selector in _WIDGETS.items():
            self._display(self.query_one(selector), pane in arrangement.visible)
        charts = {Pane.LOSS, Pane.ACCURACY} & arrangement.visible
        self._display(self.query_one("#charts"), bool(charts))
        self._display(self.query_one("#choose"), bool({Pane.SCENARIOS, Pane.PRESETS} & arrangement.visible))
        self._display(self.query_one("#left"), bool(set(CHOOSING) & arrangement.visible))
        self._display(self.query_one("#right"), bool(arrangement.visible - set(CHOOSING)))
        strip = self.query_one(TabStrip)
        self._display(strip, arrangement.has_tabs)
        strip.show(self.view.tab)
        self.post_message(self.Moved())

    def _display(self, widget: Widget, is_shown: bool) -> None:
        if widget.display != is_shown:
            widget.display = is_shown

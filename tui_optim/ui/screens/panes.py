"""A screen of panes: moving among them, hiding them, and turning the charts."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_optim.ui.layout import Pane
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.choosing import ChoosingPanes
from tui_optim.ui.widgets.workbench import Workbench


class PaneScreen(Screen[None]):
    """The keys that mean the same in every pane."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "step(1)", "Pane", id="pane.next", show=False, tooltip="next pane"),
        Binding("shift+tab", "step(-1)", "Pane", id="pane.previous", show=False, tooltip="previous pane"),
        *(
            Binding(
                f"{pane.value}",
                f"go_to({pane.value})",
                pane.title,
                id=f"pane.{pane.title.lower()}",
                show=False,
                tooltip=f"go to {pane.title.lower()}",
            )
            for pane in Pane
        ),
        Binding("left_square_bracket", "toggle_left", "Lists", id="left", show=False, tooltip="hide or show the lists"),
        Binding("right_square_bracket", "toggle_details", "Details", id="right", show=False, tooltip="hide or show details"),
        Binding("z", "charts_alone", "Charts", id="chart.alone", show=False, tooltip="charts alone, and back"),
        Binding("x", "turn_axis", "X axis", id="chart.axis", show=False, tooltip="turn x: epochs, steps, seconds, cost"),
        Binding("y", "log_loss", "Log y", id="chart.log", show=False, tooltip="loss on a logarithmic axis, and back"),
        Binding("m", "turn_second", "Measure", id="chart.second", show=False, tooltip="second chart: the next page"),
        Binding("v", "turn_split", "Splits", id="chart.split", show=False, tooltip="all splits, or one of train, val, test"),
        Binding("b", "turn_spread", "Bands", id="chart.band", show=False, tooltip="seeds: ± sd, range, quartiles, CI, all runs"),
    ]  # fmt: skip

    @property
    def workbench(self) -> Workbench:
        """The panes."""
        return self.query_one(Workbench)

    @property
    def choosing(self) -> ChoosingPanes:
        """Those at the left."""
        return self.query_one(ChoosingPanes)

    @property
    def charts(self) -> ChartsView:
        """The charts among them."""
        return self.query_one(ChartsView)

    def action_go_to(self, pane: int) -> None:
        """Go to a pane."""
        self.workbench.go_to(Pane(pane))

    def action_step(self, by: int) -> None:
        """Go to the next or previous pane."""
        self.workbench.step(by)

    def action_toggle_left(self) -> None:
        """Hide or show the lists."""
        self.workbench.toggle_left()

    def action_toggle_details(self) -> None:
        """Hide or show the details."""
        self.workbench.toggle_details()

    def action_charts_alone(self) -> None:
        """Show the charts alone, and back."""
        if not self.workbench.close_charts():
            self.workbench.open_charts(None)

    def action_turn_second(self) -> None:
        """Show another quantity beside the loss."""
        self.charts.turn_second()

    def action_turn_axis(self) -> None:
        """Turn the x axis."""
        self.charts.turn_axis()

    def action_turn_split(self) -> None:
        """Show other splits."""
        self.charts.select(self.charts.selection.with_next_split())

    def action_turn_spread(self) -> None:
        """Show the seeds of a setting as another kind of band, or one by one."""
        self.charts.select(self.charts.selection.with_next_spread())

    def action_log_loss(self) -> None:
        """Loss on the other kind of axis."""
        self.charts.turn_log()

"""The keys of the charts: each makes another view of the curves."""

from abc import abstractmethod
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tui_optim.report.ranges import Range
from tui_optim.report.series import Quantity
from tui_optim.ui.charting.pages import name_of
from tui_optim.ui.charting.view import EXAMPLE, ZOOM, ChartView
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.screens.edit import EditScreen

STEP, LEAP, PAN = 0.01, 0.1, 0.25
"""Shares of what is shown by which the cursor and the window move."""


class ChartKeys(Vertical):
    """Turns keys into views; whoever draws says what is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "maximise", "Maximise", key_display="enter", id="chart.maximise", tooltip="this chart alone, and back"),
        Binding("plus,equals_sign", "zoom(1)", "Zoom", key_display="+", id="chart.zoom-in", tooltip="zoom in, around the cursor"),
        Binding("minus", "zoom(-1)", "Out", show=False, id="chart.zoom-out", tooltip="zoom out"),
        Binding("h", "pan(-1)", "Left", show=False, id="chart.left", tooltip="zoomed: what lies at the left"),
        Binding("l", "pan(1)", "Right", show=False, id="chart.right", tooltip="zoomed: what lies at the right"),
        Binding("0", "reset", "All", show=False, id="chart.reset", tooltip="all of the curves again, following them"),
        Binding("left", "move_cursor(-1)", "Cursor", show=False, id="chart.cursor-left", tooltip="read values off, moving left"),
        Binding("right", "move_cursor(1)", "Cursor", show=False, id="chart.cursor-right", tooltip="the same to the right"),
        Binding("shift+left", "leap(-1)", "Leap", show=False, id="chart.leap-left", tooltip="the cursor by a tenth to the left"),
        Binding("shift+right", "leap(1)", "Leap", show=False, id="chart.leap-right", tooltip="the same to the right"),
        Binding("full_stop", "smooth(1)", "Smooth", key_display=".", id="chart.smoother", tooltip="smooth more: EMA, raw behind"),
        Binding("comma", "smooth(-1)", "Rougher", show=False, id="chart.rougher", tooltip="smooth less"),
        Binding("n", "turn_page(1)", "Page", id="chart.next", tooltip="second chart: rate, gradient norm, examples/s, …"),
        Binding("N", "turn_page(-1)", "Page", show=False, id="chart.previous", tooltip="the one before"),
        Binding("Y", "log_x", "Log x", show=False, id="chart.log-x", tooltip="logarithmic x, and back"),
        Binding("L", "ask_limits", "Limits", show=False, id="chart.limits", tooltip="type the limits of the axes"),
        Binding("C", "clip", "Outliers", show=False, id="chart.outliers", tooltip="extreme values set the limits too, and back"),
    ]  # fmt: skip

    view = ChartView()

    @abstractmethod
    def change(self, view: ChartView) -> None:
        """Draw another view."""

    @property
    @abstractmethod
    def extent(self) -> Range:
        """From where to where x goes."""

    @property
    @abstractmethod
    def has_points(self) -> bool:
        """Whether there is anything to look at."""

    @property
    @abstractmethod
    def current(self) -> Quantity:
        """What the chart with the focus shows."""

    @abstractmethod
    def turn_second(self, by: int = 1) -> None:
        """Another quantity in the second chart."""

    def drop_cursor(self) -> bool:
        """Take the cursor away; returns whether there was one."""
        if self.view.cursor is None:
            return False
        self.change(replace(self.view, cursor=None))
        return True

    def action_zoom(self, by: int) -> None:
        """Show less, or more."""
        if self.has_points:
            self.change(self.view.zoomed(ZOOM if by > 0 else 1.0 / ZOOM, self.extent))

    def action_pan(self, by: int) -> None:
        """Show what lies beside."""
        self.change(self.view.panned(by * PAN, self.extent))

    def action_reset(self) -> None:
        """Show all, and follow."""
        self.change(self.view.reset())

    def action_move_cursor(self, by: int) -> None:
        """Read values off."""
        self._move(by * STEP)

    def action_leap(self, by: int) -> None:
        """The same, further."""
        self._move(by * LEAP)

    def _move(self, share: float) -> None:
        if self.has_points:
            self.change(self.view.with_cursor(share, self.extent))

    def action_smooth(self, by: int) -> None:
        """Smooth more or less."""
        self.change(self.view.with_smoothing(by))

    def action_turn_page(self, by: int) -> None:
        """Turn the second chart."""
        self.turn_second(by)

    def action_log_x(self) -> None:
        """X on the other kind of axis."""
        self.change(replace(self.view, is_log_x=not self.view.is_log_x))

    def action_clip(self) -> None:
        """Let extreme values set the limits, or not."""
        self.change(replace(self.view, clips_outliers=not self.view.clips_outliers))

    def action_ask_limits(self) -> None:
        """Let the user type limits."""
        quantity = self.current
        setting = Setting(
            key="limits",
            text=self.view.limits_text(quantity),
            help=f"What is shown of x, on both charts, and of y ({name_of(quantity)})",
            expected=EXAMPLE,
        )
        self.app.push_screen(
            EditScreen(setting, accept=lambda text: self.change(self.view.with_limits(text, quantity)))
        )

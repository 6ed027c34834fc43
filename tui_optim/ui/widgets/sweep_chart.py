"""The curves of a sweep: the metric against a searched key, or the best so far against the points tried."""

import math
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_optim.report.sweep_curves import SweepCurve
from tui_optim.ui.charting.overlay import MARKERS, MAX_SHOWN
from tui_optim.ui.charting.series import ChartLimits, ChartSeries
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend

LOG_FROM = 4.0
"""Losses whose largest is this many times their smallest are drawn on a logarithmic axis."""
HIGHEST = 30.0
"""What is this many times the best is out of sight: the figure stands in the map, and the curve leaves at the top."""


class QuietChart(Chart, can_focus=False):
    """A chart that is only looked at."""


class SweepChart(Vertical):
    """A chart and its legend."""

    DEFAULT_CSS = """
    SweepChart {
        height: 1fr;
        QuietChart { height: 1fr; border-top: solid $border-blurred; border-title-color: $quiet; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until curves are shown."""
        super().__init__(id=id)
        self._curves: Sequence[SweepCurve] = ()
        self._metric = "val_loss"
        self._against = ""
        self._is_of_points = False

    def compose(self) -> ComposeResult:
        """The lines and their names."""
        yield QuietChart()
        yield Legend()

    def on_mount(self) -> None:
        """Draw anew in another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def on_unmount(self) -> None:
        """Textual would hold on to it, with its whole screen, for as long as the app is open."""
        self.app.theme_changed_signal.unsubscribe(self)

    def show(self, curves: Sequence[SweepCurve], *, metric: str, against: str, is_of_points: bool) -> None:
        """Draw curves; `is_of_points`: each point is a setting that was tried, else they are the best so far."""
        self._curves, self._metric = curves[:MAX_SHOWN], metric
        self._against, self._is_of_points = against, is_of_points
        self._draw()

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self._draw()

    def _draw(self) -> None:
        chart, series = self.query_one(QuietChart), self._series()
        values = [y for one in series for y in one.ys if math.isfinite(y)]
        is_loss = self._metric.endswith("loss")
        is_log_y = is_loss and bool(values) and min(values) > 0 and max(values) >= LOG_FROM * min(values)
        is_log_x = self._is_of_points and all(x > 0 for one in series for x in one.xs)
        limits = ChartLimits(y=(min(values) / 1.1, HIGHEST * min(values)) if is_log_y else None)
        if is_log_y and max(values) < HIGHEST * min(values):
            limits = ChartLimits()
        unit = "" if is_loss else " %"
        what = f"{'' if self._is_of_points else 'best '}{'log ' if is_log_y else ''}{self._metric}{unit}"
        chart.name_it(f"{what} against {self._against}")
        chart.empty_text = "No point has finished yet."
        lines = tuple((tuple(one.xs), tuple(map(repr, one.ys))) for one in series)
        revision = (lines, limits, is_log_x, chart.content_size, self.app.theme)
        if chart.drawn != revision:
            chart.draw(series, log_x=is_log_x, log_y=is_log_y, limits=limits, revision=revision)
        named = [(slot, MARKERS[slot], curve.name) for slot, curve in enumerate(self._curves)]
        self.query_one(Legend).show(named, [])

    def _series(self) -> list[ChartSeries]:
        scale = 1.0 if self._metric.endswith("loss") else 100.0
        found: list[ChartSeries] = []
        for slot, curve in enumerate(self._curves):
            xs, ys = (curve.xs, curve.ys) if self._is_of_points else _stairs(curve)
            scaled = [scale * y for y in ys]
            marker = MARKERS[slot]
            found.append(ChartSeries(xs=xs, ys=scaled, slot=slot, marker=marker, is_each_marked=self._is_of_points))
        return found


def _stairs(curve: SweepCurve) -> tuple[Sequence[float], Sequence[float]]:
    """The best so far stays until another point is better."""
    xs = [x for x in curve.xs for _ in range(2)][1:]
    ys = [y for y in curve.ys for _ in range(2)][:-1]
    return xs, ys

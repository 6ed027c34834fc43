"""A chart of lines, drawn when asked."""

import textwrap
import time
from collections.abc import Hashable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip

from tui_optim.ui.charting.drawing import draw_chart
from tui_optim.ui.charting.marks import FRAME, POINTER, Line, Pointer
from tui_optim.ui.charting.overlay import MAX_SHOWN
from tui_optim.ui.charting.series import BAND, RAW, ChartLimits, ChartSeries
from tui_optim.ui.widgets.strips import Drawing


class Chart(Drawing, can_focus=True):
    """Draws series; does nothing while neither they nor the size change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "screen.turn_axis", "X axis", id="chart.axis"),
        Binding("y", "screen.log_loss", "Log loss", id="chart.log", show=False),
        Binding("m", "screen.turn_second", "Measure", id="chart.second", show=False),
        Binding("v", "screen.turn_split", "Splits", id="chart.split"),
        Binding("b", "screen.turn_spread", "Bands", id="chart.band"),
        Binding("z", "screen.charts_alone", "Alone", id="chart.alone"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "chart--frame",
        "chart--empty",
        "chart--pointer",
        *(f"chart--{part}-{slot}" for slot in range(MAX_SHOWN) for part in ("series", "raw", "band")),
    }
    DEFAULT_CSS = """
    Chart { background: $surface; }
    Chart > .chart--frame { color: $quiet; }
    Chart > .chart--empty { color: $quiet; }
    Chart > .chart--pointer { color: $foreground; }
    """ + "".join(
        f"Chart > .chart--series-{slot} {{ color: $series-{slot}; }}\n"
        f"Chart > .chart--raw-{slot} {{ color: $series-{slot} 40%; }}\n"
        f"Chart > .chart--band-{slot} {{ color: $series-{slot} 70%; }}\n"
        for slot in range(MAX_SHOWN)
    )

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """Empty until `draw` is called."""
        super().__init__(id=id, classes=classes)
        self.series: Sequence[ChartSeries] = ()
        self.empty_text = ""
        """Shown while there is nothing to draw."""
        self.num_outside = 0
        """How many points lie above or below what is shown."""

    def draw(
        self,
        series: Sequence[ChartSeries],
        *,
        log_x: bool = False,
        log_y: bool,
        limits: ChartLimits,
        revision: Hashable,
        clips_outliers: bool = True,
        pointers: Sequence[Pointer] = (),
    ) -> float:
        """Draw the series; returns the processor seconds that it took. `revision` names the picture: `drawn` repeats it."""
        started = time.thread_time()
        self.series, self.drawn = series, revision
        width, height = self.content_size
        if not any(len(one.xs) for one in series):
            self.num_outside = 0
            self.put(self._empty_strips(width, height))
            return time.thread_time() - started
        drawn = draw_chart(
            series,
            width=width,
            height=height,
            log_x=log_x,
            log_y=log_y,
            limits=limits,
            clips_outliers=clips_outliers,
            pointers=pointers,
        )
        self.num_outside, styles = drawn.num_outside, self._styles()
        self.put([_strip(line, styles, width) for line in drawn.lines])
        return time.thread_time() - started

    def _styles(self) -> dict[int, Style]:
        """By slot."""
        series, band, raw = range(MAX_SHOWN), "band", "raw"
        if self.app.native_ansi_color or self.app.console.color_system == "standard":  # nothing can be dimmed there
            band, raw = "series", "band"
        styles = {slot: self.get_component_rich_style(f"chart--series-{slot}") for slot in series}
        styles |= {BAND + slot: self.get_component_rich_style(f"chart--{band}-{slot}") for slot in series}
        styles |= {RAW + slot: self.get_component_rich_style(f"chart--{raw}-{slot}") for slot in series}
        styles[FRAME] = self.get_component_rich_style("chart--frame")
        styles[POINTER] = self.get_component_rich_style("chart--pointer")
        return styles

    def _empty_strips(self, width: int, height: int) -> list[Strip]:
        style = self.get_component_rich_style("chart--empty")
        blank = Strip.blank(width, self.rich_style)
        broken = (
            [part for line in self.empty_text.split("\n") for part in textwrap.wrap(line, width)] if width > 0 else []
        )
        words = [line.center(width) for line in broken]
        top = max(0, (height - len(words)) // 2)
        text = [Strip([Segment(line, style)], width) for line in words]
        return ([blank] * top + text + [blank] * height)[:height]


def _strip(line: Line, styles: dict[int, Style], width: int) -> Strip:
    return Strip([Segment(span.text, styles[span.slot]) for span in line], width)

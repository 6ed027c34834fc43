"""One quantity of an X-ray: its chart, with a legend of its own below."""

from collections.abc import Hashable

from textual.app import ComposeResult
from textual.containers import Vertical

from tui_optim.report.xray import XRayPanel
from tui_optim.ui.charting.curves import limits_from_zero
from tui_optim.ui.charting.xray import drawn_panel
from tui_optim.ui.look.spelling import spelled_text
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend


class XRayPane(Vertical):
    """Draws a panel; does nothing while neither it nor the size changes."""

    DEFAULT_CSS = """
    XRayPane {
        width: 1fr;
        height: 1fr;
        & > Chart {
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
        }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id)
        self.panel: XRayPanel | None = None

    def compose(self) -> ComposeResult:
        """The chart and its legend."""
        chart = Chart()
        chart.can_focus = False
        yield chart
        yield Legend(max_lines=1)

    @property
    def chart(self) -> Chart:
        """The chart."""
        return self.query_one(Chart)

    def show(self, panel: XRayPanel, *, empty_text: str, revision: Hashable) -> None:
        """Draw a panel over the steps; `revision` names the picture, but for the size."""
        self.panel = panel
        chart, drawn = self.chart, drawn_panel(panel)
        spell = spelled_text if is_ascii_only(self.app) else str
        has_lines, note = bool(drawn.series), spell(panel.note)
        chart.name_it(
            f"{panel.title} over steps{', log' if panel.is_log and has_lines else ''}", note if has_lines else ""
        )
        chart.empty_text = note or empty_text
        names = [(slot, marker, spell(name)) for slot, marker, name in drawn.names]
        self.query_one(Legend).show(names, [(pattern, spell(name)) for pattern, name in drawn.rules])
        now = (revision, panel.id, chart.content_size, self.app.theme, chart.empty_text)
        if chart.drawn != now:
            chart.draw(drawn.series, log_y=panel.is_log, limits=limits_from_zero(drawn.series), revision=now)

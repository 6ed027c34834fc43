"""From the panels of an X-ray to the lines of a chart and what its legend says."""

from dataclasses import dataclass

from tui_optim.report.xray import XRayPanel
from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.charting.overlay import MARKERS
from tui_optim.ui.charting.series import ChartSeries

MAX_MARKED = 40
"""Up to so many points each has its marker."""
RULE_SLOT = len(MARKERS) - 1
"""The last colour is that of the rule, in all panels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPanel:
    """A panel as chart and legend take it."""

    series: tuple[ChartSeries, ...]
    names: tuple[tuple[int, str, str], ...]
    """(slot, marker, name) of its lines."""
    rules: tuple[tuple[Pattern, str], ...]
    """(pattern, name) of what they are held against."""


def drawn_panel(panel: XRayPanel) -> DrawnPanel:
    """Lines in the colours and markers of their order, the rule dashed."""
    lines = [line for line in panel.lines if not line.is_rule]
    rules = [line for line in panel.lines if line.is_rule]
    series = [
        ChartSeries(
            xs=line.xs,
            ys=line.ys,
            slot=slot,
            marker=MARKERS[slot],
            version=(line.xs[:1], line.ys),
            is_each_marked=len(line.xs) <= MAX_MARKED,
        )
        for slot, line in enumerate(lines)
    ]
    series += [
        ChartSeries(xs=line.xs, ys=line.ys, slot=RULE_SLOT, pattern="dashed", version=(line.xs[:1], line.ys))
        for line in rules
    ]
    return DrawnPanel(
        series=tuple(series),
        names=tuple((slot, MARKERS[slot], line.name) for slot, line in enumerate(lines)),
        rules=tuple(("dashed", line.name) for line in rules),
    )

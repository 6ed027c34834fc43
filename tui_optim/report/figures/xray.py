"""The X-rays of a run as a figure: six panels over its steps."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_optim.report.cells import plain_text
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around, scenario_title, set_log, set_x
from tui_optim.report.figures.palette import PAPER, QUIET, look
from tui_optim.report.labels import setting_labels
from tui_optim.report.series import RunSeries
from tui_optim.report.xray import XRayPanel, xray_panels
from tui_optim.report.xray_table import xray_cost
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

_ROWS, _COLUMNS = 3, 2
_HEIGHT = 2.2
_WITHIN_DECADE = 10.0
"""Values that span less than this factor are drawn on a linear axis, whose ticks say more."""


def xray_picture(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> Picture:
    """Of the newest of these runs that was X-rayed.

    Raises:
        UsageError: none was.
    """
    run = next((one for one in reversed(runs) if series[one.run_id].xrays), None)
    if run is None:
        raise UsageError("none of these runs was X-rayed: start one with --xray auto")
    spec, own = run.info.spec, series[run.run_id]
    panels = xray_panels(spec, own.xrays)
    name = plain_text(run.label.name) or f"{setting_labels([spec])[0]} s{spec.seed}"
    scenario = scenario_title(spec.scenario, is_sample=spec.data.kind == "sample")
    title = f"X-ray: {name} on {scenario}"
    note = "; ".join([xray_cost(own), *dict.fromkeys(panel.note for panel in panels if panel.note and panel.lines)])

    def draw(figure: "Figure") -> None:
        grid = figure.subplots(_ROWS, _COLUMNS, squeeze=False)
        for panel, axes in zip(panels, [one for row in grid for one in row], strict=True):
            _draw(axes, panel)
        add_surroundings(figure, title=title, looks={}, note=note)

    return Picture(width=WIDTH, height=_ROWS * _HEIGHT + height_around([], note), about=title, draw=draw)


def _draw(axes: "Axes", panel: XRayPanel) -> None:
    axes.set_title(panel.title)
    if not panel.lines:
        set_x(axes, "step")
        axes.text(0.5, 0.5, panel.note, ha="center", va="center", color=QUIET, fontsize=8, transform=axes.transAxes)
        axes.set_yticks([])
        return
    for number, line in enumerate(panel.lines):
        ys = [y if math.isfinite(y) else math.nan for y in line.ys]
        if line.is_rule:
            axes.plot(line.xs, ys, color=QUIET, ls="--", lw=1.0, label=line.name)
            continue
        one = look(number)
        (drawn,) = axes.plot(
            line.xs, ys, color=one.colour, marker=one.marker, ms=3.5, mec=PAPER, mew=0.5, label=line.name
        )
        if one.dashes:
            drawn.set_dashes(tuple(one.dashes))
    values = [y for line in panel.lines for y in line.ys if math.isfinite(y)]
    if panel.is_log and values and min(values) > 0.0 and max(values) / min(values) > _WITHIN_DECADE:
        set_log(axes, "y")
    set_x(axes, "step")  # behind the lines, which say how far it reaches
    axes.legend(loc="best", fontsize=6.5, ncols=2 if len(panel.lines) > 3 else 1, handlelength=2.2)

"""Gaps over steps where the minimum is known, on a logarithmic axis, with what theory says: rates and noise floors."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.bands import BandKind, Seeds, make_band
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, band_note, draw_band, height_around, set_log, set_x
from tui_optim.report.figures.palette import Look
from tui_optim.report.figures.panels import panels_of
from tui_optim.report.pictures.descent import MEASURED, gap_limits, long_run_factor, measured_rate, theories
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import Scenario

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

_DASHES = {"rate": "--", "mean": "--", "floor": ":"}
_HEIGHT = 3.0


def descent_picture(groups: Sequence[Seeds], *, band: BandKind = "sd") -> Picture:
    """A panel for each function; theory is drawn thinner in the colour of its method.

    Raises:
        UsageError: no run is on a function whose minimum is known.
    """
    chosen = [seeds for seeds in groups if seeds.spec.scenario_info.quadratic and seeds.series[0].last_step]
    if not chosen:
        raise UsageError("this figure is of functions whose minimum is known: quadratic-f1, quadratic-f2, scalar-mean")
    panels = panels_of(chosen)
    note = f"{band_note(chosen, band)}; dashed: rate or mean by theory"
    note += "; dotted: noise floor" if any(one.picture == "descent" for one in panels.scenarios) else ""
    note = "; ".join([note, *_rates(chosen, panels.labels)])

    def draw(figure: "Figure") -> None:
        for scenario, axes in panels.on(figure):
            _draw(axes, scenario, panels.of(scenario), band)
        add_surroundings(figure, title="Distance to the minimum and theory", looks=panels.looks, note=note)

    about = f"Gaps of {panels.names} on {panels.titles}"
    return Picture(width=WIDTH, height=_HEIGHT + height_around(list(panels.looks), note), about=about, draw=draw)


def _rates(chosen: Sequence[Seeds], labels: Sequence[str]) -> list[str]:
    """ρ² by theory and as measured, of the methods that have one."""
    found: list[str] = []
    for seeds, label in zip(chosen, labels, strict=True):
        rho, measured = long_run_factor(seeds.spec), measured_rate(seeds.spec, seeds.series[0])
        if rho is not None and measured is not None:
            found.append(f"{label} on {seeds.spec.scenario} {rho * rho:.6g} by theory, {measured:.6g} measured")
    return [f"ρ² a step: {', '.join(found)} (measured {MEASURED})"] if found else []


def _draw(axes: "Axes", scenario: Scenario, here: Sequence[tuple[Seeds, Look]], kind: BandKind) -> None:
    assert scenario.quadratic is not None
    seen: list[float] = []
    for seeds, one in here:
        band = make_band(seeds, "gap", "train", "step", kind=kind)
        has_diverged = any(run.status.state == "diverged" for run in seeds.runs)
        draw_band(axes, band, one, has_diverged=has_diverged)
        seen += band.centre
        for theory in theories(seeds.spec, num_steps=max(series.last_step for series in seeds.series)):
            gaps = [gap if 0 < gap < math.inf else math.nan for gap in theory.gaps]
            axes.plot(theory.steps, gaps, color=one.colour, ls=_DASHES[theory.kind], lw=1.0)
            seen += gaps
    set_x(axes, "step")
    axes.set_ylim(*gap_limits(scenario.quadratic, seen))
    set_log(axes, "y")
    axes.set_title(scenario.title)
    axes.set_ylabel("squared error to y*" if scenario.picture == "descent" else "f − f*")

"""Quadratics of two parameters: level lines with the paths of runs on them, a panel for each function."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.bands import Seeds
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around
from tui_optim.report.figures.palette import INK, PAPER, QUIET, Look
from tui_optim.report.figures.panels import panels_of
from tui_optim.report.pictures.plane import LINE_POINTS, box_of, facts, level_gaps, path_of, window_around
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import Scenario

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

_GROUND = ("#ffffff", "#f6f8fa", "#edf1f5", "#e4eaf0", "#dae3eb", "#d1dce6", "#c8d5e1", "#bfcedc", "#b5c7d7", "#acc0d2")
"""From the minimum outwards."""
_HEIGHT = 3.6


def contour_picture(groups: Sequence[Seeds]) -> Picture:
    """Of each setting the path of its first run: on these functions the seed changes nothing.

    Raises:
        UsageError: no run is on a function of two parameters.
    """
    chosen = [seeds for seeds in groups if seeds.spec.scenario_info.picture == "contour"]
    if not chosen:
        raise UsageError(
            "a contour needs runs on quadratic-f1 or quadratic-f2: tui-optim run quadratic-f1 batch-gd adam"
        )
    panels = panels_of(chosen)
    note = "∘ start, × minimum; the darker, the higher the function"

    def draw(figure: "Figure") -> None:
        for scenario, axes in panels.on(figure):
            _draw(axes, scenario, panels.of(scenario))
        add_surroundings(figure, title="Paths over level lines", looks=panels.looks, note=note)

    about = f"Paths of {panels.names} over the level lines of {panels.titles}"
    return Picture(width=WIDTH, height=_HEIGHT + height_around(list(panels.looks), note), about=about, draw=draw)


def _draw(axes: "Axes", scenario: Scenario, paths: Sequence[tuple[Seeds, Look]]) -> None:
    quadratic = scenario.quadratic
    assert quadratic is not None
    walks = [(path_of(seeds.series[0], quadratic), one) for seeds, one in paths]
    window = window_around([box_of(points, quadratic) for points, _ in walks], aspect=1.0)
    axes.set_facecolor(_GROUND[-1])
    gaps = level_gaps(quadratic, window)
    for number, gap in reversed(list(enumerate(gaps))):
        xs, ys = zip(*quadratic.level_line(gap, num_points=LINE_POINTS), strict=True)
        axes.fill(xs, ys, fc=_GROUND[number * len(_GROUND) // len(gaps)], ec=PAPER, lw=0.8)
    for points, one in walks:
        xs, ys = zip(*points, strict=True)
        axes.plot(xs, ys, color=one.colour, lw=1.6, zorder=3)
        axes.plot(xs[-1:], ys[-1:], color=one.colour, marker=one.marker, ms=7, mec=PAPER, mew=0.8, zorder=4)
    axes.plot(*([value] for value in quadratic.start), marker="o", mfc="none", mec=INK, ms=5, zorder=5)
    axes.plot(*([value] for value in quadratic.minimiser), marker="x", color=INK, ms=6, zorder=5)
    axes.set_xlim(window.left, window.right)
    axes.set_ylim(window.bottom, window.top)
    axes.set_box_aspect(1)
    axes.grid(visible=False)
    axes.set_xlabel("x")
    axes.set_ylabel("y")
    axes.set_title(scenario.title)
    axes.text(0.02, 0.02, facts(quadratic), transform=axes.transAxes, fontsize=7.5, color=QUIET)

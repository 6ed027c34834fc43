"""The kinds of figures that can be asked for, each drawn from stored runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from tui_optim.report.bands import BandKind, group_seeds
from tui_optim.report.comparison import make_settings
from tui_optim.report.figures.boundary import boundary_picture
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.contour import contour_picture
from tui_optim.report.figures.curves import CurvesLook, curves_picture
from tui_optim.report.figures.descent import descent_picture
from tui_optim.report.figures.gallery import confusion_picture, mistakes_picture, newest_judged
from tui_optim.report.figures.heatmap import heatmap_picture
from tui_optim.report.figures.palette import MAX_LINES
from tui_optim.report.figures.profile import profile_picture
from tui_optim.report.figures.race import race_picture
from tui_optim.report.figures.search import search_picture
from tui_optim.report.figures.sensitivity import sensitivity_picture
from tui_optim.report.figures.xray import xray_picture
from tui_optim.report.measures import Measure, find_measure
from tui_optim.report.profile import make_profile
from tui_optim.report.responses import grids, num_left_out, responses
from tui_optim.report.series import Axis, RunSeries
from tui_optim.report.sweep_table import SweepView, views_of
from tui_optim.report.targets import Target
from tui_optim.report.tried import choosing_measure, tried, usual_parameter
from tui_optim.store.catalogue import StoredRun

FigureKind = Literal[
    "curves",
    "race",
    "sensitivity",
    "heatmap",
    "search",
    "profile",
    "contour",
    "descent",
    "boundary",
    "gallery",
    "confusion",
    "xray",
]
FIGURE_KINDS: tuple[FigureKind, ...] = get_args(FigureKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRequest:
    """A kind of figure with what the user chose about it; None is the kind's own choice."""

    kind: FigureKind = "curves"
    measure: Measure | None = None
    axis: Axis | None = None
    """Of curves and race."""
    band: BandKind | None = None
    """Of curves, race and descent, whose axis is logarithmic: there it is the middle half of the runs."""
    parameters: tuple[str, ...] = ()
    """One for a sensitivity, two for a heat map."""
    targets: tuple[Target, ...] = ()
    """Of race and profile."""
    look: CurvesLook | None = None
    """Of curves."""


def make_picture(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    request: FigureRequest,
    *,
    views: Sequence[SweepView] | None = None,
) -> Picture:
    """The figure of these runs; `series` are their logs by id.

    Trials of sweeps count in a sensitivity and a heat map as their sweep judged them: by its metric, with what it pruned and
    chose. `views` are these sweeps, None those that the runs are trials of; [] takes all runs by themselves.

    Raises:
        UsageError: the runs do not have what this kind of figure shows; the sentence says what is missing.
    """
    views = views_of(runs) if views is None else views
    chosen_by = find_measure(views[0].sweep.spec.plan.metric) if views else None
    if request.kind == "curves":
        return curves_picture(
            group_seeds(runs, series),
            measure=request.measure,
            axis=request.axis or "epoch",
            band=request.band or "sd",
            chosen_by=chosen_by,
            look=request.look,
        )
    if request.kind == "race":
        return race_picture(
            group_seeds(runs, series),
            measure=request.measure,
            axis=request.axis or "gradient_evaluations",
            band=request.band or "sd",
            targets=request.targets,
            chosen_by=chosen_by,
        )
    if request.kind == "contour":
        return contour_picture(group_seeds(runs, series))
    if request.kind == "descent":
        return descent_picture(group_seeds(runs, series), band=request.band or "quartiles")
    if request.kind == "boundary":
        return boundary_picture(runs)
    if request.kind in ("gallery", "confusion"):
        judged = newest_judged(runs)
        return mistakes_picture(judged) if request.kind == "gallery" else confusion_picture(judged)
    if request.kind == "xray":
        return xray_picture(runs, series)
    settings = make_settings(runs, series)
    if request.kind == "profile":
        return profile_picture(make_profile(settings, targets=request.targets))
    if request.kind == "search":
        return search_picture(views)
    measure = request.measure.name if request.measure else choosing_measure(settings, views=views)
    points = tried(settings, views, measure)
    if request.kind == "heatmap":
        return heatmap_picture(grids(points, measure, request.parameters), measure=measure)
    parameter = request.parameters[0] if request.parameters else usual_parameter(views)
    shown = responses(points, parameter, max_lines=MAX_LINES)
    left_out = num_left_out(points, shown, parameter)
    return sensitivity_picture(shown, measure=measure, parameter=parameter, num_left_out=left_out)

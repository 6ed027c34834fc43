"""`tui-optim plot`: figures of stored runs as files."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.chosen import chosen_runs
from tui_optim.cli.options import AnyRuns, Filter
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

if TYPE_CHECKING:
    from tui_optim.report.figures.curves import CurvesLook
    from tui_optim.report.figures.kinds import FigureRequest

EXAMPLE = """Draw a figure of runs as PNG, SVG or PDF, by the ending of the file.

Example: tui-optim plot lenet5-fashion -o curves.pdf; tui-optim plot --kind race --axis seconds --band ci -o race.svg

A line is smoothed only by --smooth; the raw one stays behind it.

Kinds: curves (losses and accuracies with a band over the seeds), race (one measure over a cost, with targets), sensitivity (a
measure against a rate), heatmap (a measure over two hyper-parameters), search (a sweep's best so far against the points tried),
profile (performance profile over several scenarios), contour (paths over the level lines of the two quadratics), descent (gaps
where the minimum is known, with rates and noise floor by theory), boundary (what circles runs say of the plane), gallery and
confusion (images that the newest of the runs takes for something else, and how often), xray (the newest run that was X-rayed).
Sweeps are drawn as they judged their points.
"""
BANDS = {"sd": "sd", "minmax": "range", "quartiles": "quartiles", "ci": "ci95"}


def plot(
    runs: AnyRuns = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="FILE.png, FILE.svg or FILE.pdf")] = None,
    kind: Annotated[
        str,
        typer.Option(
            help="curves, race, sensitivity, heatmap, search, profile, contour, descent, boundary, gallery, confusion or xray"
        ),
    ] = "curves",
    measure: Annotated[
        str | None,
        typer.Option(help="What is drawn, e.g. val_accuracy or test_loss; by default what the runs are judged on."),
    ] = None,
    axis: Annotated[
        str | None, typer.Option(help="Of curves and race: epochs, steps, seconds or gradient_evaluations.")
    ] = None,
    band: Annotated[
        str | None, typer.Option(help="Of curves, race and descent: sd, minmax, quartiles or ci (95 % of the mean).")
    ] = None,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--parameter", help="Hyper-parameter of a sensitivity (lr if none); given twice, those of a heat map."
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help="Of race and profile, e.g. test_accuracy>=0.9; repeatable; the scenario's own if none."
        ),
    ] = None,
    smooth: Annotated[
        float | None,
        typer.Option(help="Of curves: weight of a moving average of the training loss, e.g. 0.9; the raw line stays."),
    ] = None,
    x_limits: Annotated[str | None, typer.Option(help="Of curves: what is shown of x, e.g. 0..5")] = None,
    y_limits: Annotated[
        str | None, typer.Option(help="Of curves with a --measure: what is shown of y, e.g. 0.1..1")
    ] = None,
    is_log_x: Annotated[bool, typer.Option("--log-x", help="Of curves: a logarithmic x axis.")] = False,
    passing: Filter = None,
) -> None:
    from tui_optim.cli.logs import series_of
    from tui_optim.report.figures.canvas import figure_format, render
    from tui_optim.report.figures.kinds import make_picture
    from tui_optim.spec.extras import need_extra
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home

    need_extra("plot", needed_by="plot")
    if output is None:
        raise UsageError("name the file: -o FILE.png, FILE.svg or FILE.pdf")
    form = figure_format(output)
    look = _look(kind, measure, smooth, x_limits, y_limits, is_log_x=is_log_x)
    request = replace(_request(kind, measure, axis, band, parameters or [], targets or []), look=look)
    chosen = chosen_runs(open_home(is_read_only=True), runs, passing=passing)
    picture = make_picture(chosen, series_of(chosen), request)
    write_export(absolute(output), render(picture, form))
    say(f"wrote {kind} of {1 if kind == 'xray' else len(chosen)} run(s) to {output}", is_aside=True)


plot.__doc__ = EXAMPLE


def _request(
    kind: str, measure: str | None, axis: str | None, band: str | None, parameters: list[str], targets: list[str]
) -> "FigureRequest":
    """What was asked for. Raises UsageError for a name that is not known, and for what the kind does not have."""
    from tui_optim.report.bands import BAND_KINDS
    from tui_optim.report.figures.kinds import FIGURE_KINDS, FigureRequest
    from tui_optim.report.measures import find_measure
    from tui_optim.report.series import find_axis
    from tui_optim.report.targets import parse_target

    chosen = next((one for one in FIGURE_KINDS if one == kind), None)
    if chosen is None:
        raise unknown("kind of figure", kind, FIGURE_KINDS)
    has = {
        "--axis": (axis is not None, {"curves", "race"}),
        "--band": (band is not None, {"curves", "race", "descent"}),
        "--parameter": (bool(parameters), {"sensitivity", "heatmap"}),
        "--target": (bool(targets), {"race", "profile"}),
        "--measure": (measure is not None, {"curves", "race", "sensitivity", "heatmap"}),
    }
    for option, (is_given, kinds) in has.items():
        if is_given and kind not in kinds:
            raise UsageError(f"{option} has no meaning for {kind}: it belongs to {' and '.join(sorted(kinds))}")
    num_parameters = {"sensitivity": 1, "heatmap": 2}.get(kind, 0)
    if parameters and len(parameters) != num_parameters:
        raise UsageError(f"--parameter: {kind} takes {num_parameters}, not {len(parameters)}")
    if band is not None and band not in BANDS:
        raise unknown("band", band, BANDS)
    return FigureRequest(
        kind=chosen,
        measure=find_measure(measure) if measure else None,
        axis=find_axis(axis) if axis else None,
        band=next((one for one in BAND_KINDS if band and one == BANDS[band]), None),
        parameters=tuple(parameters),
        targets=tuple(parse_target(text) for text in targets),
    )


def _look(
    kind: str,
    measure: str | None,
    smooth: float | None,
    x_limits: str | None,
    y_limits: str | None,
    *,
    is_log_x: bool,
) -> "CurvesLook":
    """How curves are to look. Raises UsageError for what is no such value, or is asked of another kind of figure."""
    from tui_optim.report.figures.curves import CurvesLook
    from tui_optim.report.ranges import parse_range

    given = {"--smooth": smooth, "--x-limits": x_limits, "--y-limits": y_limits, "--log-x": is_log_x or None}
    asked = [option for option, value in given.items() if value is not None]
    if asked and kind != "curves":
        raise UsageError(f"{asked[0]} has no meaning for {kind}: it belongs to curves")
    if smooth is not None and not 0.0 <= smooth < 1.0:
        raise UsageError(f"--smooth: the weight of a moving average lies in 0 … 1, below 1, not {smooth:g}")
    if y_limits is not None and measure is None:
        raise UsageError("--y-limits needs --measure: losses and accuracies have axes of their own")
    x = parse_range(x_limits, name="--x-limits") if x_limits is not None else None
    if x is not None and is_log_x and x[0] <= 0.0:
        raise UsageError("--x-limits: a logarithmic axis shows what lies above 0")
    y = parse_range(y_limits, name="--y-limits") if y_limits is not None else None
    return CurvesLook(smoothing=smooth or 0.0, x=x, y=y, is_log_x=is_log_x)

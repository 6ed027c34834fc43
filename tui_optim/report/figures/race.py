"""The race: one measure of all settings over a cost, with the targets that they are to reach."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.bands import Band, BandKind, Seeds, make_band
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.choice import Choice, by_scenario
from tui_optim.report.figures.frame import (
    WIDTH,
    add_surroundings,
    band_note,
    draw_band,
    has_log_span,
    height_around,
    set_log,
    set_x,
    split_title,
)
from tui_optim.report.figures.palette import QUIET
from tui_optim.report.measures import Measure
from tui_optim.report.series import Axis
from tui_optim.report.targets import Target, own_targets

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

_TICKS = (0, 20, 40, 60, 70, 80, 85, 88, 90, 92, 94, 95, 96, 97, 98, 99, 99.5, 99.9)
"""Accuracies in percent that may be labelled on an axis of the logarithm of the error."""
_LEAST_ERROR = 0.02
"""An error of nothing has no logarithm; this is below that of one image in 5,000."""


def race_picture(
    groups: Sequence[Seeds],
    *,
    measure: Measure | None = None,
    axis: Axis = "gradient_evaluations",
    band: BandKind = "sd",
    targets: Sequence[Target] = (),
    chosen_by: Measure | None = None,
) -> Picture:
    """A panel for each scenario; targets are dotted, the scenario's own if none are given.

    Accuracies are drawn on the logarithm of their error, so that the last points before the end, which decide a race, have
    as much room as the first. Of more settings than can be told apart the best are drawn, as in `curves_picture`.
    """
    choices = by_scenario(groups, measure, chosen_by=chosen_by)
    looks = {label: look for choice in choices for label, look in choice.looks.items()}
    notes = [band_note([seeds for choice in choices for seeds in choice.groups], band)]
    notes += [choice.note for choice in choices if choice.note]
    if any(_measure(choice, measure).quantity == "accuracy" for choice in choices):
        notes.append("accuracies are spaced by the logarithm of the error")
    note = "; ".join([*notes, "dotted: targets"])
    title = "Race" + (f": {choices[0].title}" if len(choices) == 1 else "")

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(choices), 1, squeeze=False)
        for choice, axes in zip(choices, panels[:, 0], strict=True):
            _draw_panel(axes, choice, _measure(choice, measure), axis, band, targets)
            if len(choices) > 1:
                axes.set_title(choice.title)
        add_surroundings(figure, title=title, looks=looks, note=note)

    height = 3.5 * len(choices) + height_around(list(looks), note)
    return Picture(width=WIDTH, height=height, about=f"{title}: {', '.join(looks)}", draw=draw)


def _draw_panel(
    axes: "Axes", choice: Choice, measure: Measure, axis: Axis, kind: BandKind, targets: Sequence[Target]
) -> None:
    bands = [make_band(seeds, measure.quantity, measure.split, axis, kind=kind) for seeds in choice.groups]
    factor = measure.factor
    for band, seeds, look in zip(bands, choice.groups, choice.looks.values(), strict=True):
        has_diverged = any(run.status.state == "diverged" for run in seeds.runs)
        draw_band(axes, band, look, factor=factor, has_diverged=has_diverged)
    set_x(axes, axis)
    axes.set_ylabel(split_title(measure.split, measure.quantity))
    wanted = targets or own_targets(choice.groups[0].spec)
    places = [target.value * factor for target in wanted if target.measure == measure.name]
    if measure.quantity == "accuracy":
        _set_error_scale(axes, bands, at_least=max(places, default=0.0))
    elif has_log_span(bands):
        set_log(axes, "y")
    low, high = axes.get_ylim()
    for at in places:
        if low <= at <= high:  # a label outside would shrink the panel
            axes.axhline(at, color=QUIET, linestyle=":", linewidth=1.0, zorder=1.5)
            axes.annotate(
                f"{at:g}", (1.005, at), xycoords=("axes fraction", "data"), va="center", fontsize=7, color=QUIET
            )


def _set_error_scale(axes: "Axes", bands: Sequence[Band], *, at_least: float) -> None:
    """Percent upwards, spaced by −log(100 − y), with everything up to `at_least` in view."""
    import numpy as np  # comes with Matplotlib
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    values = [100.0 * y for band in bands for y in band.centre if math.isfinite(y)]
    best = max([*values, at_least])
    high = min(best + 0.15 * (100.0 - best), 100.0 - _LEAST_ERROR)
    low = max(min(values, default=0.0) - 5.0, 0.0)
    axes.set_yscale(
        "function",
        functions=(
            lambda y: -np.log10(np.maximum(100.0 - np.asarray(y), _LEAST_ERROR)),
            lambda z: 100.0 - 10.0 ** -np.asarray(z),
        ),
    )
    axes.set_ylim(low, high)
    axes.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high]))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))


def _measure(choice: Choice, measure: Measure | None) -> Measure:
    return measure or choice.measure

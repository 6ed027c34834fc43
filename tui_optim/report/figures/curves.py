"""Learning curves: losses and accuracies of settings over their cost, with a band over the seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_optim.report.bands import BandKind, Seeds, make_band
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.choice import Choice, by_scenario
from tui_optim.report.figures.frame import (
    WIDTH,
    add_surroundings,
    band_note,
    draw_band,
    draw_raw,
    has_log_span,
    height_around,
    set_log,
    set_x,
    split_title,
)
from tui_optim.report.measures import Measure, measures_on
from tui_optim.report.ranges import Range
from tui_optim.report.series import Axis, is_smoothable

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure


_SMOOTHED = "training loss: moving average of weight {:g}, the raw curve behind it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvesLook:
    """What a user may change about the panels."""

    smoothing: float = 0.0
    """Weight of a moving average, 0 ≤ w < 1; see `RunSeries.curve`."""
    x: Range | None = None
    y: Range | None = None
    """Of a single measure: panels of several have different y axes."""
    is_log_x: bool = False


def curves_picture(
    groups: Sequence[Seeds],
    *,
    measure: Measure | None = None,
    axis: Axis = "epoch",
    band: BandKind = "sd",
    chosen_by: Measure | None = None,
    look: "CurvesLook | None" = None,
) -> Picture:
    """Training above evaluation, loss beside accuracy (or gap), for each scenario; or a single measure.

    Scenarios on the same data and loss share their panels.

    Of more settings than can be told apart the best are drawn: held-out ones by `chosen_by`, the metric of their sweep.
    The training loss is drawn as it was logged, a mean per bin of steps, unless it is asked to be smoothed: then the raw
    line stays behind.
    """
    look = look or CurvesLook()
    choices = by_scenario(groups, measure, chosen_by=chosen_by)
    rows = [(choice, list(row)) for choice in choices for row in _panels(choice, measure)]
    looks = {label: look for choice in choices for label, look in choice.looks.items()}
    note = band_note([seeds for choice in choices for seeds in choice.groups], band)
    note = "; ".join([note, *([_SMOOTHED.format(look.smoothing)] if look.smoothing else [])])
    note = "; ".join([note, *(choice.note for choice in choices if choice.note)])
    height = (2.3 if measure is None else 3.4) * len(rows) + height_around(list(looks), note)

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(rows), len(rows[0][1]), squeeze=False)
        for (choice, measures), line in zip(rows, panels, strict=True):
            for one, axes in zip(measures, line, strict=True):
                _draw_panel(axes, choice, one, axis, band, look)
                if len(choices) > 1:
                    axes.set_title(choice.title)
        add_surroundings(figure, title=_title(choices), looks=looks, note=note)

    return Picture(width=WIDTH, height=height, about=f"{_title(choices)}: {', '.join(looks)}", draw=draw)


def _draw_panel(
    axes: "Axes", choice: Choice, measure: Measure, axis: Axis, kind: BandKind, curves_look: CurvesLook
) -> None:
    smoothing = curves_look.smoothing if is_smoothable(measure.quantity, measure.split) else 0.0
    raw, bands = (
        [
            make_band(seeds, measure.quantity, measure.split, axis, kind=kind, smoothing=weight)
            for seeds in choice.groups
        ]
        for weight in (0.0, smoothing)
    )
    for band, behind, seeds, look in zip(bands, raw, choice.groups, choice.looks.values(), strict=True):
        if smoothing:
            draw_raw(axes, behind, look, factor=measure.factor)
        has_diverged = any(run.status.state == "diverged" for run in seeds.runs)
        draw_band(axes, band, look, factor=measure.factor, has_diverged=has_diverged)
    set_x(axes, axis, is_log=curves_look.is_log_x, limits=curves_look.x)
    if curves_look.y is not None:
        axes.set_ylim(curves_look.y)
    axes.set_ylabel(split_title(measure.split, measure.quantity))
    if measure.is_minimised and has_log_span(bands):
        set_log(axes, "y")


def _panels(choice: Choice, measure: Measure | None) -> list[tuple[Measure, ...]]:
    if measure is not None:
        return [(measure,)]
    splits = dict.fromkeys(("train", choice.measure.split))
    return [measures_on(choice.groups[0].spec.scenario_info, split) for split in splits]


def _title(choices: Sequence[Choice]) -> str:
    if len(choices) == 1:
        return f"Learning curves: {choices[0].title}"
    return "Learning curves" + (" (sample)" if any(choice.is_sample for choice in choices) else "")

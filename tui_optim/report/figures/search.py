"""The search: the best point so far of each preset against the number of points that were tried."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around, set_log, spans_much, split_title
from tui_optim.report.figures.palette import MAX_LINES, PAPER, Look, look
from tui_optim.report.measures import find_measure
from tui_optim.report.sweep_curves import SweepCurve, best_so_far
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure


def search_picture(views: Sequence[SweepView]) -> Picture:
    """A panel for each sweep, a line for each of its arms; points count in the order in which they were asked for.

    Raises:
        UsageError: no run is a trial of a sweep, or there are more lines than can be told apart.
    """
    if not views:
        raise UsageError("none of these runs is a trial of a sweep: start one with tui-optim sweep, or name one")
    curves = [best_so_far(view) for view in views]
    labels = list(dict.fromkeys(one.name for lines in curves for one in lines))
    if len(labels) > MAX_LINES:
        raise UsageError(f"{len(labels)} lines cannot be told apart (at most {MAX_LINES}): name fewer sweeps")
    looks = {label: look(number) for number, label in enumerate(labels)}
    note = "of the points that finished whole; pruned, diverged and failed ones count as tried"
    title = "Best so far in the search" + (f": {_name(views[0])}" if len(views) == 1 else "")

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(views), 1, squeeze=False)
        for view, lines, axes in zip(views, curves, panels[:, 0], strict=True):
            _draw(axes, view, lines, looks)
            if len(views) > 1:
                axes.set_title(_name(view))
        add_surroundings(figure, title=title, looks=looks, note=note)

    height = 2.8 * len(views) + height_around(labels, note)
    return Picture(width=WIDTH, height=height, about=f"{title}: {', '.join(labels)}", draw=draw)


def _name(view: SweepView) -> str:
    is_sample = any(source.kind == "sample" for source in view.sweep.spec.data.values())
    return view.sweep.sweep_id + (" (sample)" if is_sample else "")


def _draw(axes: "Axes", view: SweepView, lines: Sequence[SweepCurve], looks: dict[str, Look]) -> None:
    from matplotlib.ticker import MaxNLocator

    measure = find_measure(view.sweep.spec.plan.metric)
    for one in lines:
        chosen = looks[one.name]
        ys = [y * measure.factor for y in one.ys]
        every = max(1, len(ys) // 12)
        axes.plot(
            one.xs,
            ys,
            color=chosen.colour,
            marker=chosen.marker,
            markevery=every,
            ls=(0, tuple(chosen.dashes) or None),
            mec=PAPER,
            mew=0.6,
            drawstyle="steps-post",
        )
    axes.set_xlabel("points tried")
    axes.set_ylabel(split_title(measure.split, measure.quantity))
    axes.set_xlim(left=0.5)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    if measure.is_minimised and spans_much([y for one in lines for y in one.ys if math.isfinite(y)]):
        set_log(axes, "y")

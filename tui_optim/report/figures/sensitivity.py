"""Sensitivity: what becomes of a result when one hyper-parameter moves, on a logarithmic axis."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.cells import plain_text
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import (
    WIDTH,
    add_surroundings,
    height_around,
    scenario_title,
    seeds_note,
    set_log,
    split_title,
)
from tui_optim.report.figures.palette import MAX_LINES, PAPER, Look, look
from tui_optim.report.heatmap import OPEN, CellState
from tui_optim.report.measures import find_measure
from tui_optim.report.responses import Response
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure


def sensitivity_picture(
    responses: Sequence[Response], *, measure: str, parameter: str, num_left_out: int = 0
) -> Picture:
    """A panel for each scenario, a line for each preset, or points where more than the parameter moves.

    Where runs diverged stands a cross; what a sweep pruned is hollow, what it chose is ringed.

    Raises:
        UsageError: more lines than can be told apart.
    """
    labels = list(dict.fromkeys(response.label for response in responses))
    if len(labels) > MAX_LINES:
        raise UsageError(f"{len(labels)} lines cannot be told apart (at most {MAX_LINES}): name fewer runs")
    looks = {label: look(number) for number, label in enumerate(labels)}
    scenarios = list(dict.fromkeys((response.scenario, response.is_sample) for response in responses))
    about_measure = find_measure(measure)
    split, quantity = about_measure.split, about_measure.quantity
    counts = [one.num_runs for response in responses for one in response.outcomes]
    notes = [f"final {split_title(split, quantity)}, {seeds_note(counts)}"]
    notes += ["bars: ± sd"] if max(counts) > 1 else []
    if any(outcome.num_diverged for response in responses for outcome in response.outcomes):
        notes.append(
            "cross: some or all runs diverged (they count with chance accuracy; a loss of theirs has no number)"
        )
    notes += _notes_on_points(responses)
    if num_left_out:
        notes.append(f"{num_left_out} settings that have one value of {parameter} only are not drawn")
    notes += ["no run is held out: this is not for choosing"] if split == "test" else []
    title = f"Sensitivity to {parameter}"
    title += f": {scenario_title(scenarios[0][0], is_sample=scenarios[0][1])}" if len(scenarios) == 1 else ""

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(scenarios), 1, squeeze=False)
        for (scenario, is_sample), axes in zip(scenarios, panels[:, 0], strict=True):
            here = [one for one in responses if (one.scenario, one.is_sample) == (scenario, is_sample)]
            for response in here:
                _draw(axes, response, looks[response.label], factor=100.0 if quantity == "accuracy" else 1.0)
            axes.set_xlabel(parameter)
            axes.set_ylabel(split_title(split, quantity))
            if all(x > 0 for response in here for x in response.xs):
                set_log(axes, "x")
            if len(scenarios) > 1:
                axes.set_title(scenario_title(scenario, is_sample=is_sample))
        add_surroundings(figure, title=title, looks=looks, note="; ".join(notes))

    height = 3.2 * len(scenarios) + height_around(labels, "; ".join(notes))
    return Picture(width=WIDTH, height=height, about=f"{title}: {', '.join(labels)}", draw=draw)


def _notes_on_points(responses: Sequence[Response]) -> list[str]:
    """What hollow and ringed points are, what else moves among points, and what has no point."""
    outcomes = [outcome for response in responses for outcome in response.outcomes]
    notes = [
        f"{plain_text(response.label)}: points, as {' and '.join(response.moving_too)} moved too"
        for response in responses
        if response.moving_too
    ]
    if any(outcome.is_chosen for outcome in outcomes):
        notes.append("ringed: the sweep's best")
    pruned = [outcome for outcome in outcomes if outcome.state == "pruned"]
    if pruned:
        notes.append(f"hollow: pruned ({len(pruned)}), with the figure of that epoch or of the seeds that came through")
    without = Counter(outcome.state for outcome in outcomes if outcome.state in _WITHOUT_POINT)
    notes += [f"{count} {state}: not drawn" for state, count in without.items()]
    return notes


_WITHOUT_POINT: frozenset[CellState] = OPEN | {"stopped", "failed"}


def _draw(axes: "Axes", response: Response, look: Look, *, factor: float) -> None:
    points = [
        (x, one.mean * factor, one.sd * factor if math.isfinite(one.sd) else 0.0, one)
        for x, one in zip(response.xs, response.outcomes, strict=True)
        if one.state not in _WITHOUT_POINT
    ]
    finite = [point for point in points if math.isfinite(point[1])]
    whole = [point for point in finite if point[3].state != "pruned"]
    axes.errorbar(
        [x for x, *_ in whole],
        [y for _, y, *_ in whole],
        yerr=[spread for _, _, spread, _ in whole],
        color=look.colour,
        marker=look.marker,
        ls="" if response.moving_too else (0, tuple(look.dashes) or None),
        mec=PAPER,
        mew=0.6,
        elinewidth=1.0,
        capsize=2.0,
    )
    for x, y, _, outcome in finite:
        if outcome.state == "pruned":
            axes.plot([x], [y], marker=look.marker, ls="", mfc="none", mec=look.colour, mew=1.0)
        if outcome.is_chosen:
            axes.plot([x], [y], marker="o", ms=13, ls="", mfc="none", mec=look.colour, mew=1.8, zorder=6)
    for x, y, _, outcome in points:
        if outcome.num_diverged:
            _draw_cross(axes, x, y, look)


def _draw_cross(axes: "Axes", x: float, y: float, look: Look) -> None:
    """At the point; at the upper edge where it has no number."""
    is_there = math.isfinite(y)
    axes.plot(
        [x],
        [y if is_there else 0.98],
        transform=axes.transData if is_there else axes.get_xaxis_transform(),
        marker="x",
        ms=8,
        mew=2.2,
        ls="",
        color=look.colour,
        zorder=5,
    )

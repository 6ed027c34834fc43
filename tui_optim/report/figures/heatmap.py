"""Heat maps: a measure over the plane of two hyper-parameters, as a colour and as a number."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import (
    WIDTH,
    add_surroundings,
    height_around,
    scenario_title,
    seeds_note,
    split_title,
)
from tui_optim.report.figures.palette import FAINT, INK, QUIET
from tui_optim.report.measures import find_measure
from tui_optim.report.responses import Grid
from tui_optim.report.tried import Outcome

if TYPE_CHECKING:
    from matplotlib.colors import Normalize

    from tui_optim.report.figures.canvas import Axes, Figure

_MAP = "cividis"
"""Nuñez, Anderton and Renslow 2018: read equally with and without colour vision, and on grey paper."""

CHARACTERS = 90
"""So many stand side by side below a panel."""
NUM_WIDE = 14
"""So many columns have room for a figure in letters of the usual size; more have smaller ones."""
_SLANTING: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}


def heatmap_picture(found: Sequence[Grid], *, measure: str) -> Picture:
    """A panel for each grid, light for good; diverged cells are hatched, those without a run stay empty, the best is framed.

    Grids that are next to empty are named in the note.
    """
    grids = [grid for grid in found if not grid.is_next_to_empty]
    about_measure = find_measure(measure)
    split, quantity = about_measure.split, about_measure.quantity
    counts = [one.num_runs for grid in grids for one in grid.cells.values()]
    outcomes = [outcome for grid in grids for outcome in grid.cells.values()]
    framed = "the sweep's best" if any(outcome.is_chosen for outcome in outcomes) else "best"
    notes = [f"{split_title(split, quantity)} at the end, {seeds_note(counts)}", f"framed: {framed}"]
    if any(outcome.state == "pruned" for outcome in outcomes):
        notes.append("pruned: given up before their end (of how many runs)")
    if any(outcome.num_diverged for grid in grids for outcome in grid.cells.values()):
        notes.append("hatched: diverged (of how many runs)")
    if any(len(grid.cells) < grid.num_places for grid in grids):
        notes.append("–: not run")
    names = list(dict.fromkeys(name for grid in grids for name in grid.best_over))
    notes += [f"each cell the best over {', '.join(names)}"] if names else []
    notes += ["no run is held out: this is not for choosing"] if split == "test" else []
    empty = [f"{grid.label} ({len(grid.cells)} of {grid.num_places} cells)" for grid in found if grid.is_next_to_empty]
    notes += [f"not drawn, next to empty: {', '.join(empty)}"] if empty else []
    first = grids[0]
    over = first.x_name if first.presets else f"{first.x_name} and {first.y_name}"
    title = f"{first.label} over {over}: " if len(grids) == 1 else "Heat maps"
    title += scenario_title(first.scenario, is_sample=first.is_sample) if len(grids) == 1 else ""

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(len(grids), 1, squeeze=False)
        for grid, axes in zip(grids, panels[:, 0], strict=True):
            _draw(axes, grid, quantity=quantity)
            if len(grids) > 1:
                axes.set_title(f"{grid.label}: {scenario_title(grid.scenario, is_sample=grid.is_sample)}")
        add_surroundings(figure, title=title, looks={}, note="; ".join(notes))

    height = sum(1.0 + 0.42 * max(len(grid.ys), 3) for grid in grids) + height_around([], "; ".join(notes))
    about = f"{title}: {'; '.join(f'{grid.label}, {len(grid.cells)} cells' for grid in grids)}"
    return Picture(width=WIDTH, height=height, about=about, draw=draw)


def _draw(axes: "Axes", grid: Grid, *, quantity: str) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    factor = 100.0 if quantity == "accuracy" else 1.0
    size = min(8.0, 8.0 * NUM_WIDE / len(grid.xs))
    worths = {place: _worth(one.mean, quantity) for place, one in grid.cells.items() if one.is_whole}
    norm = _norm(list(worths.values()))
    for column in range(len(grid.xs)):
        for row in range(len(grid.ys)):
            outcome = grid.cells.get((column, row))
            corner = (column - 0.5, row - 0.5)
            if outcome is None:
                axes.add_patch(Rectangle(corner, 1, 1, fill=False, ec=FAINT, lw=0.6))
                axes.text(column, row, "–", ha="center", va="center", color=QUIET, fontsize=size)
            elif outcome.num_diverged:
                axes.add_patch(Rectangle(corner, 1, 1, fc="none", ec=QUIET, lw=0.6, hatch="////"))
                _write(axes, column, row, f"{outcome.num_diverged} of {outcome.num_runs}", size=size, boxed=True)
            elif not outcome.is_whole:
                axes.add_patch(Rectangle(corner, 1, 1, fill=False, ec=QUIET, lw=0.6))
                of = f"\n{outcome.num_of_state} of {outcome.num_runs}" if outcome.num_runs > 1 else ""
                _write(axes, column, row, f"{outcome.state}{of}", size=size)
            else:
                colour = colormaps[_MAP](float(norm(worths[column, row])))
                axes.add_patch(Rectangle(corner, 1, 1, fc=colour, ec="none"))
                _write(axes, column, row, _text(outcome, factor), size=size, on=colour)
    if grid.best is not None:
        corner = (grid.best[0] - 0.46, grid.best[1] - 0.46)
        axes.add_patch(Rectangle(corner, 0.92, 0.92, fill=False, ec="#d55e00", lw=2.0, zorder=4))
    axes.set_xlim(-0.5, len(grid.xs) - 0.5)
    axes.set_ylim(-0.5, len(grid.ys) - 0.5)
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    labels = [f"{x:g}" for x in grid.xs]
    is_narrow = max(map(len, labels)) > CHARACTERS / len(labels)
    axes.set_xticks(range(len(labels)), labels, **(_SLANTING if is_narrow else {}))
    axes.set_yticks(range(len(grid.ys)), grid.presets or [f"{y:g}" for y in grid.ys])
    axes.set_xlabel(grid.x_name)
    axes.set_ylabel(grid.y_name)


def _norm(values: Sequence[float]) -> "Normalize":
    from matplotlib.colors import Normalize

    finite = sorted(value for value in values if math.isfinite(value))
    return Normalize(finite[0], finite[-1]) if finite else Normalize(0.0, 1.0)


def _worth(value: float, quantity: str) -> float:
    """What the colour shows, more is better: the logarithm of error or loss, in which good cells still differ."""
    cost = 1.0 - value if quantity == "accuracy" else value
    return -math.log10(max(cost, 1e-12))


def _text(outcome: Outcome, factor: float) -> str:
    value = outcome.mean * factor
    return f"{value:.2f}" if factor > 1 else f"{value:.4g}"


def _write(
    axes: "Axes",
    column: int,
    row: int,
    text: str,
    *,
    size: float,
    on: tuple[float, ...] | None = None,
    boxed: bool = False,
) -> None:
    """Black or white, whichever can be read; on a hatched cell over a plain ground."""
    red, green, blue = on[:3] if on else (1.0, 1.0, 1.0)
    is_light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.45
    colour = INK if on is None else "#000000" if is_light else "#ffffff"
    box = {"facecolor": "#fefefe", "edgecolor": "none", "pad": 1.5} if boxed else None
    axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size, bbox=box)

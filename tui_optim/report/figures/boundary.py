"""Decision boundaries of runs on circles: what each says of the plane at its end, with the training points."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around
from tui_optim.report.figures.palette import COLOURS, INK, PAPER
from tui_optim.report.labels import distinct, setting_labels
from tui_optim.report.pictures.boundary import REACH, Network, accuracy, examples, film_of, network_of
from tui_optim.spec.datasets import GENERATED
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Axes, Figure

MAX_PANELS = 30
FEW = 9
"""Up to so many panels are large."""
RESOLUTION = 121
"""Points of the grid in each direction."""
_MARGINS = (-1e9, -2.944, -1.099, 0.0, 1.099, 2.944, 1e9)
"""Where the predicted class has a probability of 95 %, 75 %, 50 %."""
_TINTS = ("#8fc0de", "#bcd9ea", "#e3eff6", "#fbeadf", "#f4c9a8", "#eaa674")
_POINTS = (COLOURS[0], COLOURS[1])


@dataclass(frozen=True, slots=True)
class _Size:
    """Of panels."""

    per_row: int
    height: float
    """Inches of a row."""
    letters: int
    """Above a panel."""
    font: float
    has_ticks: bool


_LARGE, _SMALL = _Size(3, 2.95, 30, 8.0, True), _Size(6, 1.75, 21, 6.0, False)


def boundary_picture(runs: Sequence[StoredRun]) -> Picture:
    """A panel for each run; of many the newest.

    Raises:
        UsageError: no run on circles has kept its weights.
    """
    filmed = [(run, film) for run in runs if (film := film_of(run.folder)) is not None and film.frames]
    if not filmed:
        raise UsageError(
            "a boundary needs runs on circles that were trained by this version: tui-optim run circles sgd-by-hand"
        )
    shown = filmed[-MAX_PANELS:]
    labels = distinct(_labels([run for run, _ in shown]))
    inner, outer = GENERATED["circles"].classes
    note = f"● {inner}, ▲ {outer} (training points), × wrong; paler where the network is less sure; accuracy: training, test"
    note += f"; the newest {len(shown)} of {len(filmed)} runs" if len(shown) < len(filmed) else ""
    size = _LARGE if len(shown) <= FEW else _SMALL
    num_columns = min(size.per_row, len(shown))
    num_rows = -(-len(shown) // num_columns)

    def draw(figure: "Figure") -> None:
        panels = figure.subplots(num_rows, num_columns, squeeze=False).flat
        for axes in panels[len(shown) :]:
            axes.set_axis_off()
        for axes, label, (_, film) in zip(panels, labels, shown, strict=False):
            frame = film.frames[-1]
            _draw(axes, network_of(frame), f"{textwrap.fill(label, size.letters)}\nep. {frame.epoch}", size)
        add_surroundings(figure, title="Decision boundaries: circles", looks={}, note=note)

    height = size.height * num_rows + height_around([], note)
    return Picture(width=WIDTH, height=height, about=f"Decision boundaries of {', '.join(labels)}", draw=draw)


def _labels(runs: Sequence[StoredRun]) -> list[str]:
    """With the seed where it differs, and with an end that is none."""
    has_seeds = len({run.info.spec.seed for run in runs}) > 1
    names = setting_labels([run.info.spec for run in runs])
    seeds = [f", seed {run.info.spec.seed}" if has_seeds else "" for run in runs]
    states = ["" if run.status.state == "finished" else f" ({run.status.state})" for run in runs]
    return [f"{name}{seed}{state}" for name, seed, state in zip(names, seeds, states, strict=True)]


def _draw(axes: "Axes", network: Network, title: str, size: _Size) -> None:
    places = [REACH * (2 * number / (RESOLUTION - 1) - 1) for number in range(RESOLUTION)]
    axes.grid(visible=False)
    axes.set_box_aspect(1)
    axes.set_xlim(-REACH, REACH)
    axes.set_ylim(-REACH, REACH)
    if not size.has_ticks:
        axes.set_xticks([])
        axes.set_yticks([])
    if not network.is_finite:
        axes.text(0, 0, "diverged:\nno finite weights", ha="center", va="center", color=INK)
        axes.set_title(title, fontsize=size.font)
        return
    rows = network.margins(places, places)
    axes.contourf(places, places, rows, levels=_MARGINS, colors=_TINTS)
    if min(map(min, rows)) < 0 < max(map(max, rows)):
        axes.contour(places, places, rows, levels=[0.0], colors=[INK], linewidths=1.0)
    marked = examples(network, "train")
    for label, marker in enumerate("o^"):
        for is_right, shape in ((True, marker), (False, "x")):
            chosen = [one for one in marked if one.label == label and one.is_right == is_right]
            axes.plot(
                [one.x for one in chosen],
                [one.y for one in chosen],
                ls="none",
                marker=shape,
                ms=(3 if is_right else 4.5) * size.font / 8,
                color=_POINTS[label],
                mec=PAPER if is_right else _POINTS[label],
                mew=0.4 if is_right else 1.2,
            )
    figures = " / ".join(f"{100 * accuracy(points):.1f}" for points in (marked, examples(network, "test")))
    axes.set_title(f"{title}, {figures} %", fontsize=size.font)

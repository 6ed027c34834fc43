"""Images as a figure: one of each class, or the mistakes of a run with what they are and what they are taken for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around, scenario_title
from tui_optim.report.figures.palette import INK, QUIET
from tui_optim.report.labels import setting_labels
from tui_optim.report.pictures.gallery import SIDE, Images, Judged, class_accuracies, judged, one_of_each
from tui_optim.spec.errors import StoreError
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Figure

ACROSS = 5
NUM_MISTAKES = 20
_ROW, _SIDE, _LEFT, _TOP = 1.62, 1.15, 0.12, 0.75
"""Inches: of a row, of an image, to the first image."""
_MAP = "Blues"


def classes_picture(images: Images) -> Picture:
    """One image of each class."""
    chosen = [(images.image(position), images.classes[images.labels[position]]) for position in one_of_each(images)]
    return _grid(chosen, title=images.title, note="the first image of each class")


def judged_picture(found: Judged, view: str | None) -> Picture:
    """The figure of a run's judgement: 'confusion', else its mistakes."""
    return confusion_picture(found) if view == "confusion" else mistakes_picture(found)


def mistakes_picture(found: Judged) -> Picture:
    """Those of which the run was surest."""
    mistakes, classes = found.mistakes(), found.images.classes
    chosen = [
        (
            found.images.image(one.position),
            f"{classes[one.label]}\n→ {classes[one.predicted]} {100 * one.certainty:.0f} %",
        )
        for one in mistakes[:NUM_MISTAKES]
    ]
    note = f"{len(mistakes):,} of {len(found.predicted):,} {found.split_words} are taken for something else; "
    note += f"the {len(chosen)} of which the run was surest: the true class → what it is taken for"
    return _grid(chosen, title=f"Mistakes: {_name(found.run)}", note=note)


def confusion_picture(found: Judged) -> Picture:
    """Rows are true classes; the colour is the share of the row, and the right column the accuracy of the class."""
    matrix, classes = found.confusion(), found.images.classes
    note = f"rows: true class, columns: what it is taken for; {len(found.predicted):,} {found.split_words}, "
    note += f"{100 * found.accuracy:.2f} % right"
    accuracies = ["–" if one is None else f"{100 * one:.1f} %" for one in class_accuracies(matrix)]

    def draw(figure: "Figure") -> None:
        axes = figure.subplots()
        shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
        axes.pcolormesh(shares, cmap=_MAP, vmin=0.0, vmax=1.0)
        axes.invert_yaxis()
        for row, counts in enumerate(matrix):
            for column, count in enumerate(counts):
                colour = "#ffffff" if shares[row][column] > 0.5 else INK if count else QUIET
                axes.text(
                    column + 0.5,
                    row + 0.5,
                    str(count) if count else "·",
                    ha="center",
                    va="center",
                    color=colour,
                    fontsize=8,
                )
        middles = [number + 0.5 for number in range(len(classes))]
        axes.set_xticks(middles, classes, rotation=35, ha="right", rotation_mode="anchor")
        axes.set_yticks(middles, classes)
        beside = axes.secondary_yaxis("right")
        beside.set_yticks(middles, accuracies)
        for one in (axes, beside):
            one.tick_params(length=0)
            one.spines[:].set_visible(False)
        axes.grid(visible=False)
        add_surroundings(figure, title=f"Confusion: {_name(found.run)}", looks={}, note=note)

    height = 5.0 + height_around([], note)
    return Picture(width=WIDTH, height=height, about=f"Confusion matrix of {_name(found.run)}: {note}", draw=draw)


def newest_judged(runs: Sequence[StoredRun]) -> Judged:
    """The newest of the runs that says what it takes images for.

    Raises:
        StoreError: none does; the sentence is about the newest one on images.
        DataError: its images are not where they were.
    """
    problems: list[str] = []
    for run in sorted(runs, key=lambda run: -run.info.created):
        if run.info.spec.scenario_info.picture == "gallery":
            try:
                return judged(run)
            except StoreError as error:
                problems.append(str(error))
    raise StoreError(next(iter(problems), "this figure is of runs on images, for example on lenet5-fashion"))


def _grid(chosen: Sequence[tuple[bytes, str]], *, title: str, note: str) -> Picture:
    height = _ROW * max(1, -(-len(chosen) // ACROSS)) + height_around([], note)

    def draw(figure: "Figure") -> None:
        for number, (image, caption) in enumerate(chosen):
            axes = figure.add_axes(_place(number, height))
            axes.set_axis_off()
            rows = [list(image[start : start + SIDE]) for start in range(0, SIDE * SIDE, SIDE)]
            shown = axes.imshow(rows, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            shown.set_clip_on(False)
            shown.set_gid(f"image-{number}")
            axes.set_title(caption, fontsize=8, fontweight="normal", loc="left")
        add_surroundings(figure, title=title, looks={}, note=note)
        figure.set_layout_engine("none")

    return Picture(width=WIDTH, height=height, about=f"{title}: {note}", draw=draw)


def _place(number: int, height: float) -> tuple[float, float, float, float]:
    """Where an image stands in a figure of this height: not laid out, for that differs in the last digits from time to time."""
    row, column = divmod(number, ACROSS)
    left, top = _LEFT + column * (WIDTH - 2 * _LEFT) / ACROSS, _TOP + row * _ROW
    return left / WIDTH, (height - top - _SIDE) / height, _SIDE / WIDTH, _SIDE / height


def _name(run: StoredRun) -> str:
    spec = run.info.spec
    (label,) = setting_labels([spec])
    title = scenario_title(spec.scenario, is_sample=spec.data.kind == "sample")
    return f"{label.removesuffix(' (sample)')}, seed {spec.seed}, {title}"

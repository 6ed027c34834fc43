"""The tabs of the gallery: one image of each class, the mistakes of a run, its confusion matrix; in lines, words and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, get_args

from tui_optim.report.pictures.gallery import Judged, Mistake, judged, training_images
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.pictures.gallery import (
    Inks,
    Lines,
    Tile,
    class_tiles,
    confusion_lines,
    mistake_tiles,
    num_pages,
    page_of,
    tile_lines,
)
from tui_optim.ui.screens.picture import FigureOf

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Picture

GalleryTab = Literal["classes", "mistakes", "confusion"]
TABS: tuple[GalleryTab, ...] = get_args(GalleryTab)
TITLES: dict[GalleryTab, str] = {
    "classes": "One of each class",
    "mistakes": "Mistakes",
    "confusion": "Confusion matrix",
}
NO_ROOM = "There is no room for images here:\nmake the terminal larger."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClasses:
    """What has been read of the data, for the first tab."""

    source: DataSource | None = None
    """None where it cannot be read."""
    tiles: Sequence[Tile] = ()
    """One image of each class, so that the others need no memory."""
    title: str = ""
    problem: str = ""
    """Why there are no images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRun:
    """What has been read of a run, for the others."""

    judged: Judged | None = None
    mistakes: Sequence[Mistake] = ()
    problem: str = ""
    """Why there is nothing."""

    @property
    def num_pages(self) -> int:
        """Pages of mistakes."""
        return num_pages(len(self.mistakes))


def read_classes(source: DataSource) -> ReadClasses:
    """Look for an image of each class. Raises DataError."""
    images = training_images(source)
    return ReadClasses(source=source, tiles=class_tiles(images), title=images.title)


def read_run(run: StoredRun) -> ReadRun:
    """Look at what a run says of the images."""
    try:
        found = judged(run)
    except UsageError as error:
        return ReadRun(problem=str(error))
    return ReadRun(judged=found, mistakes=found.mistakes())


def class_lines(found: ReadClasses | None, *, width: int, height: int, inks: Inks) -> Lines | str:
    """The first tab, or why there is nothing in it; None is what is being read."""
    if found is None:
        return "Reading the images …"
    if found.problem:
        return found.problem
    return tile_lines(list(found.tiles), width=width, height=height, inks=inks) or NO_ROOM


def run_lines(tab: GalleryTab, shown: ReadRun | None, *, page: int, width: int, height: int, inks: Inks) -> Lines | str:
    """A tab about a run, or why there is nothing in it; None is what is being read."""
    if shown is None:
        return "Reading what the run says of the images …"
    if shown.judged is None:
        return shown.problem
    if tab == "confusion":
        return confusion_lines(shown.judged, width=width, inks=inks)
    mistakes = page_of(shown.mistakes, page)
    if not mistakes:
        return "Every image is taken for what it is."
    return tile_lines(mistake_tiles(shown.judged, mistakes), width=width, height=height, inks=inks) or NO_ROOM


def run_words(tab: GalleryTab, shown: ReadRun | None, *, page: int) -> str:
    """What stands above it; '' where there is nothing to say."""
    if tab == "classes" or shown is None or shown.judged is None:
        return ""
    found = shown.judged
    images = f"{len(found.predicted):,} {found.split_words}"
    if tab == "confusion":
        return f"{100 * found.accuracy:.2f} % of {images} right; columns: what they are taken for"
    return f"{len(shown.mistakes):,} of {images}, surest first, page {page + 1}/{shown.num_pages}"


def figure_of(tab: GalleryTab, classes: ReadClasses | None, shown: ReadRun | None) -> FigureOf | None:
    """The tab on paper: for one of each class the data is read again."""
    if tab == "classes":
        source = classes.source if classes else None
        return None if source is None else FigureOf("classes", partial(_classes_figure, source))
    found = shown.judged if shown else None
    return None if found is None else FigureOf(tab, partial(_run_figure, found, tab))


def _classes_figure(source: DataSource) -> "Picture":
    from tui_optim.report.figures.gallery import classes_picture

    return classes_picture(training_images(source))


def _run_figure(found: Judged, tab: GalleryTab) -> "Picture":
    from tui_optim.report.figures.gallery import judged_picture

    return judged_picture(found, tab)

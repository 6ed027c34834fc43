"""Images: one of each class, the mistakes of a run, its confusion matrix."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Literal, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui_optim.report.pictures.gallery import Judged, Mistake, judged, training_images
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.gallery import (
    FEW_LEVELS,
    LEVELS,
    PER_PAGE,
    Inks,
    Lines,
    Tile,
    class_tiles,
    confusion_lines,
    mistake_tiles,
    tile_lines,
)
from tui_optim.ui.names import run_name
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.pixels import rgb_of
from tui_optim.ui.screens.picture import FigureOf, PictureScreen
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.picture import PictureView

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Picture

GalleryView = Literal["classes", "mistakes", "confusion"]
VIEWS: tuple[GalleryView, ...] = get_args(GalleryView)
LOOK_EVERY_S = 0.5
NO_RUN = "No run on these images yet:\nenter on a preset starts one; v shows the images."
NO_ROOM = "There is no room for images here:\nmake the terminal larger."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What has been read of a run."""

    judged: Judged | None = None
    mistakes: Sequence[Mistake] = ()
    problem: str = ""
    """Why there is nothing."""


class GalleryScreen(PictureScreen):
    """One run at a time; up and down go to others, left and right through its mistakes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v",
            "turn_view",
            "View",
            id="gallery.view",
            tooltip="turn: one image of each class, mistakes of a run, confusion matrix",
        ),
        Binding(
            "right,l,pagedown",
            "page(1)",
            "Page",
            id="gallery.next-page",
            key_display="←→",
            tooltip="more mistakes; left goes back",
        ),
        Binding("left,h,pageup", "page(-1)", "Back", id="gallery.previous-page", show=False),
        Binding(
            "up,k", "step(-1)", "Run", id="gallery.newer", key_display="↑↓", tooltip="a newer run; down an older one"
        ),
        Binding("down,j", "step(1)", "Older", id="gallery.older", show=False),
        Binding(
            "escape,q,o", "leave", "Back", id="gallery.leave", key_display="esc", tooltip="back to the main screen"
        ),
    ]
    DEFAULT_CSS = """
    GalleryScreen {
        #gallery-line { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        #gallery-words { height: 1; padding: 0 1; color: $quiet; text-wrap: nowrap; text-overflow: ellipsis; }
        #gallery { height: 1fr; margin: 0 1; }
    }
    """

    def __init__(
        self,
        board: Board,
        scenario: Scenario,
        *,
        run_id: str | None,
        find_data: Callable[[Scenario], Awaitable[DataSource]],
    ) -> None:
        """Images of a scenario's data; `run_id` is looked at first. `find_data` may raise UsageError."""
        super().__init__()
        self.board, self.scenario = board, scenario
        self.view: GalleryView = "mistakes" if run_id else "classes"
        self.page = 0
        self._run_id = run_id
        self._find_data = find_data
        self._tiles: list[Tile] | None = None
        """One of each class, once they are read."""
        self._source: DataSource | None = None
        """Where they were read."""
        self._title = ""
        self._problem = ""
        """Why there are no images."""
        self._shown: dict[tuple[str, str], Shown] = {}
        """By run id and state: a run that goes on may leave predictions later. Of one run at a time."""
        self._reading: Hashable = None
        """What is being read; one thing at a time."""
        self._drawn: Hashable = None

    def compose(self) -> ComposeResult:
        """A line, words, the images, the keys."""
        yield Static(id="gallery-line")
        yield Static(id="gallery-words")
        yield PictureView(id="gallery")
        yield KeyFooter()

    @property
    def topic(self) -> str:
        """The scenario that was opened."""
        return self.scenario.id

    @property
    def figure(self) -> FigureOf | None:
        """What is shown: for one of each class the data is read again."""
        if self.view == "classes":
            return None if self._source is None else FigureOf("classes", partial(_classes_figure, self._source))
        found = self.shown.judged if self.shown else None
        return None if found is None else FigureOf(self.view, partial(_run_figure, found, self.view))

    @property
    def runs(self) -> list[StoredRun]:
        """Those on the same images that have begun, oldest first."""
        return [
            run
            for run in self.board.runs
            if run.info.spec.data.dataset == self.scenario.dataset and run.status.state != "queued"
        ]

    @property
    def run(self) -> StoredRun | None:
        """The run that is looked at: the one that was asked for, else the newest that is over."""
        runs = self.runs
        chosen = next((run for run in runs if run.run_id == self._run_id), None)
        over = [run for run in runs if run.status.state in ("finished", "diverged")]
        return chosen or next(reversed(over or runs), None)

    @property
    def shown(self) -> Shown | None:
        """What has been read of it; None while it is being read."""
        run = self.run
        return self._shown.get((run.run_id, run.status.state)) if run else Shown(problem=NO_RUN)

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what there is."""
        is_read = self._tiles is not None or bool(self._problem) if self.view == "classes" else self.shown is not None
        return is_read and self._drawn == self._revision()

    @property
    def num_pages(self) -> int:
        """Pages of mistakes."""
        return max(1, -(-len(self.shown.mistakes) // PER_PAGE)) if self.shown else 1

    def on_mount(self) -> None:
        """Read, and look at intervals whether a run has come to its end."""
        self._look()
        self.set_interval(LOOK_EVERY_S, self._look)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self._draw()

    def action_turn_view(self) -> None:
        """Images, mistakes, confusion."""
        self.view = VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]
        self._look()

    def action_page(self, by: int) -> None:
        """Other mistakes."""
        self.page = min(max(0, self.page + by), self.num_pages - 1)
        self._draw()

    def action_step(self, by: int) -> None:
        """Another run."""
        runs, run = self.runs, self.run
        if run is None:
            return
        place = runs.index(run) - by
        if 0 <= place < len(runs):
            self._run_id, self.page = runs[place].run_id, 0
            self.view = "mistakes" if self.view == "classes" else self.view
            self._look()

    def action_leave(self) -> None:
        """Back."""
        self.dismiss()

    def _look(self) -> None:
        """Read what is wanted and not there; draw what has changed."""
        if self._reading is None:
            if self.view == "classes" and self._tiles is None and not self._problem:
                self._reading = "images"
                self.run_worker(self._read_images(), group="reading")
            elif self.view != "classes" and self.shown is None and (run := self.run) is not None:
                self._reading = run.run_id
                self.run_worker(self._read_run(run), group="reading")
        self._draw()

    async def _read_images(self) -> None:
        try:
            source = await self._find_data(self.scenario)
            self._tiles, self._title = await asyncio.to_thread(_one_of_each, source)
            self._source = source
        except UsageError as error:
            self._problem = str(error)
        self._reading = None
        self._look()

    async def _read_run(self, run: StoredRun) -> None:
        found = await asyncio.to_thread(_read, run)
        self._shown = {(run.run_id, run.status.state): found}
        self._reading = None
        self._look()

    def _revision(self) -> Hashable:
        run = self.run
        state = (run.run_id, run.status.state) if run else None
        is_read = (self._tiles is not None, self._problem, self.shown is not None)
        size = self.query_one(PictureView).content_size
        return self.view, self.page, state, is_read, len(self.runs), size, self.app.theme

    def _draw(self) -> None:
        if not self.query(PictureView):  # the screen is being taken down
            return
        revision = self._revision()
        if revision == self._drawn:
            return
        view = self.query_one(PictureView)
        lines = self._lines(*view.content_size)
        if isinstance(lines, str):
            view.say(lines, revision=revision)
        else:
            view.show_segments(lines, revision=revision)
        self._show_words()
        self._drawn = revision

    def _lines(self, width: int, height: int) -> Lines | str:
        """The picture, or why there is none."""
        inks = self._inks()
        if self.view == "classes":
            if self._tiles is None:
                return self._problem or "Reading the images …"
            return tile_lines(self._tiles, width=width, height=height, inks=inks) or NO_ROOM
        shown = self.shown
        if shown is None:
            return "Reading what the run says of the images …"
        if shown.judged is None:
            return shown.problem
        if self.view == "confusion":
            return confusion_lines(shown.judged, width=width, inks=inks)
        page = shown.mistakes[self.page * PER_PAGE : (self.page + 1) * PER_PAGE]
        if not page:
            return "Every image is taken for what it is."
        return tile_lines(mistake_tiles(shown.judged, page), width=width, height=height, inks=inks) or NO_ROOM

    def _inks(self) -> Inks:
        view = self.query_one(PictureView)
        is_plain = self.app.no_color or is_ascii_only(self.app)
        system = self.app.console.color_system
        return Inks(
            text=view.rich_style,
            quiet=view.get_component_rich_style("picture--words"),
            ground=rgb_of(view.rich_style, is_background=True),
            good=rgb_of(view.get_component_rich_style("picture--good")),
            bad=rgb_of(view.get_component_rich_style("picture--bad")),
            num_greys=0 if is_plain else FEW_LEVELS if system == "standard" else LEVELS,
        )

    def _show_words(self) -> None:
        titles = {"classes": "One of each class", "mistakes": "Mistakes", "confusion": "Confusion matrix"}
        line = Content.assemble((titles[self.view], "$primary bold"), f"  {self._about()}")
        self.query_one("#gallery-line", Static).update(line, layout=False)
        self.query_one("#gallery-words", Static).update(Content(self._words()), layout=False)

    def _about(self) -> str:
        if self.view == "classes":
            return self._title
        run, runs = self.run, self.runs
        if run is None:
            return ""
        return f"{run_name(run, among=runs)}  run {len(runs) - runs.index(run)} of {len(runs)}"

    def _words(self) -> str:
        shown = self.shown
        if self.view == "classes" or shown is None or shown.judged is None:
            return ""
        found = shown.judged
        images = f"{len(found.predicted):,} {found.split_words}"
        if self.view == "confusion":
            return f"{100 * found.accuracy:.2f} % of {images} right; columns: what they are taken for"
        return f"{len(shown.mistakes):,} of {images}, surest first, page {self.page + 1}/{self.num_pages}"


def _one_of_each(source: DataSource) -> tuple[list[Tile], str]:
    """Ten images, so that the others need no memory. Raises DataError."""
    images = training_images(source)
    return class_tiles(images), images.title


def _classes_figure(source: DataSource) -> "Picture":
    from tui_optim.report.figures.gallery import classes_picture

    return classes_picture(training_images(source))


def _run_figure(found: Judged, view: GalleryView) -> "Picture":
    from tui_optim.report.figures.gallery import confusion_picture, mistakes_picture

    return confusion_picture(found) if view == "confusion" else mistakes_picture(found)


def _read(run: StoredRun) -> Shown:
    try:
        found = judged(run)
    except UsageError as error:
        return Shown(problem=str(error))
    return Shown(judged=found, mistakes=found.mistakes())

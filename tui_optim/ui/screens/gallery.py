"""Images: one of each class, the mistakes of a run, its confusion matrix."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.names import run_name
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.pictures.gallery import FEW_LEVELS, LEVELS, Inks, Lines
from tui_optim.ui.pictures.gallery_tabs import (
    TABS,
    TITLES,
    GalleryTab,
    ReadClasses,
    ReadRun,
    class_lines,
    figure_of,
    read_classes,
    read_run,
    run_lines,
    run_words,
)
from tui_optim.ui.pictures.pixels import rgb_of
from tui_optim.ui.screens.picture import FigureOf, PictureScreen
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.picture import PictureView
from tui_optim.ui.widgets.title_line import TitleLine

LOOK_EVERY_S = 0.5
NO_RUN = "No run on these images yet:\n⟪preset.queue:enter⟫ on a preset starts one; ⟪gallery.view:v⟫ shows the images."


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
        self.view: GalleryTab = "mistakes" if run_id else "classes"
        self.page = 0
        self._run_id = run_id
        self._find_data = find_data
        self._of_data: ReadClasses | None = None
        """One of each class, or why they cannot be read; None before that."""
        self._shown: dict[tuple[str, str], ReadRun] = {}
        """By run id and state: a run that goes on may leave predictions later. Of one run at a time."""
        self._reading: Hashable = None
        """What is being read; one thing at a time."""
        self._drawn: Hashable = None

    def compose(self) -> ComposeResult:
        """A line, words, the images, the keys."""
        yield TitleLine(id="gallery-line")
        yield Static(id="gallery-words")
        yield PictureView(id="gallery")
        yield KeyFooter()

    @property
    def topic(self) -> str:
        """The scenario that was opened."""
        return self.scenario.id

    @property
    def figure(self) -> FigureOf | None:
        """What is shown."""
        return figure_of(self.view, self._of_data, self.shown)

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
        over = [run for run in runs if run.status.state in AT_THEIR_END]
        return chosen or next(reversed(over or runs), None)

    @property
    def shown(self) -> ReadRun | None:
        """What has been read of it; None while it is being read."""
        run = self.run
        return self._shown.get((run.run_id, run.status.state)) if run else ReadRun(problem=NO_RUN)

    @property
    def is_settled(self) -> bool:
        """Whether what can be seen is what there is."""
        is_read = (self._of_data if self.view == "classes" else self.shown) is not None
        return is_read and self._drawn == self._revision()

    @property
    def num_pages(self) -> int:
        """Pages of mistakes."""
        return self.shown.num_pages if self.shown else 1

    def on_mount(self) -> None:
        """Read, and look at intervals whether a run has come to its end."""
        self._look()
        self.set_interval(LOOK_EVERY_S, self._look)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self._draw()

    def action_turn_view(self) -> None:
        """Images, mistakes, confusion."""
        self.view = TABS[(TABS.index(self.view) + 1) % len(TABS)]
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
            if self.view == "classes" and self._of_data is None:
                self._reading = "images"
                self.run_worker(self._read_images(), group="reading")
            elif self.view != "classes" and self.shown is None and (run := self.run) is not None:
                self._reading = run.run_id
                self.run_worker(self._read_run(run), group="reading")
        self._draw()

    async def _read_images(self) -> None:
        try:
            source = await self._find_data(self.scenario)
            self._of_data = await asyncio.to_thread(read_classes, source)
        except UsageError as error:
            self._of_data = ReadClasses(problem=str(error))
        self._reading = None
        self._look()

    async def _read_run(self, run: StoredRun) -> None:
        found = await asyncio.to_thread(read_run, run)
        self._shown = {(run.run_id, run.status.state): found}
        self.page = min(self.page, self.num_pages - 1)  # it may have fewer mistakes than what was shown before
        self._reading = None
        self._look()

    def _revision(self) -> Hashable:
        run = self.run
        state = (run.run_id, run.status.state) if run else None
        is_read = (self._of_data is not None, self.shown is not None)
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
            return class_lines(self._of_data, width=width, height=height, inks=inks)
        return run_lines(self.view, self.shown, page=self.page, width=width, height=height, inks=inks)

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
        line = Content.assemble((TITLES[self.view], "$primary bold"), f"  {self._about()}")
        self.query_one(TitleLine).say(line)
        words = run_words(self.view, self.shown, page=self.page)
        self.query_one("#gallery-words", Static).update(Content(words), layout=False)

    def _about(self) -> str:
        if self.view == "classes":
            return self._of_data.title if self._of_data else ""
        run, runs = self.run, self.runs
        if run is None:
            return ""
        return f"{run_name(run, among=runs)}  run {len(runs) - runs.index(run)} of {len(runs)}"

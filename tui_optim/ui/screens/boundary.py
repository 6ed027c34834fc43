"""The decision boundary of a circles run over the plane, with the points on it, while it trains and afterwards."""

import asyncio
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar, get_args

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from tui_optim.report.pictures.boundary import Marked, Network, Part, accuracy, examples, film_of, network_of
from tui_optim.spec.datasets import GENERATED
from tui_optim.spec.errors import StoreError
from tui_optim.spec.pictures import Film
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.charting.curves import Selection, chart_series, limits_from_zero
from tui_optim.ui.charting.marks import CURSOR, Pointer
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.personal_app import is_ascii_only
from tui_optim.ui.pictures.boundary import PLAIN, RIGHT, WRONG, Inks, boundary_lines
from tui_optim.ui.pictures.films import Films
from tui_optim.ui.pictures.pixels import rgb_of
from tui_optim.ui.screens.picture import FigureOf
from tui_optim.ui.screens.timed import TimedScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.picture import PictureView
from tui_optim.ui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Picture

READ_EVERY_S = 0.25
PARTS: tuple[Part, ...] = get_args(Part)
NOTHING = "No run on circles yet:\n⟪preset.queue:enter⟫ on a preset starts one."
NO_FILM = "The first picture comes\nwith the first epochs."
UNREAD = "Reading what this run\nhas written …"
LOST = "The weights are not finite:\nthe run has diverged."
OLD = "This run kept no picture of its boundary.\nRun it again to have one."


class BoundaryScreen(TimedScreen):
    """One run at a time; up and down go to others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "up,k", "step(-1)", "Run", id="boundary.newer", key_display="↑↓", tooltip="a newer run; down an older one"
        ),
        Binding("down,j", "step(1)", "Older", id="boundary.older", show=False),
        Binding("t", "turn_points", "Points", id="boundary.points", tooltip="turn the points: training, test, none"),
    ]
    DEFAULT_CSS = """
    BoundaryScreen {
        #boundary-row { height: 1fr; }
        #boundary { width: 1.4fr; height: 1fr; }
        #boundary-side { width: 1fr; height: 1fr; }
        #boundary-words { height: auto; padding: 0 1; }
        #boundary, #boundary-chart {
            border: round $border-blurred;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
        }
        #boundary-chart { height: 1fr; }
    }
    """

    def __init__(self, films: Films) -> None:
        """Show what `films` looks at."""
        super().__init__(films.timeline)
        self.films = films
        self.part: Part | None = "train"
        """Which points are shown."""
        self._read_at = 0.0
        self._is_reading = False
        self._read: tuple[str, int] | None = None
        """Run id and time stamp (ns) of the film that was read last."""

    def compose(self) -> ComposeResult:
        """A line, the plane beside words and a chart, the keys."""
        yield TitleLine(id="boundary-line")
        with Horizontal(id="boundary-row"):
            yield PictureView(id="boundary")
            with Vertical(id="boundary-side"):
                yield Static(id="boundary-words")
                chart = Chart(id="boundary-chart")
                chart.can_focus = False
                yield chart
        yield KeyFooter()

    @property
    def view(self) -> PictureView:
        """The plane."""
        return self.query_one("#boundary", PictureView)

    @property
    def chart(self) -> Chart:
        """The run's accuracies."""
        return self.query_one("#boundary-chart", Chart)

    @property
    def topic(self) -> str:
        """The run's scenario."""
        return self.films.run.info.spec.scenario if self.films.run else "circles"

    @property
    def figure(self) -> FigureOf | None:
        """The boundary at the run's end, or as it is now."""
        run = self.films.run
        return None if run is None or self.films.frame is None else FigureOf("boundary", partial(_figure, run))

    @property
    def revision(self) -> Hashable:
        """Of run, film, time, choice and size."""
        return self.films.revision, self.part, self.view.content_size, self.chart.content_size, self.app.theme

    @property
    def is_read(self) -> bool:
        """Whether the film of the run has been looked for."""
        run = self.films.run
        return run is None or (not self._is_reading and self._read is not None and self._read[0] == run.run_id)

    def look(self) -> None:
        """See which runs there are now, and read the film of the one that is shown."""
        self.films.look()
        now = self.clock()
        if not self._is_reading and now - self._read_at >= READ_EVERY_S:
            self._read_at = now
            self._read_soon()

    def on_mount(self) -> None:
        """Begin to read."""
        self._read_soon()

    def action_step(self, by: int) -> None:
        """Another run."""
        if self.films.step(by):
            self._read = None
            self._read_soon()
            self.show_soon()

    def action_turn_points(self) -> None:
        """Training points, test points, none."""
        choices: Sequence[Part | None] = (*PARTS, None)
        self.part = choices[(choices.index(self.part) + 1) % len(choices)]
        self.show_soon()

    def draw(self) -> None:
        """The plane, the words, the chart."""
        frame = self.films.frame
        network = network_of(frame) if frame else None
        is_sound = network is not None and network.is_finite
        marked = {part: examples(network, part) for part in PARTS} if network and is_sound else {}
        self._draw_plane(network if is_sound else None, marked)
        self._show_words(marked)
        self._draw_chart()

    def _draw_plane(self, network: Network | None, marked: dict[Part, list[Marked]]) -> None:
        view = self.view
        view.name_it(
            "Decision boundary" if self.part is None else f"Decision boundary, {_title(self.part)} points",
            f"epoch {self.films.frame.epoch}" if self.films.frame else "",
        )
        if network is None:
            view.say(self._why_empty(), revision=self.revision)
            return
        width, height = view.content_size
        points = marked[self.part] if self.part else []
        lines = boundary_lines(network, points, columns=width, rows=height, inks=self._inks())
        view.show_segments(lines, revision=self.revision)

    def _inks(self) -> Inks:
        first, second = (rgb_of(self.view.get_component_rich_style(f"picture--series-{slot}")) for slot in (0, 1))
        return Inks(
            ground=rgb_of(self.view.rich_style, is_background=True),
            classes=(first, second),
            is_plain=self.app.no_color
            or is_ascii_only(self.app)
            or self.app.console.color_system in (None, "standard"),
        )

    def _why_empty(self) -> str:
        run = self.films.run
        if run is None:
            return NOTHING
        if self.films.problem:
            return self.films.problem
        if self.films.frame is not None:
            return LOST
        if run.status.state == "running":
            return NO_FILM
        return OLD if self._read is not None and self._read[0] == run.run_id else UNREAD

    def _show_words(self, marked: dict[Part, list[Marked]]) -> None:
        films, run = self.films, self.films.run
        line = Content.assemble(
            ("Circles", "$primary bold"),
            f"  {films.name}  ",
            (films.place, "$quiet"),
            "  ",
            (self.pace_text, "$success"),
        )
        self.query_one(TitleLine).say(line)
        names = GENERATED["circles"].classes
        less_sure = f"{PLAIN[2]} says {names[1]}" if self._inks().is_plain else "darker: less sure"
        words: list[str | tuple[str, str]] = [
            (f"{RIGHT[0]} {names[0]}", "$series-0"),
            "  ",
            (f"{RIGHT[1]} {names[1]}\n", "$series-1"),
            (f"{WRONG} wrong  {less_sure}", "$quiet"),
        ]
        if run is not None:
            epoch = films.frame.epoch if films.frame else 0
            words.append(f"\nepoch {epoch} of {run.status.epochs}, {run.status.state}")
            words += [(f"\n{run.status.reason}", "$warning")] if run.status.reason else []
        for part, points in marked.items():
            wrong = sum(not one.is_right for one in points)
            words.append(f"\n{_title(part):<8} {100 * accuracy(points):5.1f} %, {wrong} wrong")
        self.query_one("#boundary-words", Static).update(Content.assemble(*words))

    def _draw_chart(self) -> None:
        chart, entry = self.chart, self.films.entry
        chart.name_it("Accuracy % over epochs", "━ training  ·· test")
        chart.empty_text = with_keys(self.app, NOTHING)
        if entry is not None:
            chart.empty_text = NO_FILM if entry.seeds.runs[0].status.state == "running" else UNREAD
        bands = self.films.board.bands
        series = chart_series([entry], "accuracy", Selection(axis="epoch"), bands) if entry else []
        pointer = Pointer(x=float(self.films.frame.epoch if self.films.frame else 0), marker=CURSOR, is_tall=True)
        chart.draw(series, log_y=False, limits=limits_from_zero(series), pointers=[pointer], revision=self.revision)

    def _read_soon(self) -> None:
        if self.films.run is not None:
            self._is_reading = True
            self.run_worker(self._read_film(self.films.run), group="film")

    async def _read_film(self, run: StoredRun) -> None:
        """Read the film where it is another one than before; in a thread, for a disk may be slow."""
        try:
            stamp, film = await asyncio.to_thread(_newer_film, run, self._read)
            if film is not None or self._read is None or self._read[0] != run.run_id:
                self._read = (run.run_id, stamp)
                self.films.take(run.run_id, film)
        except StoreError as error:
            self._read = (run.run_id, 0)
            self.films.take(run.run_id, None, problem=str(error))
        finally:
            self._is_reading = False


def _figure(run: StoredRun) -> "Picture":
    from tui_optim.report.figures.boundary import boundary_picture

    return boundary_picture([run])


def _newer_film(run: StoredRun, known: tuple[str, int] | None) -> tuple[int, Film | None]:
    """Time stamp and film; no film where it is the known one, or there is none. Raises StoreError."""
    try:
        stamp = run.folder.film.stat().st_mtime_ns
    except OSError:
        return 0, None
    return stamp, None if known == (run.run_id, stamp) else film_of(run.folder)


def _title(part: Part) -> str:
    return "training" if part == "train" else "test"

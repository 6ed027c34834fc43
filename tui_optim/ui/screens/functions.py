"""Functions with a known minimum: paths over level lines, and gaps on a logarithmic axis with what theory says of them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content

from tui_optim.report.pictures.descent import gap_limits
from tui_optim.report.pictures.plane import facts
from tui_optim.report.series import RunSeries
from tui_optim.spec.scenarios import SCENARIOS, Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.charting.curves import Entry, Selection, chart_series, limits_from_zero, place_text, spread_remark
from tui_optim.ui.charting.overlay import Shown
from tui_optim.ui.charting.series import ChartSeries
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.pictures.contour import MINIMUM, START, ContourPlot
from tui_optim.ui.pictures.functions import Functions, Method
from tui_optim.ui.screens.picture import FigureOf
from tui_optim.ui.screens.timed import TimedScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.legend import Legend
from tui_optim.ui.widgets.picture import PictureView
from tui_optim.ui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Picture

THEORY: dict[str, Pattern] = {"rate": "dashed", "mean": "dashed", "floor": "dotted"}
LEGEND_LINES = 4
"""Names have their numbers with them, by theory and as measured."""
FACTS_WIDTH = 56
"""From here on eigenvalues have their name."""
NOTHING = (
    "Nothing here yet: ⟪preset.queue:enter⟫ on a preset starts a run.\n⟪run.overlay:space⟫ on runs marks those to show."
)

UNREAD = "Reading what these runs have written …"


class FunctionsScreen(TimedScreen):
    """Level lines and paths where there are two parameters; gaps over steps everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v",
            "turn_view",
            "View",
            id="functions.view",
            tooltip="turn: paths over level lines, gaps over steps with theory",
        ),
        Binding(
            "b",
            "turn_spread",
            "Bands",
            id="functions.bands",
            tooltip="gaps of several seeds: ± sd, min–max, 25–75 %, 95 % CI, single runs",
        ),
    ]
    DEFAULT_CSS = """
    FunctionsScreen {
        #paths, #gaps { height: 1fr; }
        .function {
            width: 1fr;
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
        }
    }
    """

    def __init__(self, functions: Functions) -> None:
        """Show what `functions` looks at."""
        super().__init__(functions.timeline)
        self.functions = functions
        # a mean minus a standard deviation has no logarithm where it is below 0, and its band would fill the lower half
        self.selection = Selection(axis="step", split="train", spread="quartiles")
        self.has_paths = functions.kind == "contour"
        """Whether paths are shown, not gaps."""
        self._all = [one for one in SCENARIOS.values() if one.picture == functions.kind]
        self._plots = {one.id: ContourPlot(functions, one) for one in self._all if functions.kind == "contour"}

    def compose(self) -> ComposeResult:
        """A line, a picture or a chart for each function, the legend, the keys."""
        yield TitleLine(id="function-line")
        with Horizontal(id="paths"):
            for scenario in self._all:
                yield PictureView(id=f"paths-{scenario.id}", classes="function")
        with Horizontal(id="gaps"):
            for scenario in self._all:
                chart = Chart(id=f"gaps-{scenario.id}", classes="function")
                chart.can_focus = False
                yield chart
        yield Legend(id="function-legend", max_lines=LEGEND_LINES)
        yield KeyFooter()

    @property
    def topic(self) -> str:
        """The first of the functions that are shown."""
        return self.functions.scenarios[0].id

    @property
    def figure(self) -> FigureOf | None:
        """Paths or gaps, of the runs that are shown."""
        seeds = [one for method in self.functions.methods for one in method.on.values()]
        runs = [run for one in seeds for run in one.runs]
        series = {run.run_id: own for one in seeds for run, own in zip(one.runs, one.series, strict=True)}
        if not runs:
            return None
        return FigureOf("contour" if self.has_paths else "descent", partial(_figure, runs, series, self.has_paths))

    @property
    def revision(self) -> Hashable:
        """Of runs, time, choice and size."""
        sizes = tuple(widget.content_size for widget in self.query(".function"))
        return self.functions.revision, self.selection, self.has_paths, sizes, self.app.theme

    def look(self) -> None:
        """See which runs there are now."""
        self.functions.look()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There are no paths of one parameter, and bands are of gaps alone."""
        del parameters
        if action == "turn_view":
            return self.functions.kind == "contour"
        return not (action == "turn_spread" and self.has_paths)

    def action_turn_view(self) -> None:
        """Paths or gaps."""
        self.has_paths = not self.has_paths
        self.refresh_bindings()
        self.show_soon()

    def action_turn_spread(self) -> None:
        """Another kind of band, or single runs."""
        self.selection = self.selection.with_next_spread()
        self.show_soon()

    def draw(self) -> None:
        """Both functions side by side where both have runs."""
        shown = self.functions.scenarios
        self.query_one("#paths").display = self.has_paths
        self.query_one("#gaps").display = not self.has_paths
        for scenario in self._all:
            for part in ("paths", "gaps"):
                self.query_one(f"#{part}-{scenario.id}").display = scenario in shown
        self._show_words()
        for scenario in shown:
            if self.has_paths:
                self._draw_paths(scenario)
            else:
                self._draw_gaps(scenario)

    def _draw_paths(self, scenario: Scenario) -> None:
        view = self.query_one(f"#paths-{scenario.id}", PictureView)
        assert scenario.quadratic is not None
        width, height = view.content_size
        view.name_it(scenario.title, facts(scenario.quadratic, is_short=width < FACTS_WIDTH))
        view.show(self._plots[scenario.id].lines(width, height), revision=self.revision)

    def _draw_gaps(self, scenario: Scenario) -> None:
        chart = self.query_one(f"#gaps-{scenario.id}", Chart)
        chart.name_it(_gap_title(scenario))
        chart.empty_text = UNREAD if self.functions.methods else with_keys(self.app, NOTHING)
        series = [line for method in self.functions.methods for line in self._lines(method, scenario)]
        assert scenario.quadratic is not None
        y = gap_limits(scenario.quadratic, (gap for line in series for gap in line.ys))
        limits = replace(limits_from_zero(series), y=y if series else None)
        if not self.timeline.is_at_finish:
            series = [replace(line, until=self.timeline.now) for line in series]
        chart.draw(series, log_y=True, limits=limits, revision=self.revision)

    def _lines(self, method: Method, scenario: Scenario) -> Iterator[ChartSeries]:
        """What was measured, then theory, so that it lies over the lines that it repeats."""
        seeds = method.on.get(scenario.id)
        if seeds is None:
            return
        shown = Shown(slot=method.slot, run_ids=tuple(run.run_id for run in seeds.runs))
        bands = self.functions.board.bands
        yield from chart_series([Entry(shown=shown, seeds=seeds)], "gap", self.selection, bands)
        for theory in self.functions.theories(seeds):
            yield ChartSeries(xs=theory.steps, ys=theory.gaps, slot=method.slot, pattern=THEORY[theory.kind])

    def _show_words(self) -> None:
        functions, timeline = self.functions, self.timeline
        place = f"after {place_text(timeline.now)} steps" if functions.methods else ""
        if functions.methods and not timeline.finish:
            place = UNREAD
        title = "Level lines and paths" if self.has_paths else "Gap F − F* over steps"
        line = Content.assemble(
            (title, "$primary bold"), f"  {functions.about}  {place}  ", (self.pace_text, "$success")
        )
        self.query_one(TitleLine).say(line)
        remarks = [f"{START} start  {MINIMUM} minimum"] if self.has_paths else self._remarks()
        names = [(one.slot, one.marker, self._title_of(one)) for one in functions.methods]
        self.query_one(Legend).show(names, [], remarks=remarks)

    def _remarks(self) -> list[str]:
        entries = [
            Entry(shown=Shown(slot=method.slot, run_ids=()), seeds=seeds)
            for method in self.functions.methods
            for seeds in method.on.values()
        ]
        is_noisy = self.functions.kind == "descent"
        words = "╍╍ expected  ·· noise floor" if is_noisy else "╍╍ rate by theory"
        return [words, spread_remark(entries, self.selection.spread)]

    def _title_of(self, method: Method) -> str:
        """With the number that theory has for it, where gaps are shown."""
        seeds = next(iter(method.on.values()))
        found = [] if self.has_paths else self.functions.theories(seeds)
        count = f" ×{len(seeds.runs)}" if len(seeds.runs) > 1 else ""
        measured = self.functions.measured_rate(seeds) if found else None
        words = [one.words for one in found[-1:]] + ([f"measured {measured:.6g}"] if measured is not None else [])
        told = f" ({', '.join(words)})" if words else ""
        return f"{method.name}{count}{told}"


def _figure(runs: Sequence[StoredRun], series: Mapping[str, RunSeries], has_paths: bool) -> "Picture":
    from tui_optim.report.figures.kinds import FigureRequest, make_picture

    return make_picture(runs, series, FigureRequest(kind="contour" if has_paths else "descent"))


def _gap_title(scenario: Scenario) -> str:
    return "Squared error to y*" if scenario.picture == "descent" else scenario.title

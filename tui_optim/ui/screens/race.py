"""The race: one big chart, a cursor with the ranks at it, what targets cost, and the replay."""

from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from tui_optim.report.cells import Table
from tui_optim.report.series import AXIS_NAMES
from tui_optim.report.targets import parse_target
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.charting.curves import PARTING, limits_from_zero, place_text, spread_remark
from tui_optim.ui.charting.marks import CURSOR, Pointer
from tui_optim.ui.charting.race import Race
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.in_time import InTimeScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.race_table import RaceTable
from tui_optim.ui.widgets.title_line import TitleLine

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest


Export = Callable[[Table, Sequence[StoredRun], "FigureRequest"], None]
"""Asks where to write a table about runs, or the figure of them."""

NOTHING = (
    "Nothing to race yet: ⟪preset.queue:enter⟫ on a preset starts runs.\n"
    "⟪run.overlay:space⟫ on a run marks it, ⟪run.seeds:a⟫ all seeds of its setting."
)
NO_POINT = "The first points come\nwith the first evaluation."


class RaceScreen(InTimeScreen):
    """Settings at equal cost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "turn_axis", "X axis", id="race.axis", tooltip="turn x: epochs, steps, seconds, gradient evaluations"),
        Binding("m", "turn_measure", "Measure", id="race.measure", tooltip="turn the measure: val, test, train; accuracy, loss"),
        Binding("b", "turn_spread", "Bands", id="race.bands", tooltip="seeds: ± sd, min–max, 25–75 %, 95 % CI, single runs"),
        Binding("t", "ask_targets", "Targets", id="race.targets", tooltip="type targets: what each setting spent on them"),
        Binding("space", "play_or_pause", "Replay", id="race.replay", tooltip="replay against a clock of training time; pause"),
        Binding("w", "export", "Export", id="race.write", tooltip="write the table to a file and to the clipboard, or a figure"),
        Binding("escape,q,r", "leave", "Back", id="race.leave", key_display="esc", tooltip="leave replay, targets, race"),
        Binding("y", "turn_log", "Log y", id="race.log", show=False, tooltip="loss on a logarithmic axis, and back"),
    ]  # fmt: skip
    TICK_S = 0.2
    DEFAULT_CSS = """
    RaceScreen {
        #race-chart {
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
        }
    }
    """

    def __init__(self, race: Race, *, export: Export) -> None:
        """Show a race."""
        super().__init__(race)
        self.race = race
        self._export = export

    def compose(self) -> ComposeResult:
        """A line, the chart, the table, the keys."""
        yield TitleLine(id="race-line")
        chart = Chart(id="race-chart")
        chart.can_focus = False
        yield chart
        yield RaceTable(id="race-table")
        yield KeyFooter()

    @property
    def chart(self) -> Chart:
        """The chart."""
        return self.query_one("#race-chart", Chart)

    @property
    def is_there(self) -> bool:
        """Whether the chart is."""
        return bool(self.query(Chart))

    @property
    def is_drawn(self) -> bool:
        """Whether it shows what the race is."""
        return self.chart.drawn == self._revision()

    def look(self) -> None:
        """See which runs take part now."""
        self.race.look()

    def action_turn_axis(self) -> None:
        """Run over another x."""
        self.race.turn_axis()
        self.show_soon()

    def action_turn_measure(self) -> None:
        """Race for something else."""
        self.race.turn_measure()
        self.show_soon()

    def action_turn_spread(self) -> None:
        """Another kind of band, or single runs."""
        self.race.turn_spread()
        self.show_soon()

    def action_turn_log(self) -> None:
        """Loss on the other kind of axis."""
        self.race.is_log = not self.race.is_log
        self.show_soon()

    def action_ask_targets(self) -> None:
        """Let the user type what is to be reached."""
        setting = Setting(
            key="targets",
            text=" ".join(target.text for target in self.race.targets or self.race.usual_targets),
            help="What is to be reached, with blanks between several; nothing shows the ranks again",
            expected="for example val_accuracy>=0.9 test_loss<=0.3",
        )
        self.app.push_screen(EditScreen(setting, accept=self._take_targets))

    def action_export(self) -> None:
        """Ask where to write the table."""
        table = self.race.table(is_for_file=True)
        if table is None or not table.rows:
            self.notify("There is nothing to export yet.")
            return
        self._export(table, self.race.runs, self.race.figure())

    def action_leave(self) -> None:
        """One layer out: the replay, the targets, the race."""
        if self.race.leave_replay():
            self.show_soon()
        elif self.race.targets:
            self.race.targets = ()
            self.show_soon()
        else:
            self.dismiss()

    def _take_targets(self, text: str) -> None:
        """Raises UsageError."""
        self.race.targets = tuple(dict.fromkeys(parse_target(word) for word in text.replace(",", " ").split()))
        self.show_soon()

    def show_all(self) -> float:
        """The table, the words, and the chart where it is another one; returns what drawing that took."""
        race, chart = self.race, self.chart
        whose = [entry.shown for entry in race.rows()]
        self.query_one(RaceTable).show(race.table() if whose else None, whose)
        self._show_words()
        revision = self._revision()
        if chart.drawn == revision:
            return 0.0
        series, parting = race.series(), race.parting()
        cursor = [Pointer(x=race.cursor_x, marker=CURSOR, is_tall=True)] if race.cursor_x is not None else []
        return chart.draw(
            series,
            log_y=race.is_log and race.measure is not None and race.measure.quantity == "loss",
            limits=limits_from_zero(series),
            pointers=[*cursor, *([parting.pointer] if parting else [])],
            revision=revision,
        )

    def _show_words(self) -> None:
        race, chart = self.race, self.chart
        chart.empty_text = NO_POINT if race.runs else with_keys(self.app, NOTHING)
        measure, axis = race.measure, AXIS_NAMES[race.selection.axis]
        parting = race.parting()
        remarks = [
            spread_remark(race.entries, race.selection.spread),
            f"{PARTING} apart from {place_text(parting.x)}" if parting else "",
            f"{CURSOR} {race.place}" if measure and race.cursor_x is not None else "",
        ]
        title = f"{measure.title} over {axis}" if measure else f"Race over {axis}"
        chart.name_it(title, "   ".join(remark for remark in remarks if remark))
        self.query_one(TitleLine).say(self._line())

    def _line(self) -> Content:
        about = self.race.about
        if self.pace_text:  # first what changes: the line may be cut
            return Content.assemble(("Race", "$primary bold"), "  ", (self.pace_text, "$success"), f"  {about}")
        return Content.assemble(("Race", "$primary bold"), f"  {about}  ", (self.race.board.counts, "$success"))

    def _revision(self) -> Hashable:
        return (self.race.revision, self.chart.content_size, self.app.theme, self.chart.empty_text)

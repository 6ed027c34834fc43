"""The race: one big chart, a cursor with the ranks at it, what targets cost, and the replay."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from tui_optim.report.cells import Table
from tui_optim.report.series import AXIS_NAMES
from tui_optim.report.targets import parse_target
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.curves import PARTING, limits_from_zero, place_text, spread_remark
from tui_optim.ui.marks import Pointer
from tui_optim.ui.race import Race
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.setting import Setting
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.race_table import RaceTable

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest


Export = Callable[[Table, Sequence[StoredRun], "FigureRequest"], None]
"""Asks where to write a table about runs, or the figure of them."""

TICK_S = 0.2
KEY_DELAY_S = 0.01
"""A key that repeats draws once for several presses."""
COST_FACTOR = 8.0
"""After a drawing that took t seconds of processor time, no tick draws for this many times t."""
CURSOR = "┊"
STEP, LEAP = 0.01, 0.1
"""Shares of the way by which the cursor moves."""
NOTHING = "Nothing to race yet: enter on a preset starts runs.\nspace on a run marks it, a all seeds of its setting."
NO_POINT = "The first points come\nwith the first evaluation."


class RaceScreen(Screen[None]):
    """Settings at equal cost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "turn_axis", "X axis", id="race.axis", tooltip="turn x: epochs, steps, seconds, gradient evaluations"),
        Binding("m", "turn_measure", "Measure", id="race.measure", tooltip="turn the measure: val, test, train; accuracy, loss"),
        Binding("b", "turn_spread", "Bands", id="race.bands", tooltip="seeds: ± sd, min–max, 95 % CI, single runs"),
        Binding("t", "ask_targets", "Targets", id="race.targets", tooltip="type targets: what each setting spent on them"),
        Binding(
            "space",
            "play_or_pause",
            "Replay",
            id="race.replay",
            tooltip="replay, hiding what comes after the cursor; pause",
        ),
        Binding("w", "export", "Export", id="race.write", tooltip="write the table to a file and to the clipboard, or a figure"),
        Binding(
            "escape,q,r",
            "leave",
            "Back",
            id="race.leave",
            key_display="esc",
            tooltip="leave the replay, the targets, the race",
        ),
        Binding("h,left", "move(-1)", "Left", id="race.left", show=False, tooltip="move the cursor; with shift by leaps"),
        Binding("l,right", "move(1)", "Right", id="race.right", show=False, tooltip="the same to the right"),
        Binding("H,shift+left", "leap(-1)", "Far left", id="race.leap-left", show=False),
        Binding("L,shift+right", "leap(1)", "Far right", id="race.leap-right", show=False),
        Binding("0,home,g", "go_to_start", "Start", id="race.start", show=False, tooltip="cursor to the start"),
        Binding(
            "end,G,dollar_sign",
            "go_to_finish",
            "Finish",
            id="race.finish",
            show=False,
            tooltip="cursor to the finish, where it stays",
        ),
        Binding("comma,less_than_sign", "pace(-1)", "Slower", id="race.slower", show=False, tooltip="replay slower"),
        Binding("full_stop,greater_than_sign", "pace(1)", "Faster", id="race.faster", show=False, tooltip="replay faster"),
        Binding("y", "turn_log", "Log y", id="race.log", show=False, tooltip="loss on a logarithmic axis, and back"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    RaceScreen {
        #race-line { height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis; }
        #race-chart {
            height: 1fr;
            border: round $border-blurred;
            border-title-color: $primary;
            border-title-style: bold;
            border-subtitle-color: $quiet;
        }
    }
    """

    def __init__(self, race: Race, *, export: Export, clock: Callable[[], float] = time.monotonic) -> None:
        """Show a race; `clock` gives seconds for the replay."""
        super().__init__()
        self.race = race
        self._export = export
        self._clock = clock
        self._ticked_at = clock()
        self._next_at = 0.0
        self._soon: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line, the chart, the table, the keys."""
        yield Static(id="race-line")
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
    def is_settled(self) -> bool:
        """Whether what can be seen is what the race is."""
        return self._soon is None and self.chart.drawn == self._revision()

    def on_mount(self) -> None:
        """Follow the race."""
        self._show_soon()
        self.set_interval(TICK_S, self._tick)

    def on_drawing_resized(self) -> None:
        """Draw for the new size."""
        self._show_soon()

    def action_turn_axis(self) -> None:
        """Run over another x."""
        self.race.turn_axis()
        self._show_soon()

    def action_turn_measure(self) -> None:
        """Race for something else."""
        self.race.turn_measure()
        self._show_soon()

    def action_turn_spread(self) -> None:
        """Another kind of band, or single runs."""
        self.race.turn_spread()
        self._show_soon()

    def action_turn_log(self) -> None:
        """Loss on the other kind of axis."""
        self.race.is_log = not self.race.is_log
        self._show_soon()

    def action_move(self, direction: int) -> None:
        """Move the cursor a little."""
        self.race.move(direction * STEP)
        self._show_soon()

    def action_leap(self, direction: int) -> None:
        """Move the cursor far."""
        self.race.move(direction * LEAP)
        self._show_soon()

    def action_go_to_start(self) -> None:
        """Put the cursor at the start."""
        self.race.go_to(0.0)
        self._show_soon()

    def action_go_to_finish(self) -> None:
        """Put the cursor at the finish; a replay is over there."""
        self.race.leave_replay()
        self.race.go_to(self.race.finish)
        self._show_soon()

    def action_play_or_pause(self) -> None:
        """Start, hold or go on with the replay."""
        self._ticked_at = self._clock()
        self.race.play_or_pause()
        self._show_soon()

    def action_pace(self, by: int) -> None:
        """Replay faster or slower."""
        self.race.change_pace(by)
        self._show_soon()

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
            self._show_soon()
        elif self.race.targets:
            self.race.targets = ()
            self._show_soon()
        else:
            self.race.board.raced = frozenset()
            self.dismiss()

    def _take_targets(self, text: str) -> None:
        """Raises UsageError."""
        self.race.targets = tuple(dict.fromkeys(parse_target(word) for word in text.replace(",", " ").split()))
        self._show_soon()

    def _tick(self) -> None:
        """Let time pass in a replay; see what has happened; draw what has changed, unless the last drawing cost too much."""
        if self not in self.app.screen_stack or not self.query(Chart):  # left: a tick may have been under way
            return
        now = self._clock()
        self.race.advance(now - self._ticked_at)
        self._ticked_at = now
        self.race.look()
        if now >= self._next_at and self._soon is None and not self.is_settled:
            self._show()

    def _show_soon(self) -> None:
        if self._soon is None:
            self._soon = self.set_timer(KEY_DELAY_S, self._show)

    def _show(self) -> None:
        self._soon = None
        if not self.query(Chart):  # the screen is being taken down
            return
        race, chart = self.race, self.chart
        whose = [entry.shown for entry in race.rows()]
        self.query_one(RaceTable).show(race.table() if whose else None, whose)
        self._show_words()
        revision = self._revision()
        if chart.drawn == revision:
            return
        series, parting = race.series(), race.parting()
        cursor = Pointer(x=race.x, marker=CURSOR, is_tall=True)
        cost = chart.draw(
            series,
            log_y=race.is_log and race.measure is not None and race.measure.quantity == "loss",
            limits=limits_from_zero(series),
            pointers=[cursor, *([parting.pointer] if parting else [])],
            until=race.until,
            revision=revision,
        )
        self._next_at = self._clock() + COST_FACTOR * cost

    def _show_words(self) -> None:
        race, chart = self.race, self.chart
        chart.empty_text = NO_POINT if race.runs else NOTHING
        measure, axis = race.measure, AXIS_NAMES[race.selection.axis]
        chart.name_it(f"{measure.title} over {axis}" if measure else f"Race over {axis}")
        parting = race.parting()
        remarks = [
            spread_remark(race.entries, race.selection.spread),
            f"{PARTING} apart from {place_text(parting.x)}" if parting else "",
            f"{CURSOR} {race.place}" if measure else "",
        ]
        chart.border_subtitle = "   ".join(remark for remark in remarks if remark)
        self.query_one("#race-line", Static).update(self._line(), layout=False)

    def _line(self) -> Content:
        replay = self.race.replay
        sign = "▶ replay" if replay.is_playing else "‖ replay" if replay.is_on else ""
        pace = f"{sign} in {replay.duration_s:g} s   , . pace" if sign else self.race.board.counts
        return Content.assemble(("Race", "$primary bold"), f"  {self.race.about}  ", (pace, "$success"))

    def _revision(self) -> Hashable:
        return (self.race.revision, self.chart.content_size, self.app.theme, self.chart.empty_text)

"""The sweeps screen: which there are, how far they are, what they have found so far."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from tui_optim.report.cells import Table
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.sweeplibrary import load_plans
from tui_optim.ui.board import Board
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.messages import StartSweep
from tui_optim.ui.names import sweep_name
from tui_optim.ui.screens.confirm import StartSweepScreen
from tui_optim.ui.screens.one_sweep import OneSweepScreen
from tui_optim.ui.sweeping.desk import SweepDesk
from tui_optim.ui.sweeping.watch import SweepLook, SweepWatch
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.sweep_list import READY_MADE, SweepList
from tui_optim.ui.widgets.sweep_pane import SweepPane
from tui_optim.ui.widgets.title_line import TitleLine

INTERVAL_S = 0.5
COST_FACTOR = 10.0
"""After a look that took t seconds, none for this many times t, unless the user does something."""
NARROW = 60
"""Below this width list and sweep are shown one at a time."""


class SweepsScreen(OneSweepScreen):
    """The list, and what is chosen in it; the keys on that are `one_sweep`'s."""

    AUTO_FOCUS = "#sweep-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "toggle_list", "List", id="sweep.list", show=False, tooltip="hide or show the list"),
        Binding("escape,g,q", "leave", "Back", key_display="esc", id="sweep.leave", tooltip="back to the main screen"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    SweepsScreen {
        #sweeps { height: 1fr; }
        #sweep-list { width: 36; height: 1fr; }
        #sweep { width: 1fr; height: 1fr; }
        .sweep-pane { border: round $border-blurred; border-title-color: $quiet; }
        .sweep-pane:focus, .sweep-pane:focus-within {
            border: round $border; border-title-color: $primary; border-title-style: bold;
        }
        &.-compact {
            #sweep-list { width: 27; margin-right: 1; }
            .sweep-pane, .sweep-pane:focus, .sweep-pane:focus-within { border: none; border-top: solid $border-blurred; }
            .sweep-pane:focus, .sweep-pane:focus-within { border-top: solid $border; }
        }
        &.-narrow #sweep-list { width: 1fr; margin: 0; }
    }
    """

    def __init__(
        self,
        board: Board,
        desk: SweepDesk,
        *,
        new: Callable[[], None],
        export_comparison: Callable[[Table, Sequence[StoredRun]], None],
    ) -> None:
        """`board` knows the runs; `new` asks for a new sweep; `export_comparison` asks where to write a comparison."""
        super().__init__(desk, new=new, export_comparison=export_comparison)
        self.board = board
        self.look: SweepLook | None = None
        """What is shown; None before the first look."""
        self.plans: Mapping[str, SweepPlan] = {}
        self._watch = SweepWatch(desk.launcher.lab.home)
        self._num_running, self._hidden = 0, ""
        self._is_list_hidden = False
        self._is_looking = self._is_stale = False
        self._next_at = 0.0
        """When the screen may look by itself again (monotonic seconds)."""
        self._told: set[str] = set()
        """Problems that were told."""
        self._shown_id = ""
        """Option that the pane shows."""

    def compose(self) -> ComposeResult:
        """A line, the list and a sweep, the keys."""
        yield TitleLine(id="sweeps-line")
        with Horizontal(id="sweeps"):
            yield SweepList(id="sweep-list", classes="sweep-pane")
            yield SweepPane(id="sweep", classes="sweep-pane")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Begin to look."""
        self.query_one(SweepList).border_title = "Sweeps"
        self.set_interval(INTERVAL_S, self._look_when_due)
        self.run_worker(self._begin(), group="sweeps")

    def on_resize(self) -> None:
        """Do without full frames where there is little room, and without the list beside the sweep where there is less."""
        self.set_class(self.size.width < 100 or self.size.height < 30, "-compact")
        self.set_class(self.size.width < NARROW, "-narrow")
        self._arrange()

    def wake(self) -> None:
        """Look now, or once more where a look is under way."""
        self._is_stale = True
        if not self._is_looking:
            self._is_looking = True
            self.run_worker(self._look(), group="sweeps")

    # Looking

    async def _begin(self) -> None:
        self.plans, problems = await asyncio.to_thread(load_plans)
        for problem in problems:
            self.notify(problem, title="A ready-made sweep cannot be used", severity="warning")
        self.look = None
        self.wake()

    def _look_when_due(self) -> None:
        """Look, unless the last look was too recent for what it cost."""
        if time.monotonic() >= self._next_at:
            self.wake()

    async def _look(self) -> None:
        try:
            while self._is_stale:
                self._is_stale = False
                runs = {run.run_id: run for run in self.board.runs if run.info.sweep}
                chosen, started = self.desk.chosen, time.monotonic()
                look = await asyncio.to_thread(self._watch.look, chosen, self.axes.get(chosen), runs)
                self._next_at = time.monotonic() + COST_FACTOR * (time.monotonic() - started)
                if self in self.app.screen_stack and look is not self.look:  # left meanwhile, it has no list any more
                    self._show(look)
        finally:
            self._is_looking = False

    def _show(self, look: SweepLook) -> None:
        self.look = look
        self.desk.see([row.sweep for row in look.rows])
        for problem in set(look.damaged.values()) - self._told:
            self._told.add(problem)
            self.notify(problem, severity="warning")
        is_started = any(row.sweep.sweep_id == self.desk.started for row in look.rows)
        chosen = self.desk.started if is_started else self._shown_id or self.desk.chosen
        self.desk.started = "" if is_started else self.desk.started
        sweeps = self.query_one(SweepList)
        sweeps.show(look.rows, self.plans, chosen=chosen)
        if is_started:  # it may have come into the list a look earlier
            sweeps.highlight(chosen)
        if look.picture is not None and look.picture is not self.pane.picture and not self.is_plan_shown:
            self.pane.show(look.picture)
        elif not look.rows and not self.plans:
            self.pane.show_nothing()
        self._num_running = sum(row.sweep.status.state == "running" for row in look.rows)
        self._show_line()

    def on_sweep_list_highlighted(self, event: SweepList.Highlighted) -> None:
        """Show the sweep."""
        event.stop()
        self._shown_id = event.option_id
        name = event.option_id.removeprefix(READY_MADE)
        if self.is_plan_shown and name in self.plans:
            self.pane.show_plan(name, self.plans[name])
            return
        self.desk.chosen = event.option_id
        self.look = None
        self.wake()

    def on_sweep_list_clicked(self) -> None:
        """A click is an enter."""
        self.action_enter()

    # What the user does

    def action_enter(self) -> None:
        """Go to the map, or say what a ready-made sweep takes."""
        if self.is_plan_shown:
            self._start(self.plans[self._shown_id.removeprefix(READY_MADE)])
        elif (target := self.pane.target) is not None:
            self._is_list_hidden = self._is_list_hidden or self.has_class("-narrow")
            self._arrange()
            target.focus()

    def action_leave(self) -> None:
        """Back to the main screen."""
        self.dismiss([])

    def action_toggle_list(self) -> None:
        """Hide or show the list."""
        self._is_list_hidden = not self._is_list_hidden
        self._arrange()
        target = self.pane.target if self._is_list_hidden else self.query_one(SweepList)
        if target is not None:
            target.focus()

    @property
    def is_plan_shown(self) -> bool:
        """Whether a ready-made sweep is highlighted."""
        return self._shown_id.startswith(READY_MADE)

    def _start(self, plan: SweepPlan) -> None:
        """Say what a ready-made sweep takes, and start it once that is confirmed."""
        if is_refused(self, self.desk.launcher.lab):
            return

        async def ask() -> None:
            try:
                judged = await self.desk.judge(plan, self.board.runs)
            except UsageError as error:
                self.notify(str(error), severity="warning")
                return

            def start(is_confirmed: bool | None) -> None:
                if is_confirmed:
                    self.post_message(StartSweep(judged.spec))

            self.app.push_screen(StartSweepScreen(sweep_name(plan), takes=f"{judged.text}."), start)

        self.run_worker(ask(), group="start", exclusive=True)

    def _arrange(self) -> None:
        is_narrow = self.has_class("-narrow")
        self.query_one(SweepList).display = not self._is_list_hidden
        self.pane.display = not is_narrow or self._is_list_hidden
        self._hidden = (
            "list (⟪sweep.list:[⟫)" if self._is_list_hidden else "sweep (⟪sweep-list.open:enter⟫)" if is_narrow else ""
        )
        self._show_line()

    def _show_line(self) -> None:
        """How many are under way, and what is hidden."""
        parts = ["tui-optim  sweeps", f"{self._num_running} running" if self._num_running else ""]
        text = "  ".join(filter(None, [*parts, f"hidden: {self._hidden}" if self._hidden else ""]))
        self.query_one(TitleLine).say(with_keys(self.app, text))

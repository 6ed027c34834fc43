"""The sweeps screen: which there are, how far they are, what they have found so far."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Static

from tui_optim.report.cells import Table
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.sweepfolder import SweepCommand
from tui_optim.store.sweeplibrary import load_plans
from tui_optim.ui import sweep_wishes
from tui_optim.ui.board import Board
from tui_optim.ui.messages import StartSweep, StopRuns, SweepExported, TellSweep
from tui_optim.ui.names import sweep_name
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.export import ExportRequest, ExportScreen, working_folder
from tui_optim.ui.sweep_desk import SweepDesk
from tui_optim.ui.sweep_watch import Axes, SweepLook, SweepPicture, SweepWatch
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.sweep_list import READY_MADE, SweepList
from tui_optim.ui.widgets.sweep_pane import SweepPane

INTERVAL_S = 0.5
COST_FACTOR = 10.0
"""After a look that took t seconds, none for this many times t, unless the user does something."""
NARROW = 60
"""Below this width list and sweep are shown one at a time."""


class SweepsScreen(Screen[Sequence[str]]):
    """Gives back the ids of the runs that the user wants on the charts."""

    AUTO_FOCUS = "#sweep-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new", "New", id="sweep.new", tooltip="a new sweep of the marked presets"),
        Binding("p", "pause", "Pause", id="sweep.pause", tooltip="pause or resume the sweep"),
        Binding("t", "stop_cell", "Stop cell", id="sweep.stop-cell", tooltip="stop the runs of the point under the cursor"),
        Binding("T", "stop", "Stop", id="sweep.stop", show=False, tooltip="stop the sweep; p goes on with it"),
        Binding("f", "requeue", "Redo failed", id="sweep.requeue", show=False, tooltip="try failed and stopped trials again"),
        Binding("v", "turn_shape", "View", id="sweep.view", tooltip="turn: map, table of points, best so far"),
        Binding("x", "turn_columns", "Columns", id="sweep.columns", show=False, tooltip="another key as the map's columns"),
        Binding("y", "turn_rows", "Rows", id="sweep.rows", show=False, tooltip="another key as the map's rows"),
        Binding("w", "export", "Export", id="sweep.export", tooltip="write the table of points to a file and to the clipboard"),
        Binding("c", "compare", "Compare", id="sweep.compare", tooltip="compare the winners' final runs"),
        Binding("left_square_bracket", "toggle_list", "List", id="sweep.list", show=False, tooltip="hide or show the list"),
        Binding("escape,g,q", "leave", "Back", key_display="esc", id="sweep.leave", tooltip="back to the main screen"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    SweepsScreen {
        #sweeps-line { height: 1; background: $panel; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
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
        super().__init__()
        self.board = board
        self.desk = desk
        self.look: SweepLook | None = None
        """What is shown; None before the first look."""
        self.plans: Mapping[str, SweepPlan] = {}
        self._watch = SweepWatch(desk.launcher.lab.home)
        self._new, self._export_comparison = new, export_comparison
        self._axes: dict[str, Axes] = {}
        """Sweep id → what the user turned its map to."""
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
        yield Static("", id="sweeps-line", markup=False)
        with Horizontal(id="sweeps"):
            yield SweepList(id="sweep-list", classes="sweep-pane")
            yield SweepPane(id="sweep", classes="sweep-pane")
        yield KeyFooter()

    @property
    def pane(self) -> SweepPane:
        """The sweep at the right."""
        return self.query_one(SweepPane)

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
                look = await asyncio.to_thread(self._watch.look, chosen, self._axes.get(chosen), runs)
                self._next_at = time.monotonic() + COST_FACTOR * (time.monotonic() - started)
                if self.is_mounted and look is not self.look:
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
        self.query_one(SweepList).show(look.rows, self.plans, chosen=chosen)
        if look.picture is not None and look.picture is not self.pane.picture and not self._is_plan:
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
        if self._is_plan and name in self.plans:
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
        """Go to the map, or start what is ready-made."""
        if self._is_plan:
            self._start(self.plans[self._shown_id.removeprefix(READY_MADE)])
        elif (target := self.pane.target) is not None:
            self._is_list_hidden = self._is_list_hidden or self.has_class("-narrow")
            self._arrange()
            target.focus()

    def action_leave(self) -> None:
        """Back to the main screen."""
        self.dismiss([])

    def action_new(self) -> None:
        """Ask for a new sweep."""
        self._new()

    def action_toggle_list(self) -> None:
        """Hide or show the list."""
        self._is_list_hidden = not self._is_list_hidden
        self._arrange()
        target = self.pane.target if self._is_list_hidden else self.query_one(SweepList)
        if target is not None:
            target.focus()

    def action_turn_shape(self) -> None:
        """Map, table, curve."""
        self._on_picture(self._turn_shape)

    def action_turn_columns(self) -> None:
        """Another key as columns."""
        self._on_picture(partial(self._turn_axes, of_rows=False))

    def action_turn_rows(self) -> None:
        """Another key as rows."""
        self._on_picture(partial(self._turn_axes, of_rows=True))

    def action_pause(self) -> None:
        """Pause or resume the sweep."""
        self._on_picture(lambda picture: self._tell(picture, sweep_wishes.pause_or_resume(picture.view)))

    def action_requeue(self) -> None:
        """Try the failed and stopped trials again."""
        self._on_picture(lambda picture: self._tell(picture, sweep_wishes.redo(picture.view)))

    def action_stop(self) -> None:
        """Ask, then stop the sweep."""
        self._on_picture(self._ask_to_stop)

    def action_stop_cell(self) -> None:
        """Stop the runs of the point under the cursor."""
        self._on_picture(
            lambda picture: self.post_message(StopRuns(sweep_wishes.runs_to_stop(picture.view, self.pane.cell)))
        )

    def action_open_runs(self) -> None:
        """Put the runs of the point under the cursor on the charts."""
        self._on_picture(lambda picture: self.dismiss(sweep_wishes.runs_to_open(picture.view, self.pane.cell)))

    def action_export(self) -> None:
        """Ask where to write the table of points."""
        self._on_picture(self._export)

    def action_compare(self) -> None:
        """Compare the winners' final runs."""
        self._on_picture(self._compare)

    @property
    def _is_plan(self) -> bool:
        """Whether a ready-made sweep is highlighted."""
        return self._shown_id.startswith(READY_MADE)

    def _on_picture(self, act: Callable[[SweepPicture], object]) -> None:
        """Do something with the sweep that is shown, or say why that cannot be done."""
        picture = self.pane.picture
        try:
            if picture is None:
                ready = "enter starts this sweep; then its points are here."
                raise UsageError(ready if self._is_plan else "There is no sweep yet: n makes one.")
            act(picture)
        except UsageError as error:
            self.notify(str(error))

    def _tell(self, picture: SweepPicture, command: SweepCommand) -> None:
        self.post_message(TellSweep(picture.view.sweep, command))

    def _ask_to_stop(self, picture: SweepPicture) -> None:
        command = sweep_wishes.stop(picture.view.sweep)

        def stop(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self._tell(picture, command)

        name = sweep_name(picture.view.sweep.spec.plan)
        about = "Runs under way end at their next step, no further ones begin. What has finished is kept; p goes on."
        self.app.push_screen(ConfirmScreen(f"Stop {name}?", about=about), stop)

    def _turn_shape(self, _picture: SweepPicture) -> None:
        is_in_list = self.focused is self.query_one(SweepList)
        self.pane.turn_shape()
        if not is_in_list:
            self.set_focus(self.pane.target)

    def _turn_axes(self, picture: SweepPicture, *, of_rows: bool) -> None:
        sweep_id = picture.view.sweep.sweep_id
        self._axes[sweep_id] = sweep_wishes.next_axes(picture, self._axes.get(sweep_id), of_rows=of_rows)
        self.wake()

    def _export(self, picture: SweepPicture) -> None:
        if not picture.ranked:
            raise UsageError("The sweep has no point yet: there is nothing to write.")

        async def write(request: ExportRequest) -> None:
            text = await self.desk.export(picture.view, format=request.format, path=request.path)
            self.post_message(SweepExported(text, request.path))

        points = f"This sweep ({len(picture.ranked)} point{'s' if len(picture.ranked) > 1 else ''})"
        self.app.push_screen(ExportScreen((points,), folder=working_folder(), stem="sweep", write=write))

    def _compare(self, picture: SweepPicture) -> None:
        runs = sweep_wishes.runs_to_compare(picture.view)
        scopes = {f"Final runs of the winners ({len(runs)})": runs}
        compare = self.desk.launcher.compare
        self.app.push_screen(ComparisonScreen(scopes, compare=compare, export=self._export_comparison))

    def _start(self, plan: SweepPlan) -> None:
        """Say what a ready-made sweep takes, and start it once that is confirmed."""

        async def ask() -> None:
            try:
                judged = await self.desk.judge(plan, self.board.runs)
            except UsageError as error:
                self.notify(str(error), severity="warning")
                return

            def start(is_confirmed: bool | None) -> None:
                if is_confirmed:
                    self.post_message(StartSweep(judged.spec))

            self.app.push_screen(ConfirmScreen(f"Start {sweep_name(plan)}?", about=f"{judged.text}."), start)

        self.run_worker(ask(), group="start", exclusive=True)

    def _arrange(self) -> None:
        is_narrow = self.has_class("-narrow")
        self.query_one(SweepList).display = not self._is_list_hidden
        self.pane.display = not is_narrow or self._is_list_hidden
        self._hidden = "list ([)" if self._is_list_hidden else "sweep (enter)" if is_narrow else ""
        self._show_line()

    def _show_line(self) -> None:
        """How many are under way, and what is hidden."""
        parts = ["tui-optim  sweeps", f"{self._num_running} running" if self._num_running else ""]
        text = "  ".join(filter(None, [*parts, f"hidden: {self._hidden}" if self._hidden else ""]))
        line = self.query_one("#sweeps-line", Static)
        if line.content != text:
            line.update(text)

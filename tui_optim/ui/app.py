"""The app: wires the laboratory to the screens. It imports no torch and may die at any time: runs go on without it."""

import asyncio
import gc
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen

from tui_optim.runs.client import Client
from tui_optim.runs.logout import logout_danger
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.home import Home, open_home
from tui_optim.store.library import Library, load_library
from tui_optim.store.remembered import remembered_path
from tui_optim.store.settings import StoredSettings, load_settings, settings_path
from tui_optim.ui.about import sample_text
from tui_optim.ui.clipboard import copy_sequence
from tui_optim.ui.goings_on import farewell, greeting
from tui_optim.ui.hangup import TerminalWatch, draw_on_terminal
from tui_optim.ui.keys import (
    app_commands,
    dialog_groups,
    key_groups,
    palette_commands,
    picture_groups,
    screen_groups,
    sweep_groups,
)
from tui_optim.ui.laboratory import ClientLike, Laboratory
from tui_optim.ui.launcher import Launcher
from tui_optim.ui.layout_memory import LayoutMemory
from tui_optim.ui.link import LinkedApp
from tui_optim.ui.messages import (
    DeleteRuns,
    FindData,
    LabelRun,
    PauseOrResume,
    QueueRuns,
    RunsExported,
    StartExperiment,
    StartSweep,
    StopQueued,
    StopRun,
    StopRuns,
    SweepExported,
    TellRun,
    TellSweep,
)
from tui_optim.ui.palette_kinds import PALETTE_KINDS, palette_provider
from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.picture_flow import PictureFlow
from tui_optim.ui.plan import Plan
from tui_optim.ui.read_only import ReadOnlyClient
from tui_optim.ui.run_desk import RunDesk
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.supervision import Supervision
from tui_optim.ui.surroundings import Surroundings
from tui_optim.ui.sweep_flow import SweepFlow
from tui_optim.ui.teaching import Teaching
from tui_optim.ui.widgets.status_line import StatusLine
from tui_optim.ui.widgets.tour_hint import TourHint

TERMINAL_CHECK_S = 0.5
LEAVE_LIMIT_S = 0.8
"""A driver that hangs on a dead terminal is not waited for: there is nothing to lose here."""
SIGNAL_EXIT_CODE = 128
"""Plus the number of the signal, as shells count."""


class LabApp(PersonalApp, LinkedApp):
    """The optimizer laboratory."""

    TITLE = "tui-optim"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="help", tooltip="this help"),
        Binding(
            "i", "explain", "Explain", id="explain", show=False, tooltip="explain what is under the cursor, or anything"
        ),
        Binding("q", "quit", "Quit", id="quit", tooltip="quit; runs go on in the background"),
        Binding(
            "ctrl+z",
            "to_shell",
            "Suspend",
            id="suspend",
            show=False,
            priority=True,
            tooltip="back to the shell until fg",
        ),
        Binding(
            "ctrl+p",
            "command_palette",
            "Palette",
            id="palette",
            show=False,
            priority=True,
            tooltip="all actions by name",
        ),
        Binding("colon", "command_palette", "Palette", id="palette.colon", show=False, tooltip="the same"),
    ]
    COMMANDS = PersonalApp.COMMANDS | {palette_provider(kind) for kind in PALETTE_KINDS}
    CSS = """
    ToastRack { dock: top; align: right top; margin-bottom: 0; }
    ToastHolder > Toast { margin: 0 0 1 0; padding: 0 1; }
    """
    """Toasts stand over the title line: what the rows at the bottom say of the cursor is never hidden."""

    def __init__(
        self,
        *,
        home: Home,
        client: ClientLike,
        library: Library,
        data_dir: Path | None = None,
        is_attached: bool = False,
        is_read_only: bool = False,
        clock: Callable[[], float] = time.time,
        stored: StoredSettings | None = None,
        surroundings: Surroundings | None = None,
        settings_path: Path | None = None,
        layout_path: Path | None = None,
    ) -> None:
        """Attached, it says at the start what goes on; read-only, it changes nothing. `clock` gives seconds since the epoch.

        Without a path for settings or layout, they hold until the end.
        """
        super().__init__(stored=stored, surroundings=surroundings, settings_path=settings_path)
        client = ReadOnlyClient(client) if is_read_only else client
        self.launcher = Launcher(Laboratory(home=home, client=client, library=library, data_dir=data_dir), Plan())
        self._is_attached, self._is_read_only = is_attached, is_read_only
        self.farewell = ""
        """What to print once the terminal is back."""
        self._main = MainScreen(self.launcher, clock=clock)
        self.supervision = Supervision(client, self._main.board, tell=self._main.say)
        self._sweeps = SweepFlow(self, self._main)
        self._pictures = PictureFlow(self, self._main)
        self._teaching = Teaching(self, self._main)
        self._desk = RunDesk(client)
        self._fears_logout = True
        """Whether it is still to be said what a logout would do."""
        self._memory = LayoutMemory(layout_path)
        self._told_sample: set[str] = set()
        self._refusal = ("", -math.inf)
        """The latest refusal, and when it was told (monotonic seconds)."""
        self._terminal = TerminalWatch()

    def get_default_screen(self) -> Screen[None]:
        """The main screen is the first."""
        return self._main

    def on_mount(self) -> None:
        """Watch the terminal; what may take long starts after the first frame."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._leave, number)
        self.set_interval(TERMINAL_CHECK_S, self._check_terminal)
        if problems := self.launcher.lab.library.problems:
            more = f" (and {len(problems) - 1} more: see the log)" if len(problems) > 1 else ""
            kind = "plugin" if problems[0].startswith("plugin ") else "preset"
            self.notify(f"{problems[0]}{more}", title=f"A {kind} cannot be used", severity="warning", timeout=12)
        self.call_after_refresh(self._begin)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action by name."""
        if screen is self._main:
            yield SystemCommand("Queue the chosen presets", "key enter", self._main.choosing.on_start_chosen)
            yield SystemCommand("Change the preset's values", "key e", self._main.action_edit)
            yield from palette_commands(screen)
            for count in (1, 2, 4):
                title = f"Train {count} run{'s' if count > 1 else ''} at a time"
                yield SystemCommand(title, "places in the queue", partial(self.action_set_slots, count))
            yield SystemCommand("Kill the run under the cursor", "ends its process at once", self._main.action_kill)
            yield SystemCommand("Stop all queued runs", "empty the queue", self._main.action_stop_queued)
        if isinstance(screen, RaceScreen) or self._sweeps.is_open(screen) or self._pictures.is_open(screen):
            yield from palette_commands(screen)
        yield from self._sweeps.commands(screen)
        yield from app_commands(self)
        yield SystemCommand("Theme", "choose from all colour themes", self.action_change_theme)
        yield SystemCommand("Explain", "what everything means; key i", self.action_explain)
        yield SystemCommand("Help", "all keys; key ?", self.action_help)
        yield SystemCommand("Suspend", "back to the shell until fg; key ctrl+z", self.action_to_shell)
        yield SystemCommand("Quit", "runs go on in the background; key q", self.action_quit)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast; never as markup: sentences quote what users and files say, brackets included."""
        del markup
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through OSC 52, wrapped where the app runs inside tmux or screen."""
        self._clipboard = text
        sequence = copy_sequence(text, os.environ)
        if self._driver is not None and sequence is not None:
            self._driver.write(sequence)

    # Requests from the screen

    def on_queue_runs(self, message: QueueRuns) -> None:
        """Queue runs."""
        self._tell_danger()
        self._do(self.launcher.queue(message.scenario, message.presets, waiting=self._main.board.in_state("queued")))
        self._tell_sample(message.scenario)

    def on_start_experiment(self, message: StartExperiment) -> None:
        """Queue the runs of an experiment, and go to where they can be watched."""
        self._tell_danger()
        while self.screen is not self._main:
            self.pop_screen()
        self._main.show_newest()
        waiting = self._main.board.in_state("queued")
        self._do(self.launcher.start_experiment(message.topic.experiment, waiting=waiting))

    def on_pause_or_resume(self, message: PauseOrResume) -> None:
        """Pause or resume a run."""
        self._do(self.launcher.pause_or_resume(message.run))

    def on_stop_run(self, message: StopRun) -> None:
        """Stop a run."""
        self._do(self.launcher.stop(message.run))

    def on_label_run(self, message: LabelRun) -> None:
        """Name a run, note something about it, or pin it."""
        self._do(self._desk.label(message.run, name=message.name, note=message.note, is_pinned=message.is_pinned))

    def on_delete_runs(self, message: DeleteRuns) -> None:
        """Delete runs for good."""
        self._do(self._desk.delete(message.runs))

    def on_tell_run(self, message: TellRun) -> None:
        """Evaluate, keep, change rate or length, kill."""
        self._do(self.launcher.order(message.run, message.order))

    def on_stop_queued(self, message: StopQueued) -> None:
        """Stop what waits."""
        self._do(self.launcher.stop_queued(message.runs))

    def on_stop_runs(self, message: StopRuns) -> None:
        """Stop the runs of a sweep's point."""
        self._do(self._sweeps.desk.stop_runs(message.runs))

    def on_tell_sweep(self, message: TellSweep) -> None:
        """Pause, stop or resume a sweep, or try its failed trials again."""
        self._do(self._sweeps.desk.tell(message.sweep, message.command))

    def on_start_sweep(self, message: StartSweep) -> None:
        """Start a sweep and show it."""
        self._tell_danger()
        self._do(self._sweeps.desk.start(message.spec))
        self._sweeps.open()

    def on_sweep_exported(self, message: SweepExported) -> None:
        """What is in the file goes to the clipboard too."""
        self.copy_to_clipboard(message.text)
        self._tell(f"Wrote the sweep to {message.path} and to the clipboard.")

    def on_runs_exported(self, message: RunsExported) -> None:
        """A table goes to the clipboard too."""
        count = "1 run" if message.num_runs == 1 else f"{message.num_runs} runs"
        if message.text:
            self.copy_to_clipboard(message.text)
        self._tell(f"Wrote {count} to {message.path}{' and to the clipboard' if message.text else ''}.")

    async def on_event(self, event: events.Event) -> None:
        """Hints go on with any key, whatever the key does."""
        if isinstance(event, events.Key):
            for hint in self._main.query(TourHint):
                hint.see_key(event)
        await super().on_event(event)

    def on_tour_hint_ended(self) -> None:
        """No hints any more."""
        self.preferences.keep("tour", "false")

    def on_run_ended(self) -> None:
        """Ring, where the user wants that."""
        if self.preferences.settings.bell:
            self.bell()

    def on_find_data(self, message: FindData) -> None:
        """Look for data, then let a worker load it."""
        self._find_data(message)

    # Actions

    def action_help(self) -> None:
        """Show all keys, those that work here first; where they are shown already, go back."""
        if isinstance(self.screen, HelpScreen):
            self.screen.action_cancel()
        elif isinstance(self.screen, Dialog):
            self.push_screen(HelpScreen(dialog_groups(self, self.screen)))
        elif self._sweeps.is_open(self.screen):
            self.push_screen(HelpScreen(sweep_groups(self)))
        elif self._pictures.is_open(self.screen):
            self.push_screen(HelpScreen(picture_groups(self, self.screen)))
        elif isinstance(self.screen, MainScreen | RaceScreen):
            self.push_screen(HelpScreen(key_groups(self, self.screen)))
        elif self.screen.TITLE:
            self.push_screen(HelpScreen(screen_groups(self, self.screen)))

    def action_explain(self) -> None:
        """Explain what is under the cursor."""
        self._teaching.explain(self.screen)

    def action_calculate(self) -> None:
        """Calculate a step of the highlighted preset's optimizer."""
        self._teaching.calculate()

    def action_sweeps(self) -> None:
        """Show the sweeps."""
        self._sweeps.open()

    def action_picture(self) -> None:
        """Show the picture of what is highlighted."""
        self._pictures.open()

    async def action_quit(self) -> None:
        """Leave; runs go on."""
        await self._take_leave()
        if self.preferences.settings.remember:
            self._memory.keep(self._main.workbench)
        await self.link_settles()
        self.exit()

    async def action_to_shell(self) -> None:
        """Back to the shell until `fg`."""
        await self.link_settles()
        self.action_suspend_process()

    def action_set_slots(self, num_slots: int) -> None:
        """Set how many runs train at once."""
        self._do(self.launcher.set_slots(num_slots))

    def link_changed(self) -> None:
        """Say that the link is slow, or no longer."""
        if self._main.is_mounted:
            self._show_marks()

    def _show_marks(self) -> None:
        """Say in the title line what holds for this app as a whole."""
        marks = [(self._is_read_only, "read-only"), (self.is_link_slow, "link: slow")]
        self._main.query_one(StatusLine).mark(*(text for holds, text in marks if holds))

    def follow(self, name: str) -> None:
        """A setting is another one."""
        if name == "refresh_hz":
            self._main.charts.interval_s = 1.0 / self.preferences.settings.refresh_hz

    # Work that may block, and its outcome

    def _begin(self) -> None:
        """After the first frame, unless the terminal has gone meanwhile."""
        if not self._main.is_attached:
            return
        self._show_marks()
        if self.preferences.settings.remember:
            self._memory.restore(self._main.workbench)
        self.follow("refresh_hz")
        if self.preferences.settings.tour and not any(self.launcher.lab.home.runs.iterdir()):
            self._main.show_hints()
        for problem in [*self.preferences.problems, *self.preferences.set_keys()]:
            self._tell(problem, severity="warning")
        gc.freeze()  # what the imports have made lives as long as the app: a full collection would cost a key press its 50 ms
        gc.enable()  # the start goes without collections
        self.run_worker(self._begin_behind(), group="beginning")
        if self._is_attached:
            self.run_worker(self._greet(), group="greeting")

    async def _begin_behind(self) -> None:
        """What the list of runs does not wait for: beside its first look these would make it half as long again."""
        await self._main.feed.has_looked.wait()
        self._do(self.launcher.start_supervisor())
        self.run_worker(self.supervision.run(), group="supervision")
        self.run_worker(self._sweeps.load, thread=True, group="imports")

    async def _greet(self) -> None:
        """Say what goes on."""
        await self._main.feed.has_looked.wait()
        is_sweeping = await asyncio.to_thread(self.launcher.lab.client.is_sweeping)
        board = self._main.board
        states = {state: len(board.in_state(state)) for state in ("running", "queued", "paused")}
        self._tell(greeting(states, is_sweeping=is_sweeping, num_runs=len(board.runs)))

    def _do(self, work: Coroutine[Any, Any, str | None]) -> None:
        self.run_worker(self._settle(work), group="commands")

    async def _settle(self, work: Coroutine[Any, Any, str | None]) -> None:
        try:
            outcome = await work
        except UsageError as error:
            self._refuse(str(error))
        else:
            if outcome:
                self._tell(outcome)
        self._main.feed.wake()
        self._sweeps.wake()

    def _refuse(self, text: str) -> None:
        """Tell why something was not done; once while the toast stands, however often a key repeats."""
        (before, told_at), now = self._refusal, time.monotonic()
        if text != before or now - told_at > self.NOTIFICATION_TIMEOUT:
            self._refusal = (text, now)
            self._tell(text, severity="warning")

    def _tell(self, text: str, *, severity: SeverityLevel = "information") -> None:
        self._main.say(text)
        self.notify(text, severity=severity)

    @work(group="data", exclusive=True)
    async def _find_data(self, message: FindData) -> None:
        try:
            await self.launcher.find_data(message.scenario)
        except UsageError as error:
            self._main.show_data(problem=str(error))
            return
        if not self._main.is_attached:  # the user has quit meanwhile
            return
        self._main.show_data()
        if message.preset is not None:
            self._do(self.launcher.warm_up(message.scenario, message.preset))

    def _tell_sample(self, scenario: Scenario) -> None:
        source = self.launcher.sources.get(scenario.dataset)
        if source is not None and source.kind == "sample" and scenario.dataset not in self._told_sample:
            self._told_sample.add(scenario.dataset)
            self._tell(sample_text(scenario), severity="warning")

    def _tell_danger(self) -> None:
        """Before the first start: where systemd would end runs at logout."""
        if self._fears_logout and self.launcher.plan.options.engine.kind == "local" and not self._is_read_only:
            self._fears_logout = False
            if danger := logout_danger():
                self._tell(f"{danger}.", severity="warning")

    # The terminal

    def _check_terminal(self) -> None:
        if self._terminal.is_gone:
            self._leave(signal.SIGHUP)

    def _leave(self, number: signal.Signals) -> None:
        """Leave now; who ends the app by SIGTERM may still read its terminal and is told what goes on."""
        self._terminal.end_by(LEAVE_LIMIT_S, SIGNAL_EXIT_CODE + number)
        if number == signal.SIGTERM:
            self.run_worker(self._take_leave(then_exit_with=SIGNAL_EXIT_CODE + number), group="leave")
        else:
            self.exit(return_code=SIGNAL_EXIT_CODE + number)

    async def _take_leave(self, *, then_exit_with: int | None = None) -> None:
        """Note what goes on, for when the terminal is back."""
        is_sweeping = await asyncio.to_thread(self.launcher.lab.client.is_sweeping)
        self.farewell = farewell(len(self._main.board.in_state("running", "queued")), is_sweeping=is_sweeping)
        if then_exit_with is not None:
            self.exit(return_code=then_exit_with)


def run_app(
    *,
    data_dir: Path | None = None,
    is_attached: bool = False,
    is_read_only: bool = False,
    surroundings: Surroundings | None = None,
) -> None:
    """Open the home and show the app until the user quits. Raises UsageError."""
    stored, path = load_settings(), settings_path()
    home = open_home(is_read_only=is_read_only)
    draw_on_terminal()
    app = LabApp(
        home=home,
        client=Client(home),
        library=load_library(),
        data_dir=data_dir,
        is_attached=is_attached,
        is_read_only=is_read_only,
        stored=stored,
        surroundings=surroundings,
        settings_path=path,
        layout_path=remembered_path(),
    )
    app.run(mouse=stored.settings.mouse)
    if app.farewell:
        print(app.farewell)
    if app.return_code:
        sys.exit(app.return_code)

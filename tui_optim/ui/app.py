"""The app: wires the laboratory to the screens. It imports no torch and may die at any time: runs go on without it."""

import asyncio
import gc
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from textual import events
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui_optim.store.home import Home
from tui_optim.store.library import Library
from tui_optim.store.settings import StoredSettings
from tui_optim.ui.goings_on import IN_BROWSER, TO_BROWSER, greeting
from tui_optim.ui.keyboard.in_order import OrderlyApp
from tui_optim.ui.keyboard.palette_kinds import PALETTE_KINDS, palette_provider
from tui_optim.ui.laboratory.laboratory import ClientLike, Laboratory
from tui_optim.ui.laboratory.read_only import ReadOnlyClient
from tui_optim.ui.laboratory.supervision import Supervision
from tui_optim.ui.later import load_behind
from tui_optim.ui.layout_memory import LayoutMemory
from tui_optim.ui.leaving import Leaving
from tui_optim.ui.let_go import give_memory_back, let_go_of_widgets
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.low_windows import page_only_what_has_lines
from tui_optim.ui.messages import RunEnded
from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.pictures.flow import PictureFlow
from tui_optim.ui.requests import RequestsApp
from tui_optim.ui.standing import StandingApp
from tui_optim.ui.teaching.flow import Teaching
from tui_optim.ui.widgets.tour_hint import TourHint

GIVE_BACK_EVERY_S = 60.0


class LabApp(RequestsApp, StandingApp, OrderlyApp):
    """The optimizer laboratory."""

    TITLE = "tui-optim"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?", id="help", tooltip="this help"),
        Binding("i", "explain", "Explain", id="explain", show=False, tooltip="explain what is under the cursor, or anything"),
        Binding("q", "quit", "Quit", id="quit", tooltip="quit; runs go on in the background"),
        Binding("ctrl+z", "to_shell", "Suspend", id="suspend", show=False, priority=True, tooltip="back to the shell until fg"),
        Binding("ctrl+l", "draw_anew", "Redraw", id="redraw", show=False, priority=True, tooltip="draw the whole screen anew"),
        Binding("ctrl+p", "command_palette", "Palette", id="palette", show=False, priority=True, tooltip="all actions by name"),
        Binding("colon", "command_palette", "Palette", id="palette.colon", show=False, tooltip="the same"),
    ]  # fmt: skip
    COMMANDS = PersonalApp.COMMANDS | {palette_provider(kind) for kind in PALETTE_KINDS}

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
        let_go_of_widgets()
        page_only_what_has_lines()
        client = ReadOnlyClient(client) if is_read_only else client
        lab = Laboratory(home=home, client=client, library=library, data_dir=data_dir, is_read_only=is_read_only)
        super().__init__(lab, clock=clock, stored=stored, surroundings=surroundings, settings_path=settings_path)
        self.supervision = Supervision(client, self._main.board, tell=self._main.say)
        self._pictures = PictureFlow(self, self._main)
        self._teaching = Teaching(self, self._main)
        self._memory = LayoutMemory(layout_path)
        self._leaving = Leaving(self, self._main, self.preferences, self._memory)
        self._is_attached = is_attached

    @property
    def farewell(self) -> str:
        """What to print once the terminal is back."""
        return self._leaving.farewell

    def get_default_screen(self) -> Screen[None]:
        """The main screen is the first."""
        return self._main

    def on_mount(self) -> None:
        """Watch the terminal; what may take long starts after the first frame."""
        self._leaving.watch()
        self.show_standing(is_read_only=self.launcher.lab.is_read_only)
        if problems := self.launcher.lab.library.problems:
            more = f" (and {len(problems) - 1} more: see the log)" if len(problems) > 1 else ""
            kind = "plugin" if problems[0].startswith("plugin ") else "preset"
            self.notify(f"{problems[0]}{more}", title=f"A {kind} cannot be used", severity="warning", timeout=12)
        self.call_after_refresh(self._begin)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """Every action by name."""
        from tui_optim.ui.keyboard.actions_by_name import actions_by_name  # knows screens that no first frame needs

        return actions_by_name(self, screen, self._sweeps)

    def _begin(self) -> None:
        """After the first frame, unless the terminal has gone meanwhile."""
        if not self._main.is_attached:
            return
        self._memory.begin(self._main.workbench, restores=self.preferences.settings.remember)
        self.follow("refresh_hz")
        problems = [*self.preferences.problems, *self.preferences.set_keys()]
        if self.preferences.keymap:
            self.follow("keys")
        if self.preferences.settings.tour and not any(self.launcher.lab.home.runs.iterdir()):
            self._main.show_hints()
        for problem in problems:
            self._outcomes.warn(problem)
        gc.freeze()  # what the imports have made lives as long as the app: a full collection would cost a key press its 50 ms
        gc.enable()  # the start goes without collections
        self.run_worker(self._begin_behind(), group="beginning")
        if self._is_attached:
            self.run_worker(self._greet(), group="greeting")

    async def _begin_behind(self) -> None:
        """What the list of runs does not wait for: beside its first look these would make it half as long again."""
        await self._main.feed.has_looked.wait()
        self._outcomes.do(self.launcher.start_supervisor())
        self.run_worker(self.supervision.run(), group="supervision")
        self.run_worker(load_behind, thread=True, group="imports")
        self.set_interval(GIVE_BACK_EVERY_S, partial(self.run_worker, give_memory_back, thread=True, group="memory"))

    async def _greet(self) -> None:
        """Say what goes on."""
        await self._main.feed.has_looked.wait()
        is_sweeping = await asyncio.to_thread(self.launcher.lab.client.is_sweeping)
        board = self._main.board
        states = {state: len(board.in_state(state)) for state in ("running", "queued", "paused")}
        self._outcomes.tell(greeting(states, is_sweeping=is_sweeping, num_runs=len(board.runs)))

    def follow(self, name: str) -> None:
        """A setting is another one."""
        if name == "refresh_hz":
            self._main.charts.turns.interval_s = 1.0 / self.preferences.settings.refresh_hz
        elif name.startswith("keys"):
            self._main.name_keys()

    # What happens by itself

    async def on_event(self, event: events.Event) -> None:
        """Hints go on with any key, whatever the key does."""
        if isinstance(event, events.Key) and not event.is_forwarded:  # later it comes by again, on its way up
            for hint in self._main.query(TourHint):
                hint.see_key(event)
        await super().on_event(event)

    def on_tour_hint_ended(self) -> None:
        """No hints any more."""
        self.preferences.keep("tour", "false")

    def on_run_ended(self, message: RunEnded) -> None:
        """Ring, notify, set the title, where the user wants that."""
        self.announce(message.text)

    # Actions

    def action_help(self) -> None:
        """Show all keys, those that work here first; where they are shown already, go back."""
        from tui_optim.ui.keyboard.keys import help_groups  # knows screens that no first frame needs
        from tui_optim.ui.screens.help import HelpScreen

        if isinstance(self.screen, HelpScreen):
            self.screen.action_cancel()
        elif groups := help_groups(self, self.screen):
            self.push_screen(HelpScreen(groups))

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
        await self._leaving.say_what_goes_on()
        self._leaving.keep_layout()
        await self.link_settles()
        self.exit()

    def action_draw_anew(self) -> None:
        """Something else has written on the terminal: draw everything again."""
        self.draw_anew()

    def action_in_browser(self) -> None:
        """Say how the app is seen there."""
        self._outcomes.tell(IN_BROWSER if self.is_web else TO_BROWSER)

    async def action_to_shell(self) -> None:
        """Back to the shell until `fg`."""
        if self.is_web:
            self._outcomes.tell("There is no shell behind a browser.")
            return
        await self.link_settles()
        self.action_suspend_process()

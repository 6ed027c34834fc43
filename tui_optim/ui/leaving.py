"""Leaving, however it comes: by a key, by a signal, or because the terminal has gone. The layout is kept each time."""

import asyncio
import signal
import threading

from textual.app import App

from tui_optim.ui.goings_on import farewell
from tui_optim.ui.layout_memory import LayoutMemory
from tui_optim.ui.look.preferences import Preferences
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.terminal.hangup import TerminalWatch

TERMINAL_CHECK_S = 0.5
LEAVE_LIMIT_S = 0.8
"""A driver that hangs on a dead terminal is not waited for: there is nothing to lose here."""
SIGNAL_EXIT_CODE = 128
"""Plus the number of the signal, as shells count."""


class Leaving:
    """Ends an app, and knows what to say once the terminal is back."""

    def __init__(self, app: App[None], main: MainScreen, preferences: Preferences, memory: LayoutMemory) -> None:
        """The terminal is the one that the process was started in."""
        self.farewell = ""
        """What goes on, in words; '' for nothing."""
        self._app, self._main = app, main
        self._preferences, self._memory = preferences, memory
        self._terminal = TerminalWatch()

    def watch(self) -> None:
        """From now on, see signals and the end of the terminal."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGHUP, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, self._obey, number)
        self._app.set_interval(TERMINAL_CHECK_S, self._check_terminal)

    def keep_layout(self) -> None:
        """For the next start, where the user wants that and this one has come so far as to have a layout."""
        if self._preferences.settings.remember and self._main.is_attached:
            self._memory.keep(self._main.workbench)

    async def say_what_goes_on(self) -> None:
        """Note it, for when the terminal is back."""
        is_sweeping = await asyncio.to_thread(self._main.launcher.lab.client.is_sweeping)
        self.farewell = farewell(len(self._main.board.in_state("running", "queued")), is_sweeping=is_sweeping)

    def _check_terminal(self) -> None:
        if self._terminal.is_gone or (self._app.is_web and self._terminal.is_orphaned):
            self._obey(signal.SIGHUP)

    def _obey(self, number: signal.Signals) -> None:
        """Leave now; who ends the app by SIGTERM may still read its terminal and is told what goes on."""
        exit_code = SIGNAL_EXIT_CODE + number
        self._terminal.end_by(LEAVE_LIMIT_S, exit_code)
        self.keep_layout()
        if number == signal.SIGTERM:
            self._app.run_worker(self._tell_and_exit(exit_code), group="leave")
        else:
            self._app.exit(return_code=exit_code)

    async def _tell_and_exit(self, exit_code: int) -> None:
        await self.say_what_goes_on()
        self._app.exit(return_code=exit_code)

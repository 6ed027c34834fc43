"""The app behind a tab: a process of its own, without a shell. When the tab is closed its terminal hangs up."""

import asyncio
import signal
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from textual_serve.app_service import AppService

from tui_optim.ui.terminal.clipboard import NO_CLIPBOARD

STOP_LIMIT_S = 2.0
OUTER = ("TMUX", "STY", "COLORFGBG", "SSH_CONNECTION", "SSH_TTY", "TERM_PROGRAM")
"""What the terminal of `tui-optim serve` is says nothing about the browser."""
BROWSER = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


class AppProcess(AppService):
    """textual-serve's, which asks an app to leave and waits for ever, and starts it by a shell."""

    def __init__(self, words: Sequence[str], *, has_clipboard: bool, **wiring: Any) -> None:
        """`words` are the command; `has_clipboard` says whether the page may fill that of its browser."""
        super().__init__(words[0], **wiring)
        self._words = words
        self._has_clipboard = has_clipboard

    async def run(self) -> None:
        """Hand on what the app draws until it ends; then the tab says so."""
        try:
            await super().run()
        finally:
            await self.remote_close()

    async def stop(self) -> None:
        """The tab has been closed: its terminal hangs up. An app that hangs is killed."""
        process, task, self._task = self._process, self._task, None
        if process is None or task is None:
            return
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        for number in (signal.SIGHUP, signal.SIGKILL):
            with suppress(ProcessLookupError):
                process.send_signal(number)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
                break
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        return browser_environment(super()._build_environment(width, height), has_clipboard=self._has_clipboard)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        process = await asyncio.create_subprocess_exec(
            *self._words,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=self._build_environment(width, height),
            start_new_session=True,  # ctrl+c in the terminal of the server is not for the apps
        )
        self._process, self._stdin = process, process.stdin
        return process


def browser_environment(environ: Mapping[str, str], *, has_clipboard: bool) -> dict[str, str]:
    """An environment for an app that draws in a browser."""
    kept = {name: value for name, value in environ.items() if name not in OUTER}
    return {**kept, **BROWSER, **({} if has_clipboard else {NO_CLIPBOARD: "1"})}

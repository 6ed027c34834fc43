"""The link to the terminal: nothing new is sent while earlier output has not left, and the latest frame wins.

Textual hands what it draws to a thread through a queue of 30 writes; with a full queue its event loop stands still, keys and all.
This is the one door to that part of Textual (8.2: `App._display`, `Driver._file`, the spans of a partial update, `_set_dirty`).
When to send is decided in `pace`.
"""

import asyncio
import os
import time
from contextlib import suppress
from contextvars import copy_context
from typing import IO, Any

from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.message import Message
from textual.messages import Update
from textual.screen import Screen

from tui_optim.ui.terminal.pace import QUESTION, LinkPace
from tui_optim.ui.terminal.shown import Shown

SETTLE_LIMIT_S = 0.6
"""An answer that comes after the app has gone would stand on the shell's line: wait so long for it."""
_TOUCHES = (events.Key, events.Paste, events.MouseDown, events.MouseUp, events.MouseScrollDown, events.MouseScrollUp)


class Outlet:
    """The file that Textual's thread writes to, with a count of what has left. A terminal that is gone takes nothing."""

    def __init__(self, file: IO[str]) -> None:
        self.left = 0
        self.left_at = 0.0
        """When that was, on the monotonic clock."""
        self._file = file
        self._written = 0

    def write(self, text: str) -> None:
        """May block, in the thread."""
        self._written += len(text)
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """May block, in the thread."""
        with suppress(OSError):
            self._file.flush()
        self.left_at = time.monotonic()
        self.left = self._written

    def fileno(self) -> int:
        """Of the file."""
        return self._file.fileno()


class LinkDriver(LinuxDriver):
    """Textual's driver, with a count of what it was given and of what has left."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        """As Textual makes it, on the UI thread."""
        super().__init__(app, **options)
        self.given = 0
        self.outlet = Outlet(self._file)
        self._file: Any = self.outlet
        self._ui_context = copy_context()

    def write(self, data: str) -> None:
        """Give to the thread."""
        self.given += len(data)
        super().write(data)

    def start_application_mode(self) -> None:
        """The terminal is ours, for the first time or again."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if isinstance(self._app, LinkedApp):
            self._app.link_begins()

    def process_message(self, message: Message) -> None:
        """Called in the thread that reads keys; answers go past the queue of events."""
        if isinstance(message, events.CursorPosition) and isinstance(self._app, LinkedApp):
            self._loop.call_soon_threadsafe(self._app.link_answers, context=self._ui_context)
        else:
            super().process_message(message)


class LinkedApp(App[None]):
    """An app that sends no more than its link carries."""

    def __init__(self) -> None:
        """Nothing is known of the link yet."""
        super().__init__()
        self._pace = LinkPace()
        self._withheld = Withheld()
        self._shown = Shown()
        self._is_holding = False
        self._was_slow = False
        self._sent = 0
        """How much the driver had been given when it was last looked at."""
        self._look: asyncio.TimerHandle | None = None

    @property
    def is_link_slow(self) -> bool:
        """Whether output has to wait for the link."""
        return self._was_slow

    def link_changed(self) -> None:
        """Called when the link has become slow, or is no longer."""

    def get_driver_class(self) -> type[Driver]:
        """Ours in place of Textual's own."""
        found = super().get_driver_class()
        return LinkDriver if found is LinuxDriver else found

    async def on_event(self, event: events.Event) -> None:
        """What the user does is answered at once, as far as the link allows."""
        if isinstance(event, events.Resize):
            self._shown.forget()  # a terminal of another size breaks its lines anew
        if isinstance(event, _TOUCHES):
            self._pace.touched(time.monotonic())
            if self._is_holding:
                self._look_again()
        await super().on_event(event)

    def link_begins(self) -> None:
        """The terminal is there, or there again, and may be another; over SSH it is asked."""
        self._pace = LinkPace(asks=bool(os.environ.get("SSH_CONNECTION")))
        self._shown.forget()
        if self._pace.begin(time.monotonic()):
            self._ask()
        if self.is_running and self.screen_stack:
            self.screen.refresh()

    def link_answers(self) -> None:
        """The terminal has got all that was sent before it was asked."""
        if self._pace.answered(time.monotonic(), self._sent):
            self._ask()
        if self._is_holding:
            self._look_again()

    def draw_anew(self) -> None:
        """Send the whole screen, whatever the terminal should show."""
        self._shown.forget()
        self.screen.refresh()

    @property
    def _is_drawing(self) -> bool:
        """Whether Textual sends a frame that it is given."""
        return self.is_running and not self._closed and not self._batch_count

    async def link_settles(self) -> None:
        """Ask no more, and wait for the last answer, but not for long."""
        self._pace.asks = False
        deadline = time.monotonic() + SETTLE_LIMIT_S
        while self._pace.is_asking and time.monotonic() < deadline:
            await asyncio.sleep(0.01)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Textual's way to the driver: remember what is not sent now, and that something was."""
        if self._is_holding:
            self._withheld.add(renderable)
            return
        driver = self._driver
        if isinstance(driver, LinkDriver) and isinstance(renderable, CompositorUpdate) and self._is_drawing:
            renderable = self._shown.difference(renderable)
        super()._display(screen, renderable)
        if isinstance(driver, LinkDriver) and driver.given != self._sent:
            self._sent, self._is_holding = driver.given, True
            if self._pace.frame(time.monotonic(), driver.given):
                self._ask()
            self._look_again()

    def _ask(self) -> None:
        """What is asked does not count as something that was sent."""
        if isinstance(self._driver, LinkDriver):
            self._driver.write(QUESTION)
            self._sent = self._driver.given

    def _look_again(self) -> None:
        """Let the next frame through, or come back when there may be reason to."""
        driver, now = self._driver, time.monotonic()
        if self._look is not None:
            self._look.cancel()
        if not isinstance(driver, LinkDriver):
            return
        outlet = driver.outlet
        if wait_s := self._pace.wait_s(now, driver.given, outlet.left, outlet.left_at):
            self._come_back(wait_s)
        else:
            self._is_holding = False
            if not self._withheld.draw(self.screen) and self._pace.is_slow:
                self._come_back(self._pace.forget(now))
        self._tell_change()

    def _come_back(self, after_s: float) -> None:
        """Not by a timer of Textual's: those are dropped where they come late."""
        self._look = asyncio.get_running_loop().call_later(after_s, self._look_again)

    def _tell_change(self) -> None:
        if self._pace.is_slow != self._was_slow:
            self._was_slow = self._pace.is_slow
            self.link_changed()


class Withheld:
    """Which parts of the screen were drawn and not sent."""

    def __init__(self) -> None:
        """None."""
        self._rows: dict[int, tuple[int, int]] = {}
        """Row → from and to which column."""
        self._is_all = False

    def add(self, update: RenderableType | None) -> None:
        """Remember what an update would have changed."""
        if isinstance(update, ChopsUpdate):
            for y, start, end in update.spans:
                known = self._rows.get(y, (start, end))
                self._rows[y] = min(start, known[0]), max(end, known[1])
        elif update is not None:
            self._is_all = True

    def draw(self, screen: Screen[Any]) -> bool:
        """Have it drawn as it is now, and forget it; returns whether there was anything."""
        rows, is_all = self._rows, self._is_all
        self._rows, self._is_all = {}, False
        if is_all:
            screen.refresh()
        elif rows:  # not `refresh`: a screen that is to be painted itself forgets which widgets have asked meanwhile
            screen._set_dirty(*(Region(start, y, end - start, 1) for y, (start, end) in rows.items()))
            screen.post_message(Update(screen))
        return is_all or bool(rows)

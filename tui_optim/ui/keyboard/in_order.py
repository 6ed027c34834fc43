"""Keys take effect one after the other, however fast they come: a paste, a macro, or a slow link that delivers them in a bunch.

Textual sends each key to the widget that has the focus when the key is read, and looks for bindings once the key has come back
through all that the widget lies in. Of several keys at once the later ones would meet what is there before the first has done its
work: what is typed after `/` would be lost, or be commands. Here a key waits for the one before it, for what that one has set
going, and for the screen that it has opened.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from functools import partial

from textual import events
from textual.app import App, ScreenStackError
from textual.message import Message
from textual.message_pump import MessagePump

from tui_optim.ui.once import once

PATIENCE_S = 0.5
"""A key that has gone to a widget which is just being removed never comes back."""
SCREEN_LOOK_S = 0.01


class Key(events.Key):
    """A key that tells when a widget has kept it for itself. Its handlers are those of any key: a class's name decides that."""

    def __init__(self, key: events.Key, on_kept: "Callable[[Key], None]") -> None:
        """In the place of `key`."""
        super().__init__(key.key, key.character)
        self._on_kept = on_kept

    def stop(self, stop: bool = True) -> Message:
        """Textual's way to say that nobody else gets to see it, or nobody but the app."""
        if stop:
            self._on_kept(self)
        return super().stop(stop)


class OrderlyApp(App[None]):
    """An app whose keys keep their order."""

    def __init__(self) -> None:
        """No key has come yet."""
        super().__init__()
        self._key: Key | None = None
        """On its way: it, or what it has set going."""
        self._target: MessagePump = self
        """What it was sent to."""
        self._follower = 0
        """Number of the last that went after it."""
        self._waiting: deque[events.Key | events.Paste] = deque()
        self._patience: asyncio.TimerHandle | None = None

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes wait for their turn; a key that no widget has kept comes here a second time, for the bindings."""
        if isinstance(event, Key):
            await super().on_event(event)
            self._follow(event)
        elif isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self._waiting.append(event)
            await self._take_next()
        else:
            await super().on_event(event)

    async def _take_next(self) -> None:
        while self._waiting and self._key is None:
            if not self._has_screen:
                once(self, SCREEN_LOOK_S, self._take_next)
                return
            event = self._waiting.popleft()
            if isinstance(event, events.Paste):
                await super().on_event(event)
                continue
            key = self._key = Key(event, self._follow)
            self._target = self.focused or self.screen
            self._patience = asyncio.get_running_loop().call_later(PATIENCE_S, self._end, key)
            await super().on_event(key)
            if not key.is_forwarded:
                self._end(key)

    @property
    def _has_screen(self) -> bool:
        """Whether a key would find the widgets of the screen and the focus where they belong."""
        try:
            return self.screen.is_mounted
        except ScreenStackError:
            return False

    def _follow(self, key: Key) -> None:
        """Go the way of the messages that the key has set going, behind them: from its widget up to the app."""
        if key is self._key:
            self._follower += 1
            self._pass(_upwards(self._target), key, self._follower)

    def _pass(self, nodes: list[MessagePump], key: Key, follower: int) -> None:
        while nodes:
            node = nodes.pop(0)
            if node.is_running and node.call_later(partial(self._pass, nodes, key, follower)):
                return
        if follower == self._follower:  # a key that comes to the app has had one before it did anything
            self._end(key)

    def _end(self, key: Key) -> None:
        if key is not self._key:
            return
        if self._patience is not None:
            self._patience.cancel()
        self._key = self._patience = None
        self._target = self  # it may lie in a screen that the key has closed
        if self._waiting:
            self.call_later(self._take_next)


def _upwards(node: MessagePump | None) -> "list[MessagePump]":
    found: list[MessagePump] = []
    while node is not None:
        found.append(node)
        node = node._parent
    return found

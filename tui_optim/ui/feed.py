"""The loop that looks at the store: reading happens in a thread, folding in small steps on the UI thread."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress

from tui_optim.ui.board import Board
from tui_optim.ui.watch import StoreWatch

BUSY_INTERVAL_S = 0.25
IDLE_INTERVAL_S = 1.0
NUM_NEWEST = 60
"""Runs that the first frame has already: more than any terminal has lines for, and read in some 15 ms."""
WHOLE_INTERVAL_S = 2.0
"""Between looks at the runs that are at their end too: those change by the hands of people alone, here seen at once."""


class Feed:
    """Keeps a board up to date with a home."""

    def __init__(self, watch: StoreWatch, board: Board, *, on_news: Callable[[], None]) -> None:
        """`on_news` is called after each look and each folding step; it must be quick."""
        self._watch = watch
        self._board = board
        self._on_news = on_news
        self._awake = asyncio.Event()
        self.has_looked = asyncio.Event()
        """Set once the runs of the home are known."""
        self._looked_at = -math.inf
        """When all runs were looked at, those at their end too (monotonic seconds)."""

    def wake(self) -> None:
        """Look again soon: the user has done something."""
        self._awake.set()

    def begin(self) -> None:
        """Take in the newest runs at once: the first frame has them, and a home of thousands does not hold it up."""
        self._board.take(self._watch.look_at_newest(NUM_NEWEST))
        self._on_news()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            if await self.look():
                await self._pause()

    async def look(self) -> bool:
        """Look once; returns whether the logs of all runs that are followed now have been read."""
        followed, now = self._board.followed, time.monotonic()
        is_glance = not self._awake.is_set() and now - self._looked_at < WHOLE_INTERVAL_S
        self._awake.clear()
        self._looked_at = self._looked_at if is_glance else now
        look = await asyncio.to_thread(self._watch.look, followed, is_glance=is_glance)
        self._board.take(look)
        self.has_looked.set()
        self._board.fold()
        self._on_news()
        while self._board.has_backlog:
            await asyncio.sleep(0.005)
            self._board.fold()
            self._on_news()
        return self._board.followed <= followed

    async def _pause(self) -> None:
        interval = BUSY_INTERVAL_S if self._board.is_busy else IDLE_INTERVAL_S
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), interval)

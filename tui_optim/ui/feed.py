"""The loop that looks at the store: reading happens in a thread, folding in small steps on the UI thread."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tui_optim.ui.board import Board
from tui_optim.ui.watch import StoreWatch

BUSY_INTERVAL_S = 0.25
IDLE_INTERVAL_S = 1.0


class Feed:
    """Keeps a board up to date with a home."""

    def __init__(self, watch: StoreWatch, board: Board, *, on_news: Callable[[], None]) -> None:
        """`on_news` is called after each look and each folding step; it must be quick."""
        self._watch = watch
        self._board = board
        self._on_news = on_news
        self._awake = asyncio.Event()

    def wake(self) -> None:
        """Look again soon: the user has done something."""
        self._awake.set()

    async def run(self) -> None:
        """Look for ever."""
        while True:
            followed = self._board.followed
            self._awake.clear()
            look = await asyncio.to_thread(self._watch.look, followed)
            self._board.take(look)
            self._board.fold()
            self._on_news()
            while self._board.has_backlog:
                await asyncio.sleep(0.005)
                self._board.fold()
                self._on_news()
            if self._board.followed <= followed:
                await self._pause()

    async def _pause(self) -> None:
        interval = BUSY_INTERVAL_S if self._board.is_busy else IDLE_INTERVAL_S
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), interval)

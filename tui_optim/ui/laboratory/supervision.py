"""Seeing that a supervisor works for as long as there is work: one that was killed comes back by itself."""

import asyncio
from collections.abc import Callable

from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import WITH_WORK
from tui_optim.ui.board import Board
from tui_optim.ui.laboratory.laboratory import ClientLike

INTERVAL_S = 3.0


class Supervision:
    """Asks for a supervisor every few seconds, outside the UI thread."""

    def __init__(self, client: ClientLike, board: Board, *, tell: Callable[[str], None]) -> None:
        """`tell` gets each problem once."""
        self._client = client
        self._board = board
        self._tell = tell
        self._told: set[str] = set()

    async def run(self) -> None:
        """Look after it for ever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            await self.see_to_it()

    async def see_to_it(self) -> None:
        """Start a supervisor where there is work and none runs."""
        if not self._board.in_state(*WITH_WORK) and not await asyncio.to_thread(self._client.is_sweeping):
            return
        try:
            await asyncio.to_thread(self._client.ensure_supervisor)
        except StoreError as error:
            self._tell_once(str(error))
        if problem := await asyncio.to_thread(self._client.lack_of_space):
            self._tell_once(problem)

    def _tell_once(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._tell(problem)

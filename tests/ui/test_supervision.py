"""A supervisor that was killed comes back while there is work."""

import asyncio
from dataclasses import dataclass

import pytest

from tests.sweep_factories import write_sweep
from tests.ui.stage import FakeClient, write_run
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import RunState
from tui_optim.spec.sweeps.trial import SweepState
from tui_optim.store.home import Home
from tui_optim.ui.board import Board
from tui_optim.ui.laboratory.supervision import Supervision
from tui_optim.ui.watch import StoreWatch


@dataclass
class BrokenClient(FakeClient):
    """Cannot start a supervisor."""

    def ensure_supervisor(self) -> bool:
        """Refuse."""
        raise StoreError("the supervisor did not start")


def _board(home: Home) -> Board:
    board = Board()
    board.take(StoreWatch(home).look(()))
    return board


@pytest.mark.parametrize(("state", "is_asked"), [("queued", True), ("interrupted", True), ("finished", False)])
def test_a_supervisor_is_asked_for_while_there_is_work(
    home: Home, client: FakeClient, state: RunState, is_asked: bool
) -> None:
    """A run that waits or was interrupted needs one, a finished run does not."""
    write_run(home, "adam", state=state, done=1)
    asyncio.run(Supervision(client, _board(home), tell=pytest.fail).see_to_it())
    assert (("ensure_supervisor", "") in client.told) is is_asked


def test_a_supervisor_that_does_not_start_is_told_once(home: Home) -> None:
    """The same problem every three seconds is one line in the log."""
    write_run(home, "adam", state="queued", done=0)
    told: list[str] = []
    supervision = Supervision(BrokenClient(home), _board(home), tell=told.append)
    for _ in range(3):
        asyncio.run(supervision.see_to_it())
    assert told == ["the supervisor did not start"]


@pytest.mark.parametrize(("state", "is_asked"), [("running", True), ("paused", False)])
def test_a_sweep_between_two_trials_needs_a_supervisor(
    home: Home, client: FakeClient, state: SweepState, is_asked: bool
) -> None:
    """All its runs are over, and there is more to come."""
    write_sweep(home, [0.5], state=state)
    asyncio.run(Supervision(client, _board(home), tell=pytest.fail).see_to_it())
    assert (("ensure_supervisor", "") in client.told) is is_asked


@dataclass
class CrampedClient(FakeClient):
    """Has no space left."""

    def lack_of_space(self) -> str:
        """Say so."""
        return "the disk is full"


def test_a_full_disk_is_told_once(home: Home) -> None:
    """While there is work that waits for space."""
    write_run(home, "adam", state="running", done=1)
    told: list[str] = []
    supervision = Supervision(CrampedClient(home), _board(home), tell=told.append)
    for _ in range(3):
        asyncio.run(supervision.see_to_it())
    assert told == ["the disk is full"]

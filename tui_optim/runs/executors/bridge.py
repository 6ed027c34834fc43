"""What bridges to clusters have in common: many runs at once between a supervisor and a cluster that computes them."""

import contextlib
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from tui_optim.runs.executors.pipe import Inbox, answer, take_over_stdout
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RunState
from tui_optim.store.home import Home

MAX_CAPACITY = 64
"""Most runs that a bridge takes at once. How many of them train, and where, is the cluster's business."""
LOOK_EVERY_S = 0.25
IDLE_LOOK_EVERY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A run that the bridge has let go of."""

    run_id: str
    state: RunState
    cause: str = ""
    """What went wrong, where another attempt should be made that counts."""

    def to_json(self) -> dict[str, Any]:
        """The answer to the supervisor."""
        return {"done": self.run_id, "state": self.state, **({"cause": self.cause} if self.cause else {})}


class Bridge(Protocol):
    """What `serve` asks of a cluster's bridge, in turn and in one thread."""

    @property
    def capacity(self) -> int:
        """How many runs it takes at once, now."""

    @property
    def num_runs(self) -> int:
        """Runs taken and not let go of."""

    def take(self, run_id: str, *, threads: int) -> None:
        """Accept a run; `threads` is for those that do not set their own."""

    def look(self) -> Iterable[Done]:
        """See how the runs are getting on; yields those that it lets go of."""

    def leave(self) -> None:
        """See that nothing is lost when this process ends: checkpoints are kept; `num_runs` then goes to 0."""

    def close(self) -> None:
        """Let go of the cluster."""


def serve(open_bridge: Callable[[Home, str], Bridge]) -> None:
    """Be a bridge: the words on the command line are the home and, where there is one, the cluster's address."""
    stream = take_over_stdout()
    home, address = Home(Path(sys.argv[1])), (sys.argv[2] if len(sys.argv) > 2 else "")
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def tell(body: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):  # the supervisor is gone; what is at hand is finished all the same
            answer(stream, body)

    try:
        bridge = open_bridge(home, address)
    except UsageError as error:
        tell({"unavailable": str(error)})
        return
    is_told_to_leave = False

    def on_terminate(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_told_to_leave
        is_told_to_leave = True

    signal.signal(signal.SIGTERM, on_terminate)  # after opening: a cluster's package may have its own idea of it
    inbox = Inbox()
    has_left = False
    capacity = 0
    while bridge.num_runs or (inbox.is_open and not has_left):
        if not has_left and bridge.capacity != capacity:
            capacity = bridge.capacity
            tell({"ready": True, "capacity": capacity})
        for job in inbox.jobs(wait_s=LOOK_EVERY_S if bridge.num_runs else IDLE_LOOK_EVERY_S):
            if "run" in job:
                bridge.take(str(job["run"]), threads=int(job["threads"]))
        if is_told_to_leave and not has_left:
            tell({"leaving": True})
            bridge.leave()
            has_left = True
        for done in bridge.look():
            tell(done.to_json())
    bridge.close()

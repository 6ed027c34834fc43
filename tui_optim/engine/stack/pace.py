"""Whether a stack is the faster way here: one of K runs against the same runs one by one, both timed for an instant."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch

from tui_optim.engine.commands import Leave
from tui_optim.engine.data import Splits
from tui_optim.engine.loop import train
from tui_optim.engine.stack.member import Member
from tui_optim.engine.stack.training import train_stack
from tui_optim.spec.events import EpochEnded, Event
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import RunSpec

INSTANT_S = 0.02
"""How long each way is timed at least, after its first epoch, which also warms it up."""
MIN_TIMED = 3
"""Epochs that are timed at least; the fastest counts, for whatever else the machine does only makes them slower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds of an epoch, evaluation included."""

    stack_s: float
    """Of all runs together."""
    alone_s: float
    """Of one run alone."""


def measure_pace(
    runs: Sequence[RunSpec],
    *,
    data: Splits,
    device: torch.device,
    clock: Callable[[], float] = time.perf_counter,
) -> Pace:
    """Time some epochs of a stack of these runs, and of one of them; nothing of it is recorded.

    All take the numbers of the one with the smallest rate, so that none diverges on the way.
    """
    slowest = min(runs, key=lambda run: float(run.hyperparameters["lr"]))
    runs = [slowest.model_copy(update={"seed": run.seed, "epochs": max(run.epochs, 1 + MIN_TIMED)}) for run in runs]
    together, alone = _Watch(len(runs), clock), _Watch(1, clock)
    train_stack([Member(run=run, emit=together.emit, control=together) for run in runs], data=data, device=device)
    train(runs[0], alone.emit, alone, data=data, device=device)
    return Pace(stack_s=together.epoch_s(), alone_s=alone.epoch_s())


class _Watch:
    """Hears epochs end, and ends it all after an instant."""

    def __init__(self, num_members: int, clock: Callable[[], float]) -> None:
        self._num_members, self._clock = num_members, clock
        self._ends: list[float] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, EpochEnded) and event.result.epoch > 0:
            self._ends.append(self._clock())

    def poll(self) -> Leave | None:
        ends = self._epochs()
        return Leave("stopped") if len(ends) > MIN_TIMED and ends[-1] - ends[0] >= INSTANT_S else None

    def wants_checkpoint(self) -> bool:
        return False

    def keep(self, kept: Kept) -> None:
        pass

    def wants_picture(self) -> bool:
        return False

    def show(self, picture: Picture) -> None:
        pass

    def keep_best(self, kept: Kept) -> None:
        pass

    def epoch_s(self) -> float:
        """The fastest epoch after the first; infinite where there was none."""
        return min((after - before for before, after in pairwise(self._epochs())), default=math.inf)

    def _epochs(self) -> list[float]:
        """When each epoch ended: every member tells it."""
        return self._ends[:: self._num_members]

"""Commands that a run goes on after, carried out between two bins of steps.

    evaluate     on validation and test data, as at the end of an epoch; nothing of the training feels it
    checkpoint   keep everything that decides the rest of the run, beside the checkpoints that follow
    xray         look into the next step; nothing of the training feels it
    rate         multiply the learning rate, on top of its schedule, from the next bin on
    extend       go on for more epochs; what depends on the length (schedules, averaging) keeps the planned one

Each is told to the log with its step before it is done. An attempt that goes on from an earlier checkpoint does them again at the
same steps, so that it ends in the same bits; the checkpoint counts those that it includes.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

import torch

from tui_optim.engine.learning_rate import LearningRate
from tui_optim.spec.commands import LIVE, Order, words
from tui_optim.spec.events import CommandSeen, Evaluated, Event, Notice, RunState
from tui_optim.spec.results import EpochResult


@dataclass(frozen=True, slots=True)
class Leave:
    """Somebody wants the run to end now."""

    state: RunState
    """'paused', 'stopped' or 'interrupted'."""
    reason: str = ""


class Commanded(Protocol):
    """What commands need of a training."""

    num_commands: int
    """Those that have been carried out; part of its checkpoint."""
    epochs: int
    """How many epochs it trains."""

    @property
    def num_steps(self) -> int: ...
    @property
    def rate(self) -> LearningRate: ...
    def emit(self, event: Event, /) -> None: ...
    def keep(self, *, is_best: bool = False, stays: bool = False) -> None: ...
    def look(self) -> EpochResult: ...
    def want_xray(self) -> None: ...


class Commands:
    """The commands of a run: those that earlier attempts were given, and those that come now."""

    def __init__(self, training: Commanded, earlier: Sequence[CommandSeen]) -> None:
        """`earlier` are those of the log, in its order; others than live ones are passed over."""
        self._training = training
        self._known = sorted((one for one in earlier if one.command in LIVE), key=lambda one: one.step)

    @property
    def known(self) -> tuple[CommandSeen, ...]:
        """Those of all attempts so far, in the order of their steps."""
        return tuple(self._known)

    def repeat(self) -> None:
        """Carry out those of earlier attempts that have come due."""
        training = self._training
        while (
            training.num_commands < len(self._known) and self._known[training.num_commands].step <= training.num_steps
        ):
            self._carry_out(self._known[training.num_commands])

    def obey(self, order: Order) -> None:
        """Carry out a new one, and tell it."""
        training = self._training
        if order.command == "rate" and not training.rate.takes(order.value or 0.0):
            training.emit(
                Notice(text=f"{words(order.command, order.value)} was not done: the rate would leave all bounds")
            )
            return
        seen = CommandSeen(command=order.command, step=training.num_steps, value=order.value, request=order.request)
        self._known.insert(training.num_commands, seen)
        training.emit(seen)
        self._carry_out(seen)

    def _carry_out(self, one: CommandSeen) -> None:
        training, value = self._training, one.value or 0.0
        training.num_commands += 1
        match one.command:
            case "evaluate":
                training.emit(Evaluated(result=training.look()))
            case "checkpoint":
                training.keep(stays=True)
            case "xray":
                training.want_xray()
            case "rate":
                training.rate.multiply(value)
            case "extend":
                training.epochs += int(value)


def without_a_trace(device: torch.device) -> AbstractContextManager[None]:
    """Inside the block random draws change nothing for what comes after it."""
    if device.type == "cpu":
        return torch.random.fork_rng(devices=[])
    return torch.random.fork_rng(device_type=device.type)

"""The members of a stack: the runs, whom they speak with, and what belongs to each alone."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tui_optim.engine.checkpoint import from_bytes, undamaged
from tui_optim.engine.commands import Leave
from tui_optim.engine.control import Control, Emit
from tui_optim.engine.film import Camera
from tui_optim.engine.learning_rate import LearningRate
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.kept import Kept
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec


class MemberControl(Control, Protocol):
    """How the stack hears and keeps for one member."""

    def poll(self) -> Leave | None:
        """Whether somebody wants this member to end, or to leave the stack, now."""

    def keep_best(self, kept: Kept) -> None:
        """Keep the state of the lowest validation loss so far, which is older than what `keep` gets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A run of a stack, and whom it speaks with."""

    run: RunSpec
    emit: Emit
    control: MemberControl
    checkpoint: bytes | None = None
    """What `control.keep` received from an earlier attempt, in a stack or alone."""

    @staticmethod
    def standing(checkpoint: bytes | None) -> tuple[Any, ...]:
        """The place that a checkpoint is of: only members that stand at the same place go on together. Raises DataError."""
        if checkpoint is None:
            return ()
        state = from_bytes(checkpoint)
        with undamaged():
            return (*state["counters"], state["num_epochs"], state["batches"]["position"], state["means"][1])


@dataclass(slots=True)
class Row:
    """What belongs to one member alone."""

    member: Member
    method: Method
    """Its optimizer, as if alone: it holds the rate, and gives the state the form that a run alone reads."""
    rate: LearningRate
    camera: Camera | None = None
    """Where its scenario has a film."""
    loss_sum: float = 0.0
    num_correct: int = 0
    """Sums over the mini-batches since the last evaluation."""
    train_time_s: float = 0.0
    """Its share of the seconds in steps."""
    elapsed_before_s: float = 0.0
    gradient_norm: float | None = None
    """Of the last gradient of the latest bin; None before the first."""
    best: EpochResult | None = None
    best_checkpoint: Callable[[], Kept] | None = None
    """Gives the state at the best epoch; None once that has been kept."""

"""What happens in a run, as frozen values; `event_lines` has their form in the event log."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from tui_optim.spec.evidence import Evidence
from tui_optim.spec.results import EpochResult
from tui_optim.spec.xray import XRay

RunState = Literal["queued", "running", "paused", "finished", "stopped", "diverged", "failed", "interrupted"]
STATES: tuple[RunState, ...] = get_args(RunState)
ENDED_STATES: frozenset[RunState] = frozenset({"finished", "stopped", "diverged", "failed"})
"""States that nothing leaves by itself (a user may still resume a stopped or failed run)."""
AT_THEIR_END: frozenset[RunState] = frozenset({"finished", "diverged"})
"""Of these, those that are not resumed either: nothing needs their checkpoints but more epochs, or a fork."""
RESUMABLE_STATES: frozenset[RunState] = frozenset({"paused", "stopped", "interrupted", "failed"})
WITH_WORK: frozenset[RunState] = frozenset({"queued", "running", "interrupted"})
"""States of runs that somebody has to work on, or to tidy up after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A worker has begun an attempt at the run."""

    device: str
    """'cpu', 'cuda' or 'mps'."""
    device_name: str
    threads: int
    num_train: int
    num_val: int
    num_test: int
    steps_per_epoch: int
    split_hash: str
    """First 16 hex digits of the SHA-256 of the validation indices (int64, little endian); '' without a split."""
    versions: dict[str, str] = field(default_factory=dict)
    from_step: int = 0
    attempt: int = 1
    """Set by whoever runs the engine: the loop does not know of earlier attempts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Mean over a bin of consecutive steps; `step` is the last of them, counted from 1.

    Where the minimum is known, `loss` is the objective itself after that step.
    """

    step: int
    epoch: int
    loss: float
    lr: float
    train_time_s: float
    effective_epochs: float
    gap: float | None = None
    """Objective minus its minimum after that step, where the minimum is known."""
    point: tuple[float, ...] | None = None
    """The parameters after that step, where there are few and the minimum is known."""
    grad_norm: float | None = None
    """‖∇‖₂ of the last gradient of the bin, as the method has left it; None where it leaves none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochEnded:
    """An epoch has been trained and evaluated."""

    result: EpochResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSeen:
    """A command from the user has been carried out at this step."""

    command: str
    step: int
    value: float | None = None
    """The factor of a 'rate', the epochs of an 'extend'."""
    request: str | None = None
    """Name of the file that asked for it: a file that outlives a crash is not obeyed twice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The run was evaluated on command: its epoch is the last whole one, its cost says where within the next it stood."""

    result: EpochResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewound:
    """A resumed run continues after event `to_seq`; later events before this one are superseded."""

    to_seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A sentence for the user about this run."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """The loss is not finite any more: the steps around that were taken again, and looked at."""

    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class XRayed:
    """The run was looked into after one of its steps."""

    xray: XRay


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The attempt is over."""

    state: RunState
    reason: str = ""
    final: EpochResult | None = None
    """Last epoch, with the whole training set evaluated."""
    best: EpochResult | None = None
    """The epoch with the lowest validation loss, where there is a validation set."""


Event = Started | Progress | EpochEnded | CommandSeen | Evaluated | Rewound | Notice | Examined | XRayed | Ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event as it stands in the log."""

    seq: int
    time: float
    """Seconds since the epoch (UTC)."""
    event: Event

"""What was found where the loss of a run stopped being finite: the place, the figures around it, and what was tried."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.results import decode_float, encode_number

Cause = Literal[
    "eps",
    "averages",
    "weight-decay",
    "penalty",
    "momentum",
    "inputs",
    "start",
    "rate",
    "command",
    "row",
    "loss",
    "gradient",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
Place = Literal["weights", "gradient", "layer", "loss"]
"""Where the first number that is not finite stood: a step made it, the backward pass, a layer of the forward pass, the loss."""
PLACES: tuple[Place, ...] = get_args(Place)


GROWN = 10.0
"""A loss, or a norm of the weights, that is so many times the first one has grown."""
OUTLIER = 1000.0
"""An example whose largest number is so many times that of a typical one is an outlier."""
LARGE_OUTPUT = 40.0
"""Scores whose softmax is still far from 0 and 1 in single precision (e^−88 is 0 there)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The beginning of the same run with other values."""

    cause: Cause
    """What it would show if it lives."""
    changes: dict[str, Value]
    """By the names that `--set` takes; none where the run was only left without its commands."""
    steps: int
    """How many it took."""
    last_loss: float
    """Mean over its last few steps; not finite where it died."""
    has_lived: bool
    """Whether it went on past the death, and ended with a loss that had not grown, and with a net that learns."""
    rate_share: float = 1.0
    """How much of the largest rate of its schedule it had come to: below 1 it would have risen on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What taking the last steps again has shown. A figure that there is none of is None."""

    step: int
    """The first whose loss is not finite, from 1."""
    place: Place
    layer: str = ""
    """In which layer; '' where it is none's."""
    first_loss: float
    """Of the untrained model, on the first few batches."""
    first_weight_norm: float
    last_loss: float | None = None
    """Of the step before, as are the rate that it took and the norms of its gradient and of the weights that it began with."""
    last_lr: float | None = None
    rate_share: float = 1.0
    """How much of the largest rate of its schedule it had come to by then: below 1 it was on its way up."""
    last_grad_norm: float | None = None
    last_weight_norm: float | None = None
    largest_output: float | None = None
    """In magnitude, on the batch of the bad step; None where the weights were no numbers by then."""
    bad_rows: int = 0
    """Examples of that batch whose loss alone is not finite."""
    batch_size: int = 0
    input_rms: float = 0.0
    """Root mean square of all training inputs."""
    largest_row: int = 0
    """The training example with the largest number, from 0."""
    largest_input: float = 0.0
    typical_input: float = 0.0
    """The median of the examples' largest numbers."""
    had_largest_row: bool = False
    """Whether that example was in the batch of the bad step, or of one from which on the loss had been lost."""
    trials: tuple[Trial, ...] = ()
    untried: str = ""
    """Why nothing was tried; '' where something was."""

    @property
    def is_of_gradient(self) -> bool:
        """Whether the backward pass of an ordinary loss is to blame: neither it nor the weights had grown."""
        if self.place != "gradient" or self.last_loss is None or self.last_weight_norm is None:
            return False
        return self.last_loss <= GROWN * self.first_loss and self.last_weight_norm <= GROWN * self.first_weight_norm

    @property
    def living(self) -> Trial | None:
        """The trial that lived."""
        return next((trial for trial in self.trials if trial.has_lived), None)

    @property
    def is_of_row(self) -> bool:
        """Whether one example far out of proportion is to blame."""
        return self.had_largest_row and 0 < OUTLIER * self.typical_input <= self.largest_input

    @property
    def is_of_loss(self) -> bool:
        """Whether the loss itself is to blame: outputs of the model were ordinary numbers."""
        return self.place == "loss" and self.largest_output is not None and self.largest_output < LARGE_OUTPUT

    def to_log(self) -> dict[str, Any]:
        """A JSON object: non-finite numbers as their strings, what is absent left out."""
        row = {
            field.name: encode_number(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name != "trials" and getattr(self, field.name) is not None
        }
        row["trials"] = [
            {name: encode_number(value) for name, value in dataclasses.asdict(trial).items()} for trial in self.trials
        ]
        return row

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Evidence":
        """Inverse of `to_log`. Raises ValueError, KeyError, TypeError for anything else."""
        known = {field.name for field in dataclasses.fields(cls)} - {"trials"}
        values = {name: _read(name, value) for name, value in body.items() if name in known}
        return cls(**values, trials=tuple(_trial(one) for one in body.get("trials", ())))


def _trial(body: Mapping[str, Any]) -> Trial:
    changes = {str(name): value for name, value in body["changes"].items()}
    if not all(isinstance(value, float | int | bool | str) for value in changes.values()):
        raise ValueError("a change that is no value")
    return Trial(
        cause=_one_of(CAUSES, body["cause"]),
        changes=changes,
        steps=int(body["steps"]),
        last_loss=decode_float(body["last_loss"]),
        has_lived=bool(body["has_lived"]),
        rate_share=decode_float(body.get("rate_share", 1.0)),  # earlier versions told none
    )


def _read(name: str, value: Any) -> Any:
    if name == "place":
        return _one_of(PLACES, value)
    if name in ("layer", "untried"):
        return str(value)
    if name == "had_largest_row":
        return bool(value)
    if name in ("step", "bad_rows", "batch_size", "largest_row"):
        return int(value)
    return decode_float(value)


def _one_of(known: tuple[Any, ...], value: Any) -> Any:
    if value not in known:
        raise ValueError(f"unknown word {value!r}")
    return value

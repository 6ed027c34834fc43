"""An X-ray of a run: what its gradients, steps and loss surface are like after one step; and when X-rays are taken."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tui_optim.spec.errors import UsageError
from tui_optim.spec.results import decode_float, encode_number

XRayWish = int | Literal["auto"]
"""Steps between two X-rays; 0 takes none, 'auto' leaves it to `usual_interval`."""

NUM_USUAL = 20
"""X-rays over a run, where nobody says how many."""
WORK_APART = 48_000
"""Gradient evaluations between two of them, at least, for networks that are not small: one costs some hundredths of that."""
SMALL_PARAMETERS = 1000
"""Of networks with at most so many parameters an X-ray takes a few milliseconds."""
SHARPNESS_EVERY = 3
"""Of networks that are not small sharpness is measured in every third X-ray: it takes several times as long as all else."""
MAX_INTERVAL = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerXRay:
    """A layer: the parameters of one module."""

    name: str
    grad_norm: float
    """‖∇F‖₂ over its parameters, on the fixed batch."""
    update_ratio: float | None = None
    """‖Δθ‖ / ‖θ‖ of the step; None where all its weights were 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class XRay:
    """What was measured after a step, by the weights that it led to. A figure that there is none of is None."""

    step: int
    lr: float
    """Of that step."""
    train_time_s: float
    effective_epochs: float
    layers: tuple[LayerXRay, ...]
    effective_rate: tuple[float, float, float] | None = None
    """Quantiles 5, 50 and 95 % over the weights of what multiplies a gradient: η/(√v̂ + ε) for Adam."""
    momentum_angle: float | None = None
    """Degrees between the momentum and the gradient on the fixed batch: above 90 it leads uphill."""
    noise_scale: float | None = None
    """tr Σ / |G|², in examples (McCandlish et al. 2018); infinite where the batch cannot tell the gradient from noise."""
    sharpness: float | None = None
    """Largest eigenvalue of the Hessian on the fixed batch; see `SHARPNESS_EVERY`."""
    seconds: float = 0.0
    """What it took, off the training clock."""

    @property
    def grad_norm(self) -> float:
        """‖∇F‖₂ over all parameters, on the fixed batch."""
        return math.hypot(*(layer.grad_norm for layer in self.layers))

    def to_log(self) -> dict[str, Any]:
        """A JSON object: non-finite numbers as their strings, what is absent left out."""
        row: dict[str, Any] = {
            name: encode_number(value) for name in _NUMBERS if (value := getattr(self, name)) is not None
        }
        if self.effective_rate is not None:
            row["effective_rate"] = [encode_number(one) for one in self.effective_rate]
        row["layers"] = [
            {"name": one.name, "grad_norm": encode_number(one.grad_norm)}
            | ({} if one.update_ratio is None else {"update_ratio": encode_number(one.update_ratio)})
            for one in self.layers
        ]
        return row

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "XRay":
        """Inverse of `to_log`; keys of later versions are ignored. Raises ValueError, KeyError, TypeError for anything else."""
        values = {name: decode_float(body[name]) for name in _NUMBERS if name in body and name != "step"}
        rate = body.get("effective_rate")
        if rate is not None:
            low, middle, high = map(decode_float, rate)
            rate = (low, middle, high)
        return cls(
            **values,
            step=int(body["step"]),
            effective_rate=rate,
            layers=tuple(
                LayerXRay(
                    name=str(one["name"]),
                    grad_norm=decode_float(one["grad_norm"]),
                    update_ratio=decode_float(one["update_ratio"]) if "update_ratio" in one else None,
                )
                for one in body["layers"]
            ),
        )


def usual_interval(*, num_steps: int, batch_size: int, num_parameters: int) -> int:
    """Steps between two X-rays where nobody says: `NUM_USUAL` over the run, yet `WORK_APART` apart.

    It is counted in steps, never in seconds: what is measured when must not depend on the clock.
    """
    apart = 1 if num_parameters <= SMALL_PARAMETERS else -(-WORK_APART // batch_size)
    return max(1, apart, -(-num_steps // NUM_USUAL))


def has_xray(step: int, every: int) -> bool:
    """Whether this step, from 1, is X-rayed on a schedule: the first, then one every so many; none where that is 0."""
    return bool(every) and (step == 1 or step % every == 0)


def parse_xray(text: str) -> XRayWish:
    """Read a wish: `auto`, `off`, or a number of steps. Raises UsageError."""
    word = text.strip().lower()
    if word == "auto":
        return "auto"
    if word in ("off", "none", "0"):
        return 0
    try:
        return check_interval(int(word))
    except ValueError:
        raise UsageError(f"X-ray {text.strip()!r}: {EXPECTED}") from None


def check_interval(steps: int) -> int:
    """The number of steps itself. Raises UsageError where it is none."""
    if not 0 <= steps <= MAX_INTERVAL:
        raise UsageError(f"X-ray {steps}: {EXPECTED}")
    return steps


EXPECTED = "expected auto, off, or the steps from one X-ray to the next, for example 200"
_NUMBERS = (
    "step",
    "lr",
    "train_time_s",
    "effective_epochs",
    "momentum_angle",
    "noise_scale",
    "sharpness",
    "seconds",
)

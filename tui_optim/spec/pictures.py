"""What a run leaves to be looked at besides its numbers: a film of a small network's weights, predictions on held-out images."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The weights that a run was judged by at the end of an epoch."""

    epoch: int
    step: int
    weights: tuple[float, ...]
    """All parameters in the model's order, shape [d]; not finite in a run that has diverged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A run seen at a few of its epochs: the untrained model, then at equal distances, at last the latest."""

    frames: tuple[Frame, ...]

    def to_json(self) -> dict[str, Any]:
        """As `from_json` reads it: weights as base64 of float32, little endian, which takes no time and little room."""
        return {"frames": [[frame.epoch, frame.step, _packed(frame.weights)] for frame in self.frames]}

    @staticmethod
    def from_json(body: Any) -> "Film":
        """Raises ValueError, KeyError or TypeError where it is not one."""
        frames = [
            Frame(epoch=_count(epoch), step=_count(step), weights=_unpacked(weights))
            for epoch, step, weights in body["frames"]
        ]
        return Film(frames=tuple(frames))


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What a run says of each held-out image at its end."""

    split: Literal["val", "test"]
    """'val' where the test set was never touched."""
    classes: bytes
    """The class that is predicted, one byte an example in the split's order."""
    certainties: bytes
    """Its probability, 0 … 255."""
    indices: Sequence[int] = ()
    """For 'val' where each example stands in the file of training images; the test set is taken whole, in its order."""


Picture = Film | Predictions


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        raise ValueError("no number of epochs or steps")
    return value


def _packed(weights: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(weights)}f", *weights)).decode()


def _unpacked(text: str) -> tuple[float, ...]:
    content = base64.b64decode(text, validate=True)
    if len(content) % 4:
        raise ValueError("weights of four bytes each")
    return struct.unpack(f"<{len(content) // 4}f", content)

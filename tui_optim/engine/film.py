"""A film of a small network: its weights at few of its epochs, kept while it trains."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from tui_optim.spec.pictures import Film, Frame

MAX_FRAMES = 32
"""Enough to see a boundary move, and about 15 kB for 52 parameters."""


class Camera:
    """Takes a frame every so many epochs: of a run that turns out to be long, every second one is given up, again and again."""

    def __init__(self) -> None:
        """Nothing is taken yet."""
        self._every = 1
        self._frames: list[Frame] = []

    def wants(self, epoch: int) -> bool:
        """Whether the weights at the end of this epoch are to be kept."""
        return epoch % self._every == 0 and (not self._frames or epoch > self._frames[-1].epoch)

    def take(self, epoch: int, step: int, weights: Sequence[float]) -> None:
        """Keep them."""
        self._frames.append(Frame(epoch=epoch, step=step, weights=tuple(weights)))
        while len(self._frames) > MAX_FRAMES:
            self._every *= 2
            self._frames = [frame for frame in self._frames if frame.epoch % self._every == 0]

    def film(self, epoch: int, step: int, weights: Sequence[float]) -> Film:
        """What has been kept, and the weights as they are now."""
        before = [frame for frame in self._frames if frame.epoch < epoch]
        return Film(frames=(*before, Frame(epoch=epoch, step=step, weights=tuple(weights))))

    def state_dict(self) -> dict[str, Any]:
        """For a checkpoint."""
        weights = torch.tensor([frame.weights for frame in self._frames], dtype=torch.float64)
        return {
            "every": self._every,
            "places": [[frame.epoch, frame.step] for frame in self._frames],
            "weights": weights,  # one tensor: a list of numbers takes a checkpoint many times as long
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._every = state["every"]
        frames = state.get("frames")  # as earlier versions kept them
        if frames is None:
            frames = [
                (*place, weights) for place, weights in zip(state["places"], state["weights"].tolist(), strict=True)
            ]
        self._frames = [Frame(epoch=epoch, step=step, weights=tuple(weights)) for epoch, step, weights in frames]


def weights_of(model: nn.Module) -> list[float]:
    """All parameters in their order."""
    flat: list[float] = torch.cat([parameter.detach().reshape(-1) for parameter in model.parameters()]).tolist()
    return flat

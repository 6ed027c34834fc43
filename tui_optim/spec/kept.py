"""What the engine keeps of a run on its way."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A checkpoint: everything that decides the rest of a run, as it stood after a step."""

    content: bytes
    step: int
    """Optimizer steps taken by then."""
    epoch: int
    """Whole epochs trained and evaluated by then."""
    is_best: bool = False
    """Whether its validation loss is the lowest so far."""
    stays: bool = False
    """Whether it is to be kept beside those that follow."""

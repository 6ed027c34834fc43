"""What may be said of runs and forks besides their scenario and presets; whatever is left out has its usual value."""

from collections.abc import Mapping
from typing import TypedDict

from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.xray import XRayWish


class RunOptions(TypedDict, total=False):
    """What runs may be given besides scenario, presets and seeds."""

    epochs: int | None
    """The scenario's own if None."""
    settings: Mapping[str, Value]
    """Over the preset: lr, batch_size, schedule.kind, …"""
    holdout: bool
    """Hold training examples out for choosing, and never evaluate the test set."""
    test_once: bool
    """Evaluate the test set at the end alone."""
    patience: int | None
    """End a run whose validation loss has not been bettered for so many epochs."""
    min_delta: float
    """A loss is better when it is lower by more than this."""
    keep_every: int | None
    """Keep a checkpoint after each so many epochs, beside the last and the best."""
    xray: XRayWish
    """Steps from one X-ray to the next, or 'auto'; none if 0."""
    device: str
    """auto, cpu, cuda or mps."""
    threads: int | None
    """CPU threads of a run; the machine's budget if None."""
    sample: bool
    """Use the packaged sample even where the full data is there."""


class ForkOptions(TypedDict, total=False):
    """What is chosen for a fork."""

    at: str
    """last (so if left out), best, an epoch, step=N, or a checkpoint's name."""
    epochs: int | None
    """In all, those before the branch included; as the parent's, or as many again where that is at its end, if None."""
    settings: Mapping[str, Value] | None
    """Values over the preset."""

"""When a run has trained enough: its lowest validation loss has not been bettered for so many epochs.

Early stopping with a patience of p evaluations (Goodfellow, Bengio and Courville 2016, "Deep Learning", Algorithm 7.1), one after
each epoch; an epoch is better when its loss is lower than the best one before by more than `min_delta`.
"""

import math
from typing import Any

from tui_optim.spec.keeping import Keeping, early_reason
from tui_optim.spec.results import EpochResult


class Patience:
    """Hears the results of a run's epochs."""

    def __init__(self, keeping: Keeping) -> None:
        """Nothing has been heard."""
        self._keeping = keeping
        self._loss, self._best_epoch = math.inf, 0
        """The loss that has to be bettered, and its epoch."""
        self._epoch = 0
        """The latest that was heard of."""

    @property
    def is_over(self) -> bool:
        """Whether the run ends now."""
        patience = self._keeping.patience
        return patience is not None and self._epoch - self._best_epoch >= patience

    @property
    def reason(self) -> str:
        """Why it ends now; '' where it does not."""
        if not self.is_over:
            return ""
        waited = self._epoch - self._best_epoch
        return early_reason(self._keeping, loss=self._loss, epoch=self._best_epoch, waited=waited)

    def hear(self, result: EpochResult) -> None:
        """Judge an epoch by its validation loss; one that is no number is never better."""
        if result.val_loss is None:
            return
        self._epoch = result.epoch
        if result.val_loss < self._loss - self._keeping.min_delta:
            self._loss, self._best_epoch = result.val_loss, result.epoch

    def begin_anew(self) -> None:
        """Wait from here on, for whatever comes next to be bettered."""
        self._loss, self._best_epoch = math.inf, self._epoch

    def state_dict(self) -> list[Any]:
        """For a checkpoint."""
        return [self._loss, self._best_epoch, self._epoch]

    def load_state_dict(self, state: list[Any]) -> None:
        """Inverse of `state_dict`."""
        self._loss, self._best_epoch, self._epoch = state

"""Loss and accuracy of the training batches, counted off the clock."""

from dataclasses import dataclass, field

import torch

from tui_optim.engine.batches import MAX_READ_BATCHES
from tui_optim.engine.objective import Seen


@dataclass(slots=True)
class RunningMeans:
    """Loss and accuracy over the mini-batches since the last evaluation."""

    loss_sum: float = 0.0
    num_examples: int = 0
    num_correct: int = 0
    has_classes: bool = True
    """Whether anything can be correct."""
    uncounted: list[tuple[Seen, float]] = field(default_factory=list)
    """Batches, each with its mean loss, that the sums do not cover yet: many are counted at once, off the clock."""

    def add(self, seen: list[Seen], losses: list[float]) -> None:
        """Take in the batches of a bin."""
        self.uncounted.extend(zip(seen, losses, strict=True))
        if len(self.uncounted) >= MAX_READ_BATCHES:
            self.count()

    def count(self) -> "RunningMeans":
        """Bring the sums up to date."""
        if self.uncounted:
            if self.has_classes:
                labels = torch.cat([one.labels for one, _ in self.uncounted])
                outputs = torch.cat([one.outputs for one, _ in self.uncounted])
                self.num_correct += int((outputs.max(1).indices == labels).sum())
            self.num_examples += sum(len(one.labels) for one, _ in self.uncounted)
            for one, loss in self.uncounted:  # one by one: the sum is the same wherever a checkpoint parts it
                self.loss_sum += loss * len(one.labels)
            self.uncounted = []
        return self

    def values(self) -> tuple[float | None, float | None]:
        """Loss and accuracy of what has been counted; None each where nothing has."""
        n = self.num_examples
        return (self.loss_sum / n, self.num_correct / n) if n else (None, None)

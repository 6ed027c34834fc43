"""What Lookahead and Schedule-Free share: they train one point and are judged by another."""

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tui_optim.engine.batches import Batches
from tui_optim.engine.batchnorm import BatchNormStatistics
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep, TorchOptimizer


class JudgedElsewhereStep(GradientStep):
    """A gradient step of such a method, with BatchNorm's statistics at the point that it is judged by."""

    def __init__(self, optimizer: TorchOptimizer) -> None:
        """Wrap the package's optimizer."""
        super().__init__(optimizer)
        self._statistics = BatchNormStatistics()

    @abstractmethod
    def moved_to_judged(self, objective: Objective) -> AbstractContextManager[None]:
        """Inside the block θ is the point to judge by; afterwards it is the trained one again, to the last bit."""

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """g on the next mini-batch; θ ← update(θ, g)."""
        self._statistics.forget()
        return super().step(objective, batches)

    @contextmanager
    def evaluation_weights(self, objective: Objective) -> Iterator[None]:
        """Inside the block the model has the weights to judge by, and BatchNorm's statistics at these."""
        with self.moved_to_judged(objective), self._statistics.at_present_weights(objective):
            yield

    def state_dict(self) -> dict[str, Any]:
        """State of the optimizer, and the statistics."""
        return {"optimizer": super().state_dict(), "buffers": self._statistics.buffers}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        super().load_state_dict(state_dict["optimizer"])
        self._statistics.buffers = state_dict["buffers"]

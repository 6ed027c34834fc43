"""Counting of work and time while a run trains."""

import time
from dataclasses import asdict, dataclass, field, fields

from tui_optim.spec.results import Cost, gradient_evaluations


@dataclass(slots=True)
class Counters:
    """Raw counts of work; only what an algorithm computes, never evaluation. The fields are those of `Cost`."""

    examples_forward_backward: int = 0
    examples_forward: int = 0
    per_example_gradients: int = 0
    hessian_products: int = 0
    gauss_newton_products: int = 0
    line_search_evaluations: int = 0
    optimizer_steps: int = 0

    @property
    def gradient_evaluations(self) -> float:
        """Work so far in forward and backward passes of one example."""
        return gradient_evaluations(self)

    def cost(self) -> Cost:
        """The counts as a frozen value."""
        return Cost(**asdict(self))

    def restore(self, counts: list[int]) -> None:
        """Take up the counts of a checkpoint, in the order of the fields."""
        for one, count in zip(fields(self), counts, strict=True):
            setattr(self, one.name, count)


@dataclass(slots=True)
class Clock:
    """Seconds of a run, carried over from earlier attempts."""

    train_time_s: float = 0.0
    """Seconds inside training steps."""
    elapsed_before_s: float = 0.0
    started_at: float = field(default_factory=time.perf_counter)

    @property
    def elapsed_s(self) -> float:
        """Wall-clock seconds over all attempts; the time between attempts does not count."""
        return self.elapsed_before_s + time.perf_counter() - self.started_at

"""Counting of work and time while a run trains."""

import time
from dataclasses import dataclass, field

from tui_optim.spec.results import Cost


@dataclass(slots=True)
class Counters:
    """Raw counts of work; only what an algorithm computes, never evaluation."""

    examples_forward_backward: int = 0
    optimizer_steps: int = 0

    def cost(self) -> Cost:
        """The counts as a frozen value."""
        return Cost(examples_forward_backward=self.examples_forward_backward, optimizer_steps=self.optimizer_steps)


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

"""Schedule-Free: gradients at y, steps of z, judged by the average x (Defazio et al. 2024)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from torch import nn

from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.building import with_betas
from tui_optim.engine.optimizers.method import TorchOptimizer
from tui_optim.engine.optimizers.zoo.judged_elsewhere import JudgedElsewhereStep
from tui_optim.spec.hyperparameters import Value


class HasAverage(TorchOptimizer, Protocol):
    """What the package's two have besides."""

    def eval(self) -> None:
        """Make the parameters x."""

    def train(self) -> None:
        """Make the parameters y again, up to rounding."""


class ScheduleFreeStep(JudgedElsewhereStep):
    """Between steps θ is y; to be judged it is x."""

    def __init__(self, optimizer: HasAverage) -> None:
        """Wrap one of the package's two."""
        super().__init__(optimizer)
        self._schedule_free = optimizer

    @contextmanager
    def moved_to_judged(self, objective: Objective) -> Iterator[None]:
        """Inside the block θ is x; afterwards it is y again to the last bit, which solving for it would not give."""
        y = objective.point
        self._schedule_free.eval()
        try:
            yield
        finally:
            self._schedule_free.train()
            objective.point = y


def schedule_free_sgd(model: nn.Module, values: Mapping[str, Value]) -> ScheduleFreeStep:
    """Schedule-Free SGD."""
    from pytorch_optimizer import ScheduleFreeSGD

    return ScheduleFreeStep(ScheduleFreeSGD(model.parameters(), **with_betas(values)))


def schedule_free_adamw(model: nn.Module, values: Mapping[str, Value]) -> ScheduleFreeStep:
    """Schedule-Free AdamW."""
    from pytorch_optimizer import ScheduleFreeAdamW

    return ScheduleFreeStep(ScheduleFreeAdamW(model.parameters(), **with_betas(values)))

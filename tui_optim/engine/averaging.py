"""Iterate averaging around any method: θ̄ of the iterates θ_1, θ_2, … that a rule takes in, t counting these.

    polyak   every iterate after a share of the run      θ̄ ← θ̄ + (θ_t − θ̄) / t                      (BCN 5.16)
    swa      those at epoch ends after a share           the same                   (Izmailov et al. 2018)
    ema      every iterate                               θ̄ ← β_t θ̄ + (1 − β_t) θ_t,   β_t = min(β, t/(9 + t))

The first iterate is where each θ̄ begins. Training goes on from θ; θ̄ is only what the run is judged by.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from tui_optim.engine.batches import Batches
from tui_optim.engine.batchnorm import BatchNormStatistics
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec


def averaged(method: Method, run: RunSpec) -> Method:
    """The method with the averaging that the run asks for; the method itself where it asks for none."""
    return Averaged(method, run.averaging) if run.averaging else method


class Averaged(Method):
    """Takes the steps of a method and averages where they lead."""

    def __init__(self, method: Method, rule: Mapping[str, Value]) -> None:
        """`rule` has the kind and its parameters, complete."""
        self._method = method
        self.l2 = method.l2
        self._kind = str(rule["kind"])
        self._start, self._every = float(rule.get("start", 0.0)), int(rule.get("every", 1))
        self._decay = float(rule.get("decay", 0.0))
        self._num_taken = 0
        self._mean: torch.Tensor | None = None
        """θ̄, shape [d]; None until the first iterate is taken in."""
        self._statistics = BatchNormStatistics()

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Those of the method."""
        return self._method.param_groups

    @property
    def torch_state(self) -> Mapping[Any, Mapping[str, Any]]:
        """That of the method."""
        return self._method.torch_state

    @property
    def momentum(self) -> torch.Tensor | None:
        """That of the method."""
        return self._method.momentum

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """A step of the method; then θ may be taken in."""
        before = _epochs_of_work(objective)
        seen = self._method.step(objective, batches)
        if objective.progress >= self._start and self._is_due(before, _epochs_of_work(objective)):
            self._take_in(objective.point)
        return seen

    @contextmanager
    def evaluation_weights(self, objective: Objective) -> Iterator[None]:
        """Inside the block the model has θ̄; before anything has been taken in, what the method itself is judged by."""
        if self._mean is None:
            with self._method.evaluation_weights(objective):
                yield
            return
        with objective.moved_to(self._mean), self._statistics.at_present_weights(objective):
            yield

    def state_dict(self) -> dict[str, Any]:
        """State of the method, and the average."""
        return {
            "method": self._method.state_dict(),
            "num_taken": self._num_taken,
            "mean": self._mean,
            "buffers": self._statistics.buffers,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._method.load_state_dict(state_dict["method"])
        self._num_taken = state_dict["num_taken"]
        self._mean, self._statistics.buffers = state_dict["mean"], state_dict["buffers"]

    def _is_due(self, before: float, after: float) -> bool:
        """Whether θ is taken in after a step that began and ended at these epochs' worth of work."""
        return self._kind != "swa" or after // self._every > before // self._every

    def _take_in(self, point: torch.Tensor) -> None:
        self._num_taken += 1
        self._statistics.forget()
        precise = point.to(_precise(point))
        if self._mean is None:
            self._mean = precise
            return
        t = self._num_taken
        self._mean.lerp_(precise, 1 - min(self._decay, t / (9 + t)) if self._kind == "ema" else 1 / t)


def _epochs_of_work(objective: Objective) -> float:
    return objective.counters.gradient_evaluations / objective.num_examples


def _precise(point: torch.Tensor) -> torch.dtype:
    """The mean of 10⁵ iterates in float32 would stop moving: 1/t of a difference falls below its last digit."""
    return torch.float32 if point.device.type == "mps" else torch.float64

"""SVRG: stochastic variance reduced gradient (Bottou, Curtis & Nocedal 2018, Alg. 5.1; Johnson & Zhang 2013).

    w̃ ← θ;  μ ← ∇F(w̃)
    for j = 1 … m:
        draw a mini-batch S
        g ← ∇F_S(θ) − α (∇F_S(w̃) − μ)
        θ ← θ − η g
    θ ← (a) the last, (b) the mean or (c) a random one of the m inner iterates

α = 1 is SVRG. With a smaller α that falls linearly to 0 over the run, here with the work done, it is α-SVRG (Yin, Xu, Li, Darrell
& Liu 2025). The mini-batches come in passes over the training set, as deep learning has them, where Alg. 5.1 draws uniformly.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "SVRG":
    """Build from the hyper-parameters of `spec.optimizers`."""
    del model
    numbers: dict[str, Any] = dict(values)
    return SVRG(
        lr=numbers["lr"],
        l2=numbers["weight_decay"],
        option=numbers["option"],
        inner_steps=numbers["inner_steps"],
        alpha=numbers["alpha"],
        alpha_fall=numbers["alpha_fall"],
    )


class SVRG(VectorMethod):
    """Cycles of one full gradient and m corrected mini-batch steps; a step of the loop is an inner step."""

    remembered = ("inner_step", "snapshot", "full_gradient", "mean", "drawn_step", "drawn")

    def __init__(self, *, lr: float, l2: float, option: str, inner_steps: int, alpha: float, alpha_fall: float) -> None:
        """`option` is 'a', 'b' or 'c'; `inner_steps` is m, 0 for one pass; the rest as in `spec.optimizers`."""
        super().__init__(lr=lr, l2=l2)
        self._option, self._inner_steps = option, inner_steps
        self._alpha, self._alpha_fall = alpha, alpha_fall
        self.inner_step = 0
        """Inner steps taken in this cycle."""
        self.snapshot = torch.empty(0)
        """w̃, shape [d]."""
        self.full_gradient = torch.empty(0)
        """μ, shape [d]."""
        self.mean = torch.empty(0)
        """Option (b): mean of the inner iterates of this cycle so far, shape [d]."""
        self.drawn_step = 0
        """Option (c): the inner step, from 1, whose iterate the next cycle starts from."""
        self.drawn = torch.empty(0)
        """Option (c): that iterate once it is reached, shape [d]."""

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One inner step; the first of a cycle takes the snapshot before, the last moves to the cycle's result."""
        alpha = self._coefficient(objective)
        if self.inner_step == 0:
            self._take_snapshot(objective, batches)
        batch = batches.next()
        gradient, seen = objective.gradient(batch)
        correction = objective.gradient_at(self.snapshot, batch) - self.full_gradient
        iterate = objective.point - self.lr * (gradient - alpha * correction)
        self.inner_step += 1
        self._record(iterate)
        if self.inner_step == self._cycle_length(batches):
            self.inner_step = 0
            iterate = {"a": iterate, "b": self.mean, "c": self.drawn}[self._option]
        objective.point = iterate
        return seen

    def _coefficient(self, objective: Objective) -> float:
        """α at the work done so far."""
        if self._alpha_fall == 0:
            return self._alpha
        return self._alpha * max(0.0, 1 - objective.progress / self._alpha_fall)

    def _cycle_length(self, batches: Batches) -> int:
        return self._inner_steps or batches.steps_per_pass

    def _take_snapshot(self, objective: Objective, batches: Batches) -> None:
        self.snapshot = objective.point
        self.full_gradient = objective.full_gradient()
        if self._option == "c":
            self.drawn_step = 1 + int(torch.randint(self._cycle_length(batches), (), generator=batches.generator))

    def _record(self, iterate: torch.Tensor) -> None:
        """Keep what the option needs of the iterate after inner step j."""
        if self._option == "b":
            self.mean = iterate if self.inner_step == 1 else self.mean + (iterate - self.mean) / self.inner_step
        elif self._option == "c" and self.inner_step == self.drawn_step:
            self.drawn = iterate

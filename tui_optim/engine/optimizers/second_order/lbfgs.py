"""torch's L-BFGS with its strong Wolfe line search, on the whole training set (Nocedal & Wright 2006, Alg. 7.5, 3.5)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "LBFGS":
    """Build from the hyper-parameters of `spec.optimizers`."""
    numbers: dict[str, Any] = dict(values)
    return LBFGS(
        model, lr=numbers["lr"], l2=numbers["weight_decay"], max_iter=numbers["max_iter"], memory=numbers["memory"]
    )


class LBFGS(Method):
    """A step is `max_iter` iterations of torch.optim.LBFGS; each of its evaluations costs n."""

    def __init__(self, model: nn.Module, *, lr: float, l2: float, max_iter: int, memory: int) -> None:
        """`lr` is the first step length that the line search tries."""
        self.l2 = l2
        self._optimizer = torch.optim.LBFGS(
            model.parameters(), lr=lr, max_iter=max_iter, history_size=memory, line_search_fn="strong_wolfe"
        )

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """That of the torch optimizer."""
        return self._optimizer.param_groups

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Iterate; what is seen is the training set before the first iteration."""
        del batches
        before_the_move: list[Seen] = []

        def evaluate() -> float:
            gradient, seen = objective.gradient(objective.whole)
            for parameter, part in zip(objective.parameters, objective.parts(gradient), strict=True):
                parameter.grad = part  # with λ θ, which `backward` leaves out
            if before_the_move:
                objective.counters.line_search_evaluations += 1
            else:
                before_the_move.append(seen)
            return objective.loss_of(seen)

        if self.param_groups[0]["lr"] == 0:  # torch's search divides by the length that it begins with
            evaluate()
        else:
            self._optimizer.step(evaluate)
        return before_the_move[0]

    def state_dict(self) -> dict[str, Any]:
        """That of the torch optimizer."""
        return self._optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._optimizer.load_state_dict(state_dict)

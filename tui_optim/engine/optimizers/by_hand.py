"""SGD by hand: gradients that the model has written out, and the update in one line (Robbins & Monro 1951).

S a batch: the next of a shuffled pass over the examples, or drawn anew with replacement
g ← (1/|S|) Σ_{i∈S} ∇fᵢ(θ)   by hand
θ ← θ − η g
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batches
from tui_optim.engine.hand_written import HandWritten
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.hyperparameters import Value


def build(model: nn.Module, values: Mapping[str, Value]) -> "SGDByHand":
    """Build from the hyper-parameters of `spec.optimizers`."""
    assert isinstance(model, HandWritten)  # `why_unsuited` refuses all others
    numbers: dict[str, Any] = dict(values)
    return SGDByHand(model, lr=numbers["lr"], has_replacement=numbers["replacement"])


class SGDByHand(VectorMethod):
    """Plain SGD without autograd and without a library's optimizer."""

    def __init__(self, model: HandWritten, *, lr: float, has_replacement: bool) -> None:
        """`has_replacement`: each batch is drawn anew from all examples."""
        super().__init__(lr=lr)
        self._model, self._has_replacement = model, has_replacement

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """One gradient by hand, one step."""
        batch = batches.random(batches.batch_size) if self._has_replacement else batches.next()
        seen, gradients = objective.by_hand(batch, self._model.differentiate)
        with torch.no_grad():
            for parameter, gradient in zip(objective.parameters, gradients, strict=True):
                parameter.sub_(gradient, alpha=self.lr)
                parameter.grad = gradient  # where whoever looks at gradients finds them
        return seen

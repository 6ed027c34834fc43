"""Lookahead: k fast steps, then the slow weights go a share of the way (Zhang et al. 2019)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.zoo.judged_elsewhere import JudgedElsewhereStep
from tui_optim.spec.hyperparameters import Value

if TYPE_CHECKING:
    from pytorch_optimizer import Lookahead


class LookaheadStep(JudgedElsewhereStep):
    """Trains the fast weights; is judged by the slow ones."""

    def __init__(self, lookahead: "Lookahead") -> None:
        """Wrap the package's Lookahead."""
        super().__init__(lookahead)
        self._lookahead = lookahead

    @contextmanager
    def moved_to_judged(self, objective: Objective) -> Iterator[None]:
        """Inside the block θ are the slow weights φ."""
        del objective
        self._lookahead.backup_and_load_cache()
        try:
            yield
        finally:
            self._lookahead.clear_and_load_backup()


def build(model: nn.Module, values: Mapping[str, Value]) -> LookaheadStep:
    """Around torch's SGD with momentum or AdamW."""
    from pytorch_optimizer import Lookahead

    numbers: dict[str, Any] = dict(values)
    lr, weight_decay, momentum = numbers["lr"], numbers["weight_decay"], numbers["momentum"]
    fast: torch.optim.Optimizer
    if numbers["base"] == "sgd":
        fast = torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay)
    else:
        betas = (momentum, numbers["beta2"])
        fast = torch.optim.AdamW(model.parameters(), lr=lr, betas=betas, weight_decay=weight_decay)
    return LookaheadStep(Lookahead(fast, k=numbers["k"], alpha=numbers["alpha"]))

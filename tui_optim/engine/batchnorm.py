"""BatchNorm's running statistics belong to the weights that training visits; averages of weights need their own."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch.nn.modules.batchnorm import _BatchNorm
from torch.optim.swa_utils import update_bn

from tui_optim.engine.objective import Objective

REFRESH_BATCH_SIZE = 1000


class BatchNormStatistics:
    """The statistics at weights that a method is judged by: found by a pass over the training set, once for the same weights."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.buffers: dict[str, torch.Tensor] = {}
        """The model's buffers with these statistics, by name; empty where they are not known. Part of a method's state."""

    def forget(self) -> None:
        """The weights to judge by have moved."""
        self.buffers = {}

    @contextmanager
    def at_present_weights(self, objective: Objective) -> Iterator[None]:
        """Inside the block the model has the statistics of its present weights; costs n forward passes where it has BatchNorm."""
        model = objective.model
        if not any(isinstance(module, _BatchNorm) for module in model.modules()):
            yield
            return
        kept = _copy_of_buffers(objective)
        try:
            if self.buffers:
                model.load_state_dict(self.buffers, strict=False)
            else:
                _refresh(objective)
                self.buffers = {} if objective.is_only_looking else _copy_of_buffers(objective)
            yield
        finally:
            model.load_state_dict(kept, strict=False)


def _refresh(objective: Objective) -> None:
    num_parts = -(-objective.num_examples // REFRESH_BATCH_SIZE)
    with torch.random.fork_rng(devices=[]):  # dropout's draws here must not change the order of later batches
        update_bn(objective.whole.inputs.tensor_split(num_parts), objective.model)
    objective.counters.examples_forward += objective.num_examples


def _copy_of_buffers(objective: Objective) -> dict[str, torch.Tensor]:
    return {name: buffer.clone() for name, buffer in objective.model.named_buffers()}

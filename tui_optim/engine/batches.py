"""Where a method gets its mini-batches: passes over the training set in random order, or rows that it names itself.

The order of the passes is the assignment script's (see `draws`), so it depends on the seed alone and runs with equal seeds are
paired across optimizers; what a method draws for itself comes from `generator`, a stream of its own.
"""

from typing import Any, NamedTuple

import torch

from tui_optim.engine.data import Split
from tui_optim.engine.draws import epoch_order, open_shuffling_loader

READS_PER_PASS = 25
MAX_READ_BATCHES = 1000
METHOD_STREAM = 0x6D657468
"""Keeps a method's own draws apart from those of the order and the initial weights."""


class Batch(NamedTuple):
    """Examples with their labels."""

    inputs: torch.Tensor
    """Shape [n, …]."""
    labels: torch.Tensor
    """Shape [n]."""


class Batches:
    """Mini-batches of one training set; a pass is read in about 25 pieces, each gathered at once."""

    def __init__(self, data: Split, batch_size: int, *, seed: int) -> None:
        """`batch_size` is what `next` gives; a method may change it between steps."""
        self.whole = Batch(data.inputs, data.labels)
        self.batch_size = batch_size
        self.generator = torch.Generator().manual_seed((seed ^ METHOD_STREAM) % 2**63)
        self._device = data.labels.device
        self._order_seed: int | None = None
        self._order = torch.empty(0, dtype=torch.int64)
        self._position = 0
        self._ready: list[Batch] = []
        self._ready_size = 0
        self._buffer = data.inputs[:0]

    @property
    def steps_per_pass(self) -> int:
        """Batches in one pass over the training set."""
        return -(-len(self.whole.labels) // self.batch_size)

    def next(self) -> Batch:
        """The next batch of the pass; the last one of a pass may be smaller."""
        if not self._ready or self._ready_size != self.batch_size:
            self._read()
        batch = self._ready.pop()
        self._position += len(batch.labels)
        return batch

    def rows(self, indices: torch.Tensor) -> Batch:
        """The examples with these indices, shape [m], int64."""
        indices = indices.to(self._device)
        return Batch(self.whole.inputs.index_select(0, indices), self.whole.labels.index_select(0, indices))

    def random(self, size: int) -> Batch:
        """Examples drawn with replacement from the method's own stream."""
        return self.rows(torch.randint(len(self.whole.labels), (size,), generator=self.generator))

    def state_dict(self) -> dict[str, Any]:
        """The pass at hand, the batch size and the method's stream."""
        return {
            "order_seed": self._order_seed,
            "position": self._position,
            "batch_size": self.batch_size,
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Inverse of `state_dict`."""
        self._order_seed, self._position, self.batch_size = (
            state["order_seed"],
            state["position"],
            state["batch_size"],
        )
        self.generator.set_state(state["generator"])
        self._ready = []
        if self._order_seed is not None:
            self._order = epoch_order(self._order_seed, len(self.whole.labels)).to(self._device)

    def _read(self) -> None:
        """Gather the next batches; with another batch size than before, those that lie ready are read again."""
        size, num_examples = self.batch_size, len(self.whole.labels)
        if self._order_seed is None or self._position == num_examples:
            self._order_seed, self._position = open_shuffling_loader(), 0
            self._order = epoch_order(self._order_seed, num_examples).to(self._device)
        last = min(self._position + read_size(num_examples, size) * size, num_examples)
        rows = self._order[self._position : last]
        if len(self._buffer) < len(rows):
            # reused: fresh pages cost more than the copy
            self._buffer = torch.empty_like(self.whole.inputs[: len(rows)])
        inputs = torch.index_select(self.whole.inputs, 0, rows, out=self._buffer[: len(rows)])
        labels = self.whole.labels.index_select(0, rows)
        self._ready = [Batch(x, y) for x, y in zip(inputs.split(size), labels.split(size), strict=True)][::-1]
        self._ready_size = size


def read_size(num_examples: int, batch_size: int) -> int:
    """Batches that are gathered at once, and steps between two looks of the loop."""
    return max(1, min(MAX_READ_BATCHES, -(-num_examples // batch_size) // READS_PER_PASS))

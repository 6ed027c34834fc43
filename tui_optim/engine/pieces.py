"""Large batches pass through the model in pieces whose sums add up: memory stays bounded."""

from collections.abc import Iterator

from tui_optim.engine.batches import Batch

MAX_PASS_EXAMPLES = 4096
"""A larger batch is passed through the model in pieces."""
CPU_PIECE_EXAMPLES = 512
"""Size of these pieces on a CPU. The maps of 4096 images fill so much memory that the allocator returns it to the system after
every pass: an example of LeNet-5 takes 1.6 to 1.8 times as long."""


def is_one_pass(size: int) -> bool:
    """Whether a batch of this many examples passes whole."""
    return size <= MAX_PASS_EXAMPLES


def pieces(batch: Batch) -> Iterator[Batch]:
    """The batch itself where one pass takes it, else slices of it."""
    size = MAX_PASS_EXAMPLES
    if not is_one_pass(len(batch.labels)) and batch.labels.device.type == "cpu":
        size = min(size, CPU_PIECE_EXAMPLES)
    for x, y in zip(batch.inputs.split(size), batch.labels.split(size), strict=True):
        yield Batch(x, y)

"""The random draws of the assignment's script, without its DataLoader.

The script seeds torch's global generator and lets DataLoaders draw from it. Opening a loader's iterator draws one int64; a
shuffling loader then draws a second one, which seeds the generator of the epoch's permutation. Making the same draws in the
same order gives the same initial weights and the same mini-batches, bit for bit. They depend on the seed alone, so runs with
equal seeds are paired across optimizers.
"""

import torch


def open_loader(generator: torch.Generator | None = None) -> None:
    """Draw what `iter(loader)` draws; from the global generator unless another is named."""
    _draw(generator)


def open_shuffling_loader(generator: torch.Generator | None = None) -> int:
    """Draw what iterating a shuffling loader draws; returns the seed of the epoch's permutation."""
    open_loader(generator)
    return _draw(generator)


def epoch_order(seed: int, num_examples: int) -> torch.Tensor:
    """Permutation of the training examples, shape [num_examples], int64, on the CPU."""
    generator = torch.Generator()
    generator.manual_seed(seed)
    return torch.randperm(num_examples, generator=generator)


def _draw(generator: torch.Generator | None) -> int:
    return int(torch.empty((), dtype=torch.int64).random_(generator=generator).item())

"""A place for methods that draw from the global generators, which belong to the order of the passes and the initial weights."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def own_draws(generator: torch.Generator, device: torch.device) -> Iterator[None]:
    """Inside the block the global generators of torch and NumPy start from a number drawn from `generator`.

    After it they are as they were before; on an accelerator other than CUDA that of the device is not, but nothing else
    draws there.
    """
    import numpy as np  # comes with the extra, not with torch

    seed = int(torch.randint(2**31, (), generator=generator))
    numpy_state = np.random.get_state()
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.default_generator.manual_seed(seed)  # torch.manual_seed takes 0.1 ms where CUDA is not initialised
        if device.type != "cpu":
            torch.get_device_module(device).manual_seed(seed)
        np.random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(numpy_state)

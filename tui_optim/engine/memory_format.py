"""How the activations of convolutions lie in memory.

Contiguous (channels first) is what torch does by itself. Channels last, the channels of a pixel lie side by side, as the CPU's
kernels want them for their own sums: nothing has to be put in another order before and after. A step computes the same formulas,
but adds in another order: its last bits differ. Parameters, gradients and what an optimizer keeps stay contiguous.
"""

from typing import Any

import torch
from torch import nn

from tui_optim.spec.run import RunSpec


def with_memory_format(model: nn.Module, run: RunSpec) -> nn.Module:
    """The model, which lays its images (batch, channels, height, width) as the run wants; the layers after it keep to that."""
    if run.memory_format == "channels-last":
        model.register_forward_pre_hook(lay_channels_last)
    return model


def lay_channels_last(_: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """A hook before a model's forward pass; what is no batch of images goes as it is."""
    images, *others = inputs
    if images.ndim != 4:
        return inputs
    # not `contiguous`: an image of one channel counts as channels last already, and would be left as it is
    return images.clone(memory_format=torch.channels_last), *others

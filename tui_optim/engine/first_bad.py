"""Where the first number that is not finite stands, in a model that is looked at before its bad step; and how data are scaled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import nn

from tui_optim.engine.batches import Batch
from tui_optim.engine.layers import layer_of
from tui_optim.engine.objective import Objective
from tui_optim.spec.evidence import Place

LOOKED_AT_ALONE = 512
"""Examples of a batch whose losses are taken one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How large inputs are, in magnitude."""

    rms: float
    """Root mean square."""
    largest_row: int
    """The example with the largest number, from 0."""
    largest: float
    typical: float
    """The median of the examples' largest numbers."""


def first_bad(model: nn.Module, objective: Objective, batch: Batch) -> tuple[Place, str, float | None, int]:
    """Place and layer of the first number that is not finite, the largest output, and how many examples have a bad loss."""
    for name, parameter in model.named_parameters():
        if not parameter.isfinite().all():
            return "weights", layer_of(name), None, 0
    bad_layers: list[str] = []
    with torch.no_grad(), _listening(model, bad_layers):
        outputs = model(batch.inputs)
        finite = outputs[outputs.isfinite()]
        largest = float(finite.abs().max()) if finite.numel() else None
        shown = outputs[:LOOKED_AT_ALONE].split(1), batch.labels[:LOOKED_AT_ALONE].split(1)
        losses = torch.stack([objective.criterion(*one) for one in zip(*shown, strict=True)])
    num_bad = int((~losses.isfinite()).sum())
    if bad_layers or not outputs.isfinite().all():
        return "layer", bad_layers[0] if bad_layers else "", largest, num_bad
    return "loss", "", largest, num_bad


def worst_gradient(model: nn.Module) -> str:
    """The layer where the backward pass, which comes from the outputs, first had a gradient that is not finite; '' without."""
    bad = [
        name
        for name, parameter in model.named_parameters()
        if parameter.grad is not None and not parameter.grad.isfinite().all()
    ]
    return layer_of(bad[-1]) if bad else ""


def scale_of(inputs: torch.Tensor) -> Scale:
    """That of training inputs, shape [n, …]."""
    largest = inputs.reshape(len(inputs), -1).abs().amax(1)
    return Scale(
        rms=float(inputs.double().square().mean().sqrt()),
        largest_row=int(largest.argmax()),
        largest=float(largest.max()),
        typical=float(largest.median()),
    )


@contextmanager
def _listening(model: nn.Module, bad_layers: list[str]) -> Iterator[None]:
    """Inside the block the names of layers whose outputs are not finite are added, in the order of the forward pass."""
    handles = [
        module.register_forward_hook(partial(_hear, bad_layers, name))
        for name, module in model.named_modules()
        if name and not next(module.children(), None)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _hear(bad_layers: list[str], name: str, _module: nn.Module, _inputs: Any, output: Any) -> None:
    if isinstance(output, torch.Tensor) and not output.isfinite().all():
        bad_layers.append(name)

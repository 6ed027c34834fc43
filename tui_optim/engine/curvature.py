"""Products of the Hessian and of the Gauss–Newton matrix of a mean loss with a vector, on any batch; nothing is counted here.

A batch that passes whole keeps its graph from product to product. Those of many pieces would fill the memory: they are made
again every time.
"""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import nn

from tui_optim.engine.batches import Batch
from tui_optim.engine.losses import Criterion
from tui_optim.engine.pieces import pieces

Product = Callable[[torch.Tensor], torch.Tensor]
"""Maps a vector [d] to a matrix times that vector, [d]."""


def hessian(batch: Batch, loss_of: Callable[[Batch], torch.Tensor], parameters: Sequence[nn.Parameter]) -> Product:
    """v ↦ ∇²F v, F the loss that `loss_of` gives for a batch, by differentiating ∇F · v (Pearlmutter 1994)."""

    def on_piece(piece: Batch) -> Product:
        slope = flat(torch.autograd.grad(loss_of(piece), parameters, create_graph=True))

        def product(vector: torch.Tensor) -> torch.Tensor:
            curved = torch.autograd.grad(
                slope, parameters, grad_outputs=vector, retain_graph=True, materialize_grads=True
            )
            return flat(curved).detach()

        return product

    return _mean_over_pieces(batch, on_piece)


def gauss_newton(batch: Batch, model: nn.Module, criterion: Criterion, parameters: Sequence[nn.Parameter]) -> Product:
    """v ↦ JᵀHJ v, J the Jacobian of the outputs and H the loss's Hessian in them (Schraudolph 2002)."""

    def on_piece(piece: Batch) -> Product:
        inputs, labels = piece
        outputs = model(inputs)
        dummy = torch.zeros_like(outputs, requires_grad=True)
        pulled_back = flat(torch.autograd.grad(outputs, parameters, grad_outputs=dummy, create_graph=True))

        def product(vector: torch.Tensor) -> torch.Tensor:
            # Jᵀu is linear in u: its derivative in u applied to v is J v
            (pushed,) = torch.autograd.grad(pulled_back, dummy, grad_outputs=vector, retain_graph=True)
            curved = _output_hessian(criterion, outputs.detach(), labels, pushed)
            return flat(torch.autograd.grad(outputs, parameters, grad_outputs=curved, retain_graph=True)).detach()

        return product

    return _mean_over_pieces(batch, on_piece)


def flat(parts: Iterable[torch.Tensor]) -> torch.Tensor:
    """Tensors in the shapes of the parameters as one vector [d]."""
    return torch.cat([part.reshape(-1) for part in parts])


def _output_hessian(
    criterion: Criterion, outputs: torch.Tensor, labels: torch.Tensor, vector: torch.Tensor
) -> torch.Tensor:
    with torch.enable_grad():
        free = outputs.clone().requires_grad_()
        (slope,) = torch.autograd.grad(criterion(free, labels), free, create_graph=True)
        (curved,) = torch.autograd.grad(slope, free, grad_outputs=vector)
    return curved


def _mean_over_pieces(batch: Batch, product_on: Callable[[Batch], Product]) -> Product:
    parts = list(pieces(batch))
    if len(parts) > 1:
        return lambda vector: sum(
            (product_on(part)(vector) * (len(part.labels) / len(batch.labels)) for part in parts),
            start=torch.zeros_like(vector),
        )
    kept: list[Product] = []

    def product(vector: torch.Tensor) -> torch.Tensor:
        if not kept:
            kept.append(product_on(batch))
        return kept[0](vector)

    return product

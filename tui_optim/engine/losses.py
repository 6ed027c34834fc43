"""The losses that scenarios name, as means over the examples of a batch."""

from collections.abc import Callable

import torch
from torch import nn

from tui_optim.spec.scenarios import Loss

Criterion = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""Maps outputs [n, …] and labels [n] to the mean loss."""


def squares(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over examples of Σ r² of the outputs r, shape [n, k]; labels have no part in it."""
    del labels
    return outputs.square().sum(1).mean()


CRITERIA: dict[Loss, Criterion] = {"cross-entropy": nn.functional.cross_entropy, "squares": squares}


def _cross_entropies(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    flat = nn.functional.cross_entropy(outputs.reshape(-1, outputs.shape[-1]), labels.reshape(-1), reduction="none")
    return flat.view(labels.shape)


def _square_sums(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    del labels
    return outputs.square().sum(-1)


EXAMPLE_LOSSES: dict[Loss, Criterion] = {"cross-entropy": _cross_entropies, "squares": _square_sums}
"""The same for each example of a stack: outputs [K, n, …] and labels [K, n] to losses [K, n]."""


def two_class_losses(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Cross-entropies of two classes: log(1 + e^(b − a)), a the score of the true one; torch's own is slow on rows of two."""
    lead = outputs[..., 1] - outputs[..., 0]
    return nn.functional.softplus(torch.where(labels == 1, -lead, lead))

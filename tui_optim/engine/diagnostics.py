"""What is told of a run's inner state beside its losses: only read, off the clock, so that training is the same without."""

from collections.abc import Sequence

import torch

DIGITS = 6
"""Significant digits that are kept: a log has a line for each bin."""


def gradient_norm(parameters: Sequence[torch.nn.Parameter]) -> float | None:
    """‖∇‖₂ over all p.grad as the last step has left them; None where it has left none."""
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    if not gradients:
        return None
    norms = torch._foreach_norm(gradients)  # one call for all, as torch's own clipping
    return rounded_norm(torch.linalg.vector_norm(torch.stack(norms)).item())


def rounded_norm(norm: float) -> float:
    """A norm as it is told."""
    return float(f"{norm:.{DIGITS}g}")

"""Preconditioned conjugate gradients for A x = b, with A given by its products alone."""

from typing import NamedTuple

import torch

from tui_optim.engine.curvature import Product


class Solution(NamedTuple):
    """Where the iteration stopped."""

    vector: torch.Tensor
    """x, shape [d]."""
    residual: torch.Tensor
    """b − A x, shape [d]."""
    num_iterations: int
    """Iterations taken; each costs one product, and a start other than zero costs one more."""


def conjugate_gradients(
    product: Product,
    rhs: torch.Tensor,
    *,
    max_iterations: int,
    tolerance: float = 0.0,
    start: torch.Tensor | None = None,
    diagonal: torch.Tensor | None = None,
) -> Solution:
    """Solve A x = b approximately (Martens & Sutskever 2012, Alg. 2; Nocedal & Wright 2006, Newton–CG).

    Args:
        product: v ↦ A v, A symmetric.
        rhs: b, shape [d].
        max_iterations: where to stop at the latest.
        tolerance: stop as soon as ‖b − A x‖ ≤ tolerance · ‖b‖.
        start: x₀; zero where absent.
        diagonal: the preconditioner P > 0, a diagonal matrix as a vector [d]; the identity where absent.

    Where a direction of no positive curvature turns up, the iteration stops with what it has; if it has nothing yet, with that
    direction itself: for b = −g and x₀ = 0 that is the (scaled) steepest descent step.
    """
    x = torch.zeros_like(rhs) if start is None else start
    residual = rhs if start is None else rhs - product(start)
    scaled = residual if diagonal is None else residual / diagonal
    direction, inner = scaled, residual @ scaled
    enough = tolerance * rhs.norm()
    for iteration in range(max_iterations):
        if residual.norm() <= enough:
            return Solution(x, residual, iteration)
        curved = product(direction)
        curvature = direction @ curved
        if not curvature > 0:
            if iteration == 0 and start is None:
                return Solution(direction, residual - curved, 1)
            return Solution(x, residual, iteration + 1)
        length = inner / curvature
        x, residual = x + length * direction, residual - length * curved
        scaled = residual if diagonal is None else residual / diagonal
        inner, last_inner = residual @ scaled, inner
        direction = scaled + inner / last_inner * direction
    return Solution(x, residual, max_iterations)

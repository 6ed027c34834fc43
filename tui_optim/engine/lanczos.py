"""The largest eigenvalue of a symmetric matrix from products with it alone (Lanczos 1950)."""

import math

import torch

from tui_optim.engine.curvature import Product

MAX_PRODUCTS = 60
TOLERANCE = 1e-3
"""Of the residual, relative to the eigenvalue, whose own error is its square over the gap to the next one."""


def largest_eigenvalue(product: Product, start: torch.Tensor, *, tolerance: float = TOLERANCE) -> float:
    """λ_max by Lanczos with full reorthogonalisation, from `start`, shape [d]; NaN where a product is not finite.

    q₁ ← start / ‖start‖
    w ← A qₖ,  αₖ ← qₖᵀ w,  w ← w − Q Qᵀ w twice,  βₖ ← ‖w‖,  qₖ₊₁ ← w / βₖ
    until the residual βₖ |s| of the largest Ritz value is small, s the last entry of its vector in the basis Q
    """
    most = min(MAX_PRODUCTS, start.numel())
    basis = start.new_empty((most, start.numel()))
    basis[0] = start / torch.linalg.vector_norm(start)
    alphas: list[float] = []
    betas: list[float] = []
    largest = math.nan
    for k in range(most):
        w = product(basis[k])
        known = basis[: k + 1]
        shares = known @ w
        w = w - known.T @ shares
        w = w - known.T @ (known @ w)
        alphas.append(float(shares[k]))
        betas.append(float(torch.linalg.vector_norm(w)))
        if not math.isfinite(alphas[k] + betas[k]):
            return math.nan
        largest, last_entry = _largest_of_tridiagonal(alphas, betas[:k])
        if betas[k] * abs(last_entry) <= tolerance * abs(largest) or k + 1 == most:
            break
        basis[k + 1] = w / betas[k]
    return largest


def _largest_of_tridiagonal(diagonal: list[float], beside: list[float]) -> tuple[float, float]:
    """Its largest eigenvalue, and the last entry of the unit vector that belongs to it."""
    matrix = torch.diag(torch.tensor(diagonal, dtype=torch.float64))
    if beside:
        off = torch.tensor(beside, dtype=torch.float64)
        matrix += torch.diag(off, 1) + torch.diag(off, -1)
    values, vectors = torch.linalg.eigh(matrix)
    return float(values[-1]), float(vectors[-1, -1])

"""Curvature pairs (s, y = change of the gradient along s) and the product of a vector with the inverse Hessian they make."""

import torch

Pair = tuple[torch.Tensor, torch.Tensor]
"""s and y, each of shape [d]."""


def with_pair(
    pairs: list[Pair], displacement: torch.Tensor, change: torch.Tensor, *, memory: int, min_curvature: float
) -> list[Pair]:
    """`pairs` and a new one, of which the last `memory` stay; a pair without curvature, sᵀy ≤ ε sᵀs, is left out.

    The rule keeps the eigenvalues of the matrix that the pairs make in bounds where F is not convex (Berahas, Nocedal & Takáč
    2016, the nonconvex case).
    """
    if not displacement @ change > min_curvature * (displacement @ displacement):
        return pairs
    return [*pairs, (displacement, change)][-memory:]


def inverse_hessian_times(vector: torch.Tensor, pairs: list[Pair]) -> torch.Tensor:
    """H v by the two loops of Nocedal 1980 (Nocedal & Wright 2006, Alg. 7.4), from H₀ = (sᵀy / yᵀy) I of the last pair.

    Without a pair H is the identity.
    """
    if not pairs:
        return vector
    result = vector
    weights: list[torch.Tensor] = []
    for s, y in reversed(pairs):
        weights.append((s @ result) / (s @ y))
        result = result - weights[-1] * y
    last_s, last_y = pairs[-1]
    result = result * ((last_s @ last_y) / (last_y @ last_y))
    for (s, y), weight in zip(pairs, reversed(weights), strict=True):
        result = result + (weight - (y @ result) / (s @ y)) * s
    return result

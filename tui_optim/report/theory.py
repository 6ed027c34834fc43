"""What theory says of simple methods on quadratics, to be held against what was measured.

On F = F* + ½ (θ − θ*)ᵀ H (θ − θ*) gradient descent and heavy ball treat each eigenvector of H by itself: along that of the
eigenvalue λ the distance to θ* is multiplied by a factor at every step, and the gap by its square.
"""

import math
from collections.abc import Iterator, Sequence
from statistics import linear_regression

Place = tuple[float, float]
"""Step, distance."""
ROUND_OFF = 1e-8
"""A distance this many times smaller than at the start is left to rounding: its square is at a float's precision."""
MIN_MEASURED = 4
"""Points from which on a rate is measured."""
MAX_MEASURED = 500
"""A longer path is measured at so many of its points."""


def gradient_descent_factor(rate: float, eigenvalue: float) -> float:
    """1 − η λ: what θ ← θ − η ∇F(θ) makes of the distance along an eigenvector in every step.

    Above 1 in magnitude, η > 2/λ, it diverges (Nocedal & Wright 2006, section 3.3).
    """
    return 1 - rate * eigenvalue


def heavy_ball_factor(rate: float, momentum: float, eigenvalue: float) -> float:
    """The factor by which v ← μ v + g; θ ← θ − η v shrinks the distance along an eigenvector per step, in the long run.

    The distances follow xₖ₊₁ = (1 + μ − η λ) xₖ − μ xₖ₋₁ (Polyak 1964), whose solutions are powers of the roots of
    z² − (1 + μ − η λ) z + μ; the larger modulus decides: √μ where the roots are complex, and the distance then swings.
    """
    middle = (1 + momentum - rate * eigenvalue) / 2
    square = middle * middle - momentum
    return math.sqrt(momentum) if square <= 0 else abs(middle) + math.sqrt(square)


def measured_factor(steps: Sequence[float], distances: Sequence[float]) -> float | None:
    """What a distance was multiplied by in each step, over the last half of the steps before round-off.

    The geometric mean of the ratios, as the least-squares slope of ln |distance| over steps: on xₖ = x₀ ρᵏ it is |ρ|. Of a
    distance that swings while it falls the peaks alone count: it is the factor of the envelope.
    None where there are too few points, or where the distance is 0 from the start.
    """
    if not distances or not (start := abs(distances[0])) or not math.isfinite(start):
        return None
    known = [(x, abs(y)) for x, y in zip(steps, distances, strict=True) if ROUND_OFF * start < abs(y) < math.inf]
    last_half = [(x, y) for x, y in known if x >= (known[0][0] + known[-1][0]) / 2]
    swings = [(x, y) for (_, before), (x, y), (_, after) in _threes(last_half) if before <= y > after]
    last_half = swings if len(swings) >= MIN_MEASURED else last_half
    last_half = last_half[:: max(1, len(last_half) // MAX_MEASURED)]
    if len(last_half) < MIN_MEASURED:
        return None
    return math.exp(linear_regression([x for x, _ in last_half], [math.log(y) for _, y in last_half]).slope)


def _threes(points: Sequence[Place]) -> Iterator[tuple[Place, Place, Place]]:
    """Each point with its neighbours."""
    return zip(points, points[1:], points[2:], strict=False)


def noise_floor(rate: float, *, eigenvalue: float, variance: float) -> float:
    """The mean gap at which SGD of constant rate stays on a quadratic in one parameter.

    Each step takes the gradient of one example drawn anew, λ (y − xᵢ) with λ = H and xᵢ of mean y* and variance σ². With
    δ = y − y* and eᵢ = xᵢ − y*, of mean 0 and independent of δ,

        δ ← (1 − η λ) δ + η λ eᵢ,   hence   E δ² ← (1 − η λ)² E δ² + (η λ)² σ²

    whose fixed point is E δ² = η λ σ² / (2 − η λ); the gap is λ/2 δ². It grows in proportion to η: the limit of the bound of
    Bottou, Curtis & Nocedal 2018, Theorem 4.6, here as an equation. ∞ where η λ ≥ 2.

    Args:
        rate: η.
        eigenvalue: λ, the second derivative of F.
        variance: σ² = (1/n) Σ (xᵢ − y*)² of the examples. For the mean of numbers, F = (1/n) Σ (y − xᵢ)², it is F*.
    """
    if rate * eigenvalue >= 2:
        return math.inf
    return eigenvalue / 2 * rate * eigenvalue * variance / (2 - rate * eigenvalue)


def expected_gap(step: int, rate: float, *, eigenvalue: float, variance: float, start_gap: float) -> float:
    """The mean gap after so many steps of the same SGD: what is left of the start, and the noise gathered since.

    E δₖ² = (1 − η λ)²ᵏ (δ₀² − floor) + floor,   and so for the gap
    """
    floor = noise_floor(rate, eigenvalue=eigenvalue, variance=variance)
    return gradient_descent_factor(rate, eigenvalue) ** (2 * step) * (start_gap - floor) + floor

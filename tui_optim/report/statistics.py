"""The statistics of the tables: means over seeds with their uncertainty, exact paired tests, costs to a target.

Seeds are few and paired, so tests are exact and make no use of a normal distribution; only the interval of the mean does. Costs
may be ∞ (the target was not reached), so their median is shown, with a bootstrap interval. NaN stands for "nothing can be
said": no values, one value without a spread, or a value that is NaN itself. Standard library only: the screen's process
computes with it.
"""

import math
import random
import statistics
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SEEDS_FOR_INFERENCE = 5
"""With fewer no interval and no p is shown: nothing follows from them."""
MAX_EXACT = 20
"""The most differences whose sign assignments are enumerated."""

_TIE = 1e-9
"""Sums closer than this share of Σ|d| are equal: accuracies lie on a grid, and their differences carry rounding errors."""


@dataclass(frozen=True, slots=True)
class Interval:
    """The ends of an interval; both NaN where there is none."""

    low: float
    high: float


def mean(values: Sequence[float]) -> float:
    """Arithmetic mean, correctly rounded; NaN for no values, ±∞ or NaN where such values lead there."""
    return float(statistics.mean(map(float, values))) if values else math.nan


def quick_mean(values: Sequence[float]) -> float:
    """The mean of at least one value, for what is drawn many times a second; NaN where both ∞ and −∞ are among them."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:  # of values that are finite only the sum is not
        return math.fsum(value / len(values) for value in values)
    except ValueError:
        return math.nan


def sd(values: Sequence[float]) -> float:
    """Sample standard deviation, with the divisor n − 1; NaN for fewer than two values or any that is not finite.

    ∞ where it is larger than any float.
    """
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return math.nan
    try:
        return statistics.stdev(map(float, values))
    except OverflowError:
        return math.inf


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two middle ones: ∞ if either is; NaN for no values or any NaN."""
    if not values or any(map(math.isnan, values)):
        return math.nan
    return float(statistics.median(values))


def t_quantile(probability: float, degrees: int) -> float:
    """The t with P(T ≤ t) = `probability` under Student's distribution with `degrees` degrees of freedom.

    Student 1908, "The probable error of a mean". The distribution function is a regularised incomplete beta function
    (Abramowitz and Stegun 1964, 26.5.27). Probabilities are from 1e-100 on: densities underflow further out.
    """
    assert 1e-100 <= probability < 1
    assert degrees >= 1
    root = math.sqrt(degrees)
    beta = math.exp(math.lgamma(0.5) + math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2))
    t = 0.0
    while True:
        # Newton's method: the distribution function is concave for t > 0, so t climbs to the quantile and never passes it
        sine, cosine = t / math.hypot(t, root), root / math.hypot(t, root)
        step = _shortfall(sine, cosine, probability, degrees, beta) * beta * root / cosine ** (degrees + 1)
        if step <= 1e-15 * t:
            return math.copysign(t, probability - 0.5)
        t += step


def t_interval(values: Sequence[float], *, level: float = 0.95) -> Interval:
    """Confidence interval of the mean by Student's t (Student 1908); NaNs where the standard deviation is NaN."""
    deviation = sd(values)
    if math.isnan(deviation):
        return Interval(math.nan, math.nan)
    half_width = t_quantile((1 + level) / 2, len(values) - 1) * deviation / math.sqrt(len(values))
    return Interval(mean(values) - half_width, mean(values) + half_width)


def sign_flip_p(differences: Sequence[float]) -> float:
    """Exact two-sided p of the paired randomisation test (Fisher 1935; Pitman 1937).

    If pairs do not differ, each difference is as likely to have the other sign: p is the share of the 2^n sign
    assignments whose |sum| is at least the observed one. Sums that are equal but for rounding count as equal.

    Returns:
        NaN for no differences or any that is not finite.

    Raises:
        ValueError: more than `MAX_EXACT` differences.
    """
    n = len(differences)
    if n > MAX_EXACT:
        raise ValueError(f"{n} differences: sign assignments are enumerated for at most {MAX_EXACT}")
    total = sum(map(abs, differences))
    if n == 0 or not math.isfinite(total):
        return math.nan
    observed = abs(sum(differences)) - _TIE * total
    if observed <= 0:
        return 1.0
    # each half has few sums: for one of the first half, those of the second that go far enough are found by bisection
    first, second = _signed_sums(differences[: n // 2]), sorted(_signed_sums(differences[n // 2 :]))
    num_above = sum(len(second) - bisect_left(second, observed - one) for one in first)
    return num_above * smallest_p(n)  # flipping all signs pairs every sum above with one below


def smallest_p(n: int) -> float:
    """The smallest two-sided p that `sign_flip_p` can give with n differences, 2 / 2^n (Pitman 1937); NaN for none."""
    return 2 / 2**n if n else math.nan


def holm(ps: Sequence[float]) -> list[float]:
    """p-values adjusted for their number by the step-down method (Holm 1979), in the order given.

    The k-th smallest of m is multiplied by m − k + 1; none may be below a smaller one's, none above 1. NaN stays NaN and
    does not count.
    """
    adjusted = [math.nan] * len(ps)
    ranked = sorted((p, position) for position, p in enumerate(ps) if not math.isnan(p))
    floor = 0.0
    for rank, (p, position) in enumerate(ranked):
        floor = adjusted[position] = max(floor, min(1.0, (len(ranked) - rank) * p))
    return adjusted


def probability_greater(a: Sequence[float], b: Sequence[float]) -> float:
    """P(A > B) + ½ P(A = B) over all pairs; ±∞ are values like any other; NaN for no pairs or any NaN.

    Mann and Whitney's U divided by the number of pairs (1947), Vargha and Delaney's measure of stochastic superiority
    (2000).
    """
    if not a or not b or any(map(math.isnan, (*a, *b))):
        return math.nan
    return sum(1.0 if x > y else 0.5 if x == y else 0.0 for x in a for y in b) / (len(a) * len(b))


def bootstrap_draws(n: int, *, resamples: int = 1999, seed: int = 0) -> list[list[int]]:
    """Index draws with replacement, n of 0 … n − 1 in each resample (Efron 1979).

    `random.Random.random` gives the same sequence in every version of Python, so a seed means the same draws everywhere. With
    1,999 resamples the 2.5 % quantile is the 50th smallest.
    """
    generator = random.Random(seed)
    return [[int(n * generator.random()) for _ in range(n)] for _ in range(resamples)]


def bootstrap_interval(
    values: Sequence[float],
    *,
    draws: Sequence[Sequence[int]],
    statistic: Callable[[Sequence[float]], float] = median,
    level: float = 0.95,
) -> Interval:
    """Percentile interval of a statistic over resamples of `values` (Efron 1979; Efron and Tibshirani 1993, chapter 13).

    Percentiles commute with every monotone scale and take ∞ as a value; the corrections of BCa need a jackknife, which
    a median does not support (Efron and Tibshirani 1993, section 11.6). Quantiles are interpolated linearly between order
    statistics (Hyndman and Fan 1996, type 7). Of few values it is short: the 95 % interval of the median of 5, 7 or 9
    values holds it in 94, 88 or 96 % of samples.

    Args:
        values: ±∞ are allowed.
        draws: for each resample the indices of its values; equal draws keep intervals of several measures paired.
        statistic: of the values of a resample.
        level: share of the resampled statistics inside.

    Returns:
        NaNs for fewer than two values, no draws, or where a resampled statistic is NaN.
    """
    if len(values) < 2 or not draws:
        return Interval(math.nan, math.nan)
    resampled = [statistic([values[index] for index in draw]) for draw in draws]
    if any(map(math.isnan, resampled)):
        return Interval(math.nan, math.nan)
    resampled.sort()
    return Interval(_quantile(resampled, (1 - level) / 2), _quantile(resampled, (1 + level) / 2))


def _shortfall(sine: float, cosine: float, probability: float, degrees: int, beta: float) -> float:
    """What the distribution function lacks at t, for the |t| of `probability`; t/√degrees is the tangent of the angle.

    Taken from P(0 < T ≤ t) for small t and from P(T > t) for large t, so that neither loses digits; the border is where
    their continued fractions converge equally fast.
    """
    power = sine * cosine**degrees / beta
    if sine**2 < 3 / (5 + degrees):
        return abs(probability - 0.5) - power * _beta_fraction(sine**2, 0.5, degrees / 2)
    return power * _beta_fraction(cosine**2, degrees / 2, 0.5) / degrees - min(probability, 1 - probability)


def _beta_fraction(x: float, a: float, b: float) -> float:
    """The incomplete beta function B_x(a, b) · a / (x^a (1 − x)^b): a continued fraction (DLMF 8.17.22), by Lentz's method."""
    value, ratio, inverse = 1.0, 1.0, 0.0
    m = 0
    while True:
        # d₂ₘ₊₁ and then d₂ₘ₊₂ of DLMF 8.17.23
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        before = value
        for coefficient in (odd, even):
            inverse = 1 / (1 + coefficient * inverse)
            ratio = 1 + coefficient / ratio
            value *= ratio * inverse
        if abs(value - before) <= 1e-15 * value:
            return 1 / value


def _signed_sums(values: Sequence[float]) -> list[float]:
    """Σ ±v for every assignment of signs."""
    sums = [0.0]
    for value in values:
        sums = [one + signed for one in sums for signed in (value, -value)]
    return sums


def _quantile(ordered: Sequence[float], probability: float) -> float:
    position = probability * (len(ordered) - 1)
    low, high, weight = ordered[math.floor(position)], ordered[math.ceil(position)], position % 1
    return low if low == high else (1 - weight) * low + weight * high  # ∞ twice would give ∞ · 0

"""The statistics of the tables against scipy, numpy or the definition written out."""

import math
from collections.abc import Callable, Sequence
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import special, stats

from tui_optim.report.statistics import (
    MAX_EXACT,
    Interval,
    bootstrap_draws,
    bootstrap_interval,
    holm,
    mean,
    median,
    probability_greater,
    quick_mean,
    sd,
    sign_flip_p,
    smallest_p,
    t_interval,
    t_quantile,
)

INF, NAN = math.inf, math.nan
patient = settings(deadline=None)

numbers = st.floats(min_value=-1e6, max_value=1e6).map(lambda number: round(number, 12))
"""Without magnitudes whose squares underflow in numpy."""
samples = st.lists(numbers, min_size=2, max_size=12)
anything = st.lists(st.floats(min_value=-1e300, max_value=1e300) | st.sampled_from([INF, -INF, NAN]), max_size=6)
grid = st.integers(min_value=-30, max_value=30)
"""Accuracies lie on a grid, so ties are common."""
with_infinity = st.lists(grid.map(float) | st.just(INF), min_size=1, max_size=8)


def close(expected: float, *, scale: float = 0.0) -> object:
    """Equal to ten digits of the value, or of the size of the numbers that it is the difference of."""
    return pytest.approx(expected, rel=1e-10, abs=1e-10 * scale, nan_ok=True)


def size(values: Sequence[float]) -> float:
    """The largest magnitude."""
    return max(map(abs, values), default=0.0)


@patient
@given(samples)
def test_mean_and_deviation(values: list[float]) -> None:
    """As numpy has them with n − 1."""
    assert mean(values) == close(float(np.mean(values)), scale=size(values))
    assert sd(values) == close(float(np.std(values, ddof=1)), scale=size(values))


def test_a_deviation_does_not_cancel() -> None:
    """Accuracies that differ in the last digits only keep their spread."""
    assert sd([1e8 + 1, 1e8 + 2, 1e8 + 3]) == 1
    assert sd([0.1] * 7) == 0
    assert mean([0.1] * 7) == 0.1


@patient
@given(anything)
@example([INF, -INF])
def test_no_value_is_too_strange(values: list[float]) -> None:
    """Whatever a diverged run leaves: no error; a mean that is not finite has neither spread nor interval."""
    is_finite = all(map(math.isfinite, values))
    has_spread = len(values) > 1 and is_finite
    interval = t_interval(values)
    assert math.isfinite(sd(values)) == math.isfinite(interval.low) == math.isfinite(interval.high) == has_spread
    infinite = {value for value in values if math.isinf(value)}
    if not values or any(map(math.isnan, values)) or len(infinite) == 2:
        assert math.isnan(mean(values))
    else:
        assert mean(values) == infinite.pop() if infinite else math.isfinite(mean(values))
    assert math.isnan(median(values)) or median(values) == close(float(np.median(values)))
    assert math.isnan(sign_flip_p(values)) == (not values or not is_finite)


def test_few_values() -> None:
    """Nothing is known of no value, and no spread of one."""
    assert math.isnan(mean([]))
    assert (mean([3.0]), mean([2.0, 3.0])) == (3.0, 2.5)
    assert math.isnan(sd([3.0]))
    assert math.isnan(t_interval([3.0]).low)
    assert (t_interval([2.0, 2.0]).low, t_interval([2.0, 2.0]).high) == (2, 2)
    assert (mean([1.0, INF]), mean([1.0, -INF])) == (INF, -INF)


@patient
@given(st.floats(min_value=0.51, max_value=1 - 1e-6), st.integers(min_value=1, max_value=200))
@example(0.975, 4)
@example(1 - 1e-6, 1)
@example(1 - 1e-6, 200)
def test_t_quantiles(probability: float, degrees: int) -> None:
    """As scipy has them, and those of the lower half mirror them."""
    assert t_quantile(probability, degrees) == close(float(stats.t.ppf(probability, degrees)))
    assert t_quantile(1 - probability, degrees) == close(float(stats.t.ppf(1 - probability, degrees)))


@patient
@given(st.floats(min_value=1e-15, max_value=0.5 - 1e-6), st.integers(min_value=1, max_value=200))
@example(1e-6, 1)
@example(1e-15, 200)
def test_t_quantiles_give_back_their_probability(central: float, degrees: int) -> None:
    """Near ½, where scipy's quantile loses digits, the area between 0 and t is what was asked for."""
    probability = 0.5 + central
    t = t_quantile(probability, degrees)
    area = 0.5 * float(special.betainc(0.5, degrees / 2, t**2 / (degrees + t**2)))
    assert area == close(probability - 0.5)


def test_t_quantiles_of_closed_form() -> None:
    """One degree is Cauchy's tangent, two have a root, also far out in the tails; the median is 0 for any."""
    assert [t_quantile(0.5, degrees) for degrees in (1, 2, 9)] == [0, 0, 0]
    for probability in (1e-90, 1e-9, 0.3, 0.5 - 1e-12, 0.5 + 1e-12, 0.9, 1 - 2**-50):
        central, tail = probability - 0.5, min(probability, 1 - probability)
        tangent = (
            math.tan(math.pi * central) if abs(central) < 0.4 else math.copysign(1, central) / math.tan(math.pi * tail)
        )
        assert t_quantile(probability, 1) == close(tangent)
        assert t_quantile(probability, 2) == close(central * math.sqrt(2 / (tail * (1 - tail))))


@patient
@given(samples, st.floats(min_value=0.1, max_value=0.999))
def test_t_intervals(values: list[float], level: float) -> None:
    """As scipy has them."""
    scale = sd(values) / math.sqrt(len(values))
    if scale > 1e-9 * size(values):
        low, high = stats.t.interval(level, len(values) - 1, loc=np.mean(values), scale=scale)
        interval = t_interval(values, level=level)
        assert interval.low == close(float(low), scale=size(values) + abs(low - high))
        assert interval.high == close(float(high), scale=size(values) + abs(low - high))


def test_an_interval_is_of_95_percent_unless_told() -> None:
    """Of five values 1 … 5: 3 ± 2.776 · √(5/2)/√5."""
    assert t_interval([1, 2, 3, 4, 5]).high == pytest.approx(3 + 2.7764451052 * math.sqrt(0.5), rel=1e-10)


@settings(deadline=None, max_examples=40)
@given(st.lists(grid, min_size=2, max_size=9))
def test_sign_flips_are_the_permutation_test(steps: list[int]) -> None:
    """As scipy has it for the sum, ties and zeros included."""
    expected = stats.permutation_test(
        (steps,), np.sum, permutation_type="samples", n_resamples=INF, alternative="two-sided", vectorized=True
    )
    assert sign_flip_p(steps) == close(expected.pvalue)


@patient
@given(st.lists(grid, min_size=1, max_size=9), st.floats(min_value=0.5, max_value=1))
@example([9000, 1], 0.05)
def test_sums_that_round_differently_are_ties(steps: list[int], base: float) -> None:
    """Differences of accuracies carry rounding errors, yet p is that of whole numbers, by the definition."""
    sums = [
        abs(sum(s * step for s, step in zip(signs, steps, strict=True)))
        for signs in product((1, -1), repeat=len(steps))
    ]
    differences = [(base + step * 1e-4) - base for step in steps]
    assert sign_flip_p(differences) == sum(one >= abs(sum(steps)) for one in sums) / len(sums)


@settings(deadline=None, max_examples=40)
@given(st.integers(min_value=1, max_value=MAX_EXACT), st.data())
def test_equal_magnitudes_make_it_the_sign_test(n: int, data: st.DataObject) -> None:
    """Differences of ±0.1: the binomial test's p, up to the largest n."""
    num_positive = data.draw(st.integers(min_value=0, max_value=n))
    differences = [0.1] * num_positive + [-0.1] * (n - num_positive)
    assert sign_flip_p(differences) == close(stats.binomtest(num_positive, n).pvalue)


@patient
@given(st.integers(min_value=1, max_value=14), st.data())
def test_of_signed_ranks_it_is_wilcoxons_test(n: int, data: st.DataObject) -> None:
    """Ranks with the signs of differences without ties."""
    ranks = data.draw(st.permutations(range(1, n + 1)))
    signed = [rank * data.draw(st.sampled_from([1, -1])) for rank in ranks]
    assert sign_flip_p(signed) == close(stats.wilcoxon(signed, method="exact").pvalue)


@pytest.mark.parametrize("n", [1, 2, 5, 6, 10, MAX_EXACT])
def test_the_smallest_p_is_reached_when_all_signs_agree(n: int) -> None:
    """0.0625 with 5 seeds, 0.031 with 6, 0.002 with 10."""
    assert sign_flip_p([0.1 + 0.01 * i for i in range(n)]) == smallest_p(n) == 2 ** (1 - n)


def test_sign_flips_at_their_borders() -> None:
    """No difference at all says nothing against equality; too many are refused; what is not finite is not tested."""
    assert sign_flip_p([0.0] * 5) == 1
    assert sign_flip_p([0.3, -0.3]) == 1
    assert math.isnan(sign_flip_p([]))
    assert math.isnan(smallest_p(0))
    assert math.isnan(sign_flip_p([0.1, NAN]))
    assert math.isnan(sign_flip_p([0.1, INF]))
    with pytest.raises(ValueError, match="21 differences"):
        sign_flip_p([0.1] * 21)


@patient
@given(st.lists(st.floats(min_value=0, max_value=1) | st.just(NAN), max_size=6))
@example([0.01, 0.04, 0.03, NAN, 0.03])
def test_holm_is_closed_bonferroni(ps: list[float]) -> None:
    """Adjusted: the largest Bonferroni p among all sets of hypotheses with this one in it (Marcus et al. 1976)."""
    known = [i for i, p in enumerate(ps) if not math.isnan(p)]
    sets = [chosen for count in range(1, len(known) + 1) for chosen in combinations(known, count)]
    expected = [
        max((min(1.0, len(s) * min(ps[j] for j in s)) for s in sets if i in s), default=NAN) for i in range(len(ps))
    ]
    assert holm(ps) == pytest.approx(expected, rel=1e-12, abs=0, nan_ok=True)


def test_holm_of_few() -> None:
    """None, one, equal ones; NaN does not count."""
    assert holm([]) == []
    assert holm([0.03]) == [0.03]
    assert holm([0.0625, 0.0625]) == [0.125, 0.125]
    adjusted = holm([NAN, 0.01])
    assert math.isnan(adjusted[0])
    assert adjusted[1] == 0.01


@patient
@given(with_infinity, with_infinity)
def test_superiority_is_the_share_of_the_u_statistic(a: list[float], b: list[float]) -> None:
    """Mann and Whitney's U over the number of pairs; both directions add up to 1."""
    expected = stats.mannwhitneyu(a, b, method="asymptotic").statistic / (len(a) * len(b))
    assert probability_greater(a, b) == close(expected)
    assert probability_greater(a, b) + probability_greater(b, a) == close(1.0)


def test_superiority_at_its_borders() -> None:
    """Equal is a half; nothing and NaN compare with nothing."""
    assert probability_greater([1.0, 2.0], [0.0]) == 1
    assert probability_greater([INF], [INF]) == 0.5
    assert math.isnan(probability_greater([], [1.0]))
    assert math.isnan(probability_greater([1.0], []))
    assert math.isnan(probability_greater([1.0], [NAN]))


def test_medians_know_infinity() -> None:
    """A target that half of the runs missed has the median ∞."""
    assert median([3.0, 1.0, 2.0]) == 2
    assert median([1.0, INF, 2.0]) == 2
    assert median([1.0, 2.0, INF, INF]) == INF
    assert median([INF]) == INF
    assert math.isnan(median([]))
    assert math.isnan(median([NAN, 1.0, 2.0]))


@settings(deadline=None, max_examples=30)
@given(samples, st.integers(2, 99), st.integers(0, 9), st.sampled_from([np.median, np.mean]), st.floats(0.5, 0.999))
def test_bootstrap_intervals_are_scipys_for_the_same_draws(
    values: list[float], resamples: int, seed: int, statistic: Callable[..., float], level: float
) -> None:
    """scipy's percentile interval, whose draws come from numpy's generator; ours gets the same ones."""
    draws = np.random.default_rng(seed).integers(0, len(values), (resamples, len(values)))
    expected = stats.bootstrap(
        (values,),
        statistic,
        n_resamples=resamples,
        rng=np.random.default_rng(seed),
        method="percentile",
        confidence_level=level,
    )
    interval = bootstrap_interval(
        values, draws=draws.tolist(), statistic=median if statistic is np.median else mean, level=level
    )
    assert interval.low == close(float(expected.confidence_interval.low), scale=size(values))
    assert interval.high == close(float(expected.confidence_interval.high), scale=size(values))


def test_bootstrap_intervals_of_costs() -> None:
    """A target that one run of five missed may have been missed by most; what is equal has no width; NaN says nothing."""
    draws = bootstrap_draws(5)
    assert bootstrap_interval([3.0, 2.0, 4.0, INF, 5.0], draws=draws) == Interval(2.0, INF)
    assert bootstrap_interval([3.0] * 5, draws=draws) == Interval(3.0, 3.0)
    assert bootstrap_interval([INF] * 5, draws=draws) == Interval(INF, INF)
    assert math.isnan(bootstrap_interval([3.0, NAN, 1.0, 1.0, 1.0], draws=draws).low)
    assert math.isnan(bootstrap_interval([3.0], draws=[[0]]).high)
    assert math.isnan(bootstrap_interval([3.0, 4.0], draws=[]).high)


@pytest.mark.parametrize(("n", "percent"), [(5, 94), (7, 88), (9, 96)])
def test_how_often_the_interval_of_a_median_holds_it(n: int, percent: int) -> None:
    """It lies between two order statistics; how many values are below the median is binomial: what the docstring tells."""
    interval = bootstrap_interval(list(map(float, range(n))), draws=bootstrap_draws(n))
    low, high = int(interval.low), int(interval.high)
    assert (interval.low, interval.high) == (low, high)
    coverage = stats.binom.cdf(high, n, 0.5) - stats.binom.cdf(low, n, 0.5)
    assert round(100 * coverage) == percent


def test_a_seed_means_the_same_draws_always() -> None:
    """Two calls agree, seeds differ, all indices occur, and a published interval can be repeated from its seed."""
    draws = bootstrap_draws(5)
    assert (len(draws), {len(draw) for draw in draws}) == (1999, {5})
    assert stats.chisquare(np.bincount(np.ravel(draws), minlength=5)).pvalue > 1e-3
    assert draws == bootstrap_draws(5, seed=0)
    assert draws != bootstrap_draws(5, seed=1)
    assert draws[0] == [4, 3, 2, 1, 2]
    assert bootstrap_draws(0, resamples=2) == [[], []]


def test_the_largest_floats_have_a_mean_and_a_spread() -> None:
    """Their sum is none, nor that of ∞ and −∞: a number, ∞ or NaN comes, never an error."""
    assert quick_mean([1e308, 1e308, 1e308]) == pytest.approx(1e308)
    assert quick_mean([1e-310, 1e-310]) == 1e-310
    assert quick_mean([math.inf, 1.0]) == math.inf
    assert math.isnan(quick_mean([math.inf, -math.inf]))
    assert sd([1.7e308, -1.7e308]) == math.inf

"""The formulas that charts will draw, on cases whose answers are known."""

import math
from random import Random
from statistics import fmean, pvariance

import pytest

from tui_optim.report.theory import (
    expected_gap,
    gradient_descent_factor,
    heavy_ball_factor,
    measured_factor,
    noise_floor,
)


def test_the_stability_limit_of_gradient_descent() -> None:
    """η = 2/λ neither grows nor falls, η = 1/λ solves in one step."""
    assert gradient_descent_factor(1.0, 2.0) == -1.0
    assert gradient_descent_factor(0.5, 2.0) == 0.0


def test_heavy_ball_on_its_known_cases() -> None:
    """Without momentum it is gradient descent; with complex roots the factor is √μ; Polyak's optimum is where both ends meet."""
    assert heavy_ball_factor(0.1, 0.0, 2.0) == pytest.approx(0.8)
    assert heavy_ball_factor(0.1, 0.9, 2.0) == pytest.approx(math.sqrt(0.9))
    kappa = 10.0
    momentum = ((math.sqrt(kappa) - 1) / (math.sqrt(kappa) + 1)) ** 2
    rate = 4 / (math.sqrt(2.0) + math.sqrt(0.2)) ** 2
    assert heavy_ball_factor(rate, momentum, 2.0) == pytest.approx(math.sqrt(momentum), rel=1e-6)
    assert heavy_ball_factor(rate, momentum, 0.2) == pytest.approx(math.sqrt(momentum), rel=1e-6)


def test_a_measured_factor_is_that_of_the_closed_form() -> None:
    """Exact on a geometric fall, whatever its sign; of one that swings its envelope; round-off at its end does not count."""
    steps = [float(k) for k in range(1001)]
    assert measured_factor(steps, [3 * 0.99**k for k in range(1001)]) == pytest.approx(0.99, rel=1e-12)
    assert measured_factor(steps, [(-0.9) ** k for k in range(1001)]) == pytest.approx(0.9, rel=1e-12)
    assert measured_factor(steps, [0.99**k * math.cos(0.3 * k) for k in range(1001)]) == pytest.approx(0.99, rel=1e-4)
    assert measured_factor(steps, [max(0.9**k, 1e-17) for k in range(1001)]) == pytest.approx(0.9, rel=1e-12)
    assert measured_factor(steps[:2], [1.0, 0.5]) is None
    assert measured_factor(steps, [0.0] * 1001) is None


@pytest.mark.parametrize("rate", [0.05, 0.2, 0.7])
def test_the_floor_against_a_simulation(rate: float) -> None:
    """200,000 steps of δ ← (1 − 2 η) δ + 2 η e with e uniform; the mean of δ² is the floor within 4 %."""
    random = Random(5)
    numbers = [random.random() for _ in range(50)]
    mean, variance = fmean(numbers), pvariance(numbers)
    y, total, num_steps = 0.0, 0.0, 200_000
    for step in range(num_steps + 1000):
        y -= rate * 2 * (y - random.choice(numbers))
        total += (y - mean) ** 2 if step >= 1000 else 0.0
    floor = noise_floor(rate, eigenvalue=2.0, variance=variance)
    assert total / num_steps == pytest.approx(floor, rel=0.04)
    assert floor == pytest.approx(rate * variance / (1 - rate), rel=1e-12)


def test_the_mean_gap_over_seeds() -> None:
    """Between start and floor: over 4,000 simulated runs the mean gap after 5, 20 and 60 steps is the formula's."""
    random = Random(6)
    numbers = [random.random() for _ in range(50)]
    mean, variance, rate = fmean(numbers), pvariance(numbers), 0.05
    sums = {5: 0.0, 20: 0.0, 60: 0.0}
    for _ in range(4000):
        y = 0.0
        for step in range(1, 61):
            y -= rate * 2 * (y - random.choice(numbers))
            if step in sums:
                sums[step] += (y - mean) ** 2
    for step, total in sums.items():
        expected = expected_gap(step, rate, eigenvalue=2.0, variance=variance, start_gap=mean**2)
        assert total / 4000 == pytest.approx(expected, rel=0.08)


def test_beyond_the_limit_there_is_no_floor() -> None:
    """Twice the noise every step, for ever."""
    assert math.isinf(noise_floor(1.0, eigenvalue=2.0, variance=0.1))

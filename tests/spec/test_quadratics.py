"""Quadratics with a known minimum, and the data that is made by a rule."""

import math

import pytest

from tui_optim.spec.generated import CIRCLES_NOISE, RADII, circle_points, uniform_numbers
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.spec.scenarios.small import F1, F2, MEAN

POINTS = [(1.0, 1.0), (math.sqrt(2), 0.0), (-0.3, 0.7), (2.0, -5.0), (0.0, 0.0)]


@pytest.mark.parametrize(("x", "y"), POINTS)
def test_they_are_the_functions_of_the_source(x: float, y: float) -> None:
    """f₁ = x² + 0.1 y², f₂ = (x − y)²/2 + 0.1 (x + y)²/2, F = (1/n) Σ (y − xᵢ)²."""
    assert F1.value((x, y)) == pytest.approx(x**2 + 0.1 * y**2, rel=1e-14, abs=1e-300)
    assert F2.value((x, y)) == pytest.approx((x - y) ** 2 / 2 + 0.1 * (x + y) ** 2 / 2, rel=1e-14, abs=1e-300)
    numbers = uniform_numbers()
    assert MEAN.value((y,)) == pytest.approx(sum((y - one) ** 2 for one in numbers) / len(numbers), rel=1e-13)
    assert MEAN.gap((y,)) == pytest.approx((y - sum(numbers) / len(numbers)) ** 2, rel=1e-12)


def test_the_twins_have_the_same_curvature() -> None:
    """Eigenvalues 2 and 0.2, condition number 10; their Hessians differ."""
    for quadratic in (F1, F2):
        assert quadratic.eigenvalues == pytest.approx((2.0, 0.2), rel=1e-14)
        assert quadratic.condition_number == pytest.approx(10.0, rel=1e-14)
    assert [*F1.hessian[0], *F1.hessian[1]] == pytest.approx([2.0, 0.0, 0.0, 0.2], abs=1e-15)
    assert [*F2.hessian[0], *F2.hessian[1]] == pytest.approx([1.1, -0.9, -0.9, 1.1], abs=1e-15)
    assert MEAN.eigenvalues == (2.0,)


@pytest.mark.parametrize(("x", "y"), POINTS)
def test_one_is_the_other_turned(x: float, y: float) -> None:
    """f₂ at a point is f₁ at the point turned by 45°, and so are their starts."""

    def turned(x: float, y: float) -> tuple[float, float]:
        return (x - y) / math.sqrt(2), (x + y) / math.sqrt(2)

    assert F2.value((x, y)) == pytest.approx(F1.value(turned(x, y)), rel=1e-14, abs=1e-300)
    assert turned(*F2.start) == pytest.approx(F1.start)
    assert F2.gap(F2.start) == pytest.approx(F1.gap(F1.start), rel=1e-15)


def test_the_gap_of_a_point_that_is_no_number_is_none_either() -> None:
    """A diverged run has such points."""
    for point in ((1e200, 0.0), (math.inf, 1.0), (math.nan, 1.0), (math.inf, math.inf)):
        assert not math.isfinite(F1.gap(point))
        assert not math.isfinite(F2.gap(point))


def test_the_numbers_are_the_same_everywhere() -> None:
    """A hundred of [0, 1), whose first and sum are fixed: results of different machines are comparable."""
    numbers = uniform_numbers()
    assert len(numbers) == 100
    assert all(0 <= one < 1 for one in numbers)
    assert numbers[0] == 0.13436424411240122
    assert math.fsum(numbers) == pytest.approx(51.23752013183915, rel=1e-15)


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_rings_are_two_and_noisy(part: str) -> None:
    """Half of 200 points on each ring, around its radius with the noise's spread; train and test differ."""
    points, labels = circle_points("train" if part == "train" else "test")
    assert len(points) == 200
    assert sum(labels) == 100
    for ring, radius in enumerate(RADII):
        own = [math.hypot(*point) for point, label in zip(points, labels, strict=True) if label == ring]
        mean = sum(own) / len(own)
        sd = math.sqrt(sum((one - mean) ** 2 for one in own) / len(own))
        assert mean == pytest.approx(radius, abs=0.06)
        assert sd == pytest.approx(CIRCLES_NOISE, rel=0.25)
    assert not set(circle_points("train")[0]) & set(circle_points("test")[0])
    assert math.fsum(x + y for x, y in circle_points("train")[0]) == pytest.approx(-0.5679164726356227, abs=1e-9)


def test_only_quadratics_lack_classes_and_a_test_set() -> None:
    """What has no accuracy has a known minimum, and the other way round."""
    for scenario in SCENARIOS.values():
        assert scenario.has_accuracy == scenario.has_test == (scenario.quadratic is None)

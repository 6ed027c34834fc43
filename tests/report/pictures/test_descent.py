"""What theory draws beside measured gaps: it fits what the methods do."""

import math

import pytest

from tests.factories import make_spec
from tests.small_runs import gradient_descent, heavy_ball, noisy_path, path, sign_descent, small_preset
from tui_optim.report.pictures.descent import gap_limits, long_run_factor, theories
from tui_optim.spec.scenarios.small import F1, F2, MEAN


@pytest.mark.parametrize("scenario", ["quadratic-f1", "quadratic-f2"])
@pytest.mark.parametrize(
    ("method", "num_steps"), [(gradient_descent(0.3), 300), (heavy_ball(0.001, 0.9), 3000), (heavy_ball(0.2, 0.2), 200)]
)
def test_the_measured_rate_is_that_of_theory(scenario: str, method: tuple[object, object], num_steps: int) -> None:
    """In the long run the gap falls by ρ² a step; the drawn line has that slope and begins where the run does."""
    preset, rule = method
    spec = make_spec(scenario, preset)  # type: ignore[arg-type] # as the parameters are
    quadratic = F1 if scenario == "quadratic-f1" else F2
    points = path(quadratic, rule, num_steps=num_steps)  # type: ignore[arg-type] # as above
    early, late = (quadratic.gap(points[step]) for step in (num_steps * 2 // 3, num_steps))
    measured = (late / early) ** (1 / (num_steps - num_steps * 2 // 3))
    rho = long_run_factor(spec)
    assert rho is not None
    assert measured == pytest.approx(rho * rho, rel=1e-3)
    (line,) = theories(spec, num_steps=num_steps)
    assert line.kind == "rate"
    assert line.gaps[0] == pytest.approx(quadratic.gap(quadratic.start))
    assert (line.gaps[1] / line.gaps[0]) ** (1 / num_steps) == pytest.approx(rho * rho)


def test_a_mean_of_gradients_is_heavy_ball_at_a_smaller_rate() -> None:
    """η (1 − β) in place of η."""
    ema = make_spec("quadratic-f1", small_preset("momentum-ema", "momentum-ema", lr=0.2, beta=0.9))
    assert long_run_factor(ema) == pytest.approx(long_run_factor(make_spec("quadratic-f1", heavy_ball(0.02, 0.9)[0])))


def test_a_rate_beyond_the_limit_grows() -> None:
    """η = 1.2 > 2/λ: the line rises, to infinity where it leaves what numbers can tell."""
    spec = make_spec("quadratic-f1", gradient_descent(1.2)[0])
    assert long_run_factor(spec) == pytest.approx(1.4)
    assert theories(spec, num_steps=1e6)[0].gaps[1] == math.inf


def test_nothing_is_said_of_other_methods() -> None:
    """Of Adam, of a falling rate, of an average, and where nothing has been trained yet."""
    plain = make_spec("quadratic-f1", gradient_descent(0.1)[0])
    falling = make_spec("quadratic-f1", gradient_descent(0.1)[0], overrides={"schedule.kind": "cosine"})
    averaged = make_spec("quadratic-f1", gradient_descent(0.1)[0], overrides={"averaging.kind": "polyak"})
    for spec in (make_spec("quadratic-f1", sign_descent(0.1)[0]), falling, averaged, make_spec("circles")):
        assert theories(spec, num_steps=100) == []
    assert theories(plain, num_steps=0) == []


@pytest.mark.parametrize("lr", [0.01, 0.1])
def test_scalar_sgd_stays_around_its_floor(lr: float) -> None:
    """The mean over 400 seeds follows the expected gap, which ends at the floor; a larger rate has a higher one."""
    preset = small_preset("sgd-by-hand", "sgd-by-hand", lr=lr, replacement=True)
    mean, floor = theories(make_spec("scalar-mean", preset), num_steps=200)
    assert (mean.kind, floor.kind) == ("mean", "floor")
    gaps = [MEAN.gap(noisy_path(lr, seed=seed, num_steps=200)[-1]) for seed in range(400)]
    assert sum(gaps) / len(gaps) == pytest.approx(mean.gaps[-1], rel=0.2)
    assert mean.gaps[0] == pytest.approx(MEAN.gap((0.0,)))
    assert floor.gaps[0] == floor.gaps[1] == pytest.approx(lr * MEAN.minimum / (1 - lr))
    if lr == 0.1:
        assert mean.gaps[-1] == pytest.approx(floor.gaps[0])


def test_scalar_sgd_without_replacement_has_no_such_floor() -> None:
    """Passes in random order, larger batches, and rates at which noise grows without end."""
    anew, passes = (small_preset("sgd-by-hand", "sgd-by-hand", lr=0.1, replacement=value) for value in (True, False))
    for preset, changes in ((passes, {}), (anew, {"batch_size": 10}), (anew, {"lr": 1.0})):
        assert theories(make_spec("scalar-mean", preset, overrides={**changes}), num_steps=200) == []


def test_a_solved_run_does_not_hide_the_others() -> None:
    """Below the precision of the numbers, and far above the start, the axis ends."""
    start = F1.gap(F1.start)
    assert gap_limits(F1, [1.0, 0.1, math.nan]) == pytest.approx((0.1, start))
    assert gap_limits(F1, [1.0, 1e-200, 0.0]) == pytest.approx((1e-16 * start, start))
    assert gap_limits(F1, [1e300, math.inf, math.nan]) == pytest.approx((start, 1e3 * start))
    assert gap_limits(F1, []) == pytest.approx((start / 10, start * 10))

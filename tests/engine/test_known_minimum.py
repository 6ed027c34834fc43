"""Problems whose minimum is known: what theory says of them is what is measured, at every step."""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

import pytest

from tests.engine.runs_for_tests import Listener, make_run, numbers, train_here
from tui_optim.engine import bins
from tui_optim.report.theory import gradient_descent_factor, heavy_ball_factor, noise_floor
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Ended, Progress
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.spec.scenarios.small import F1, F2, MEAN

QUADRATICS = ("quadratic-f1", "quadratic-f2")


def spec_of(scenario: str, optimizer: str = "sgd", **options: Any) -> RunSpec:
    """A run with one example a step."""
    source = generated_source(SCENARIOS[scenario].dataset)
    return make_run(source, scenario=scenario, optimizer=optimizer, **{"batch_size": 1, **options})


def train_on(scenario: str, optimizer: str = "sgd", **options: Any) -> list[Progress]:
    """What is reported at every step."""
    return _train(spec_of(scenario, optimizer, **options))[1].progress


def _train(spec: RunSpec) -> tuple[Ended, Listener]:
    """Without a checkpoint of every step."""
    return train_here(spec, listener=Listener(wants_checkpoints=False))


def gaps(progress: Sequence[Progress]) -> list[float]:
    """f − f* after each step."""
    return [event.gap for event in progress if event.gap is not None]


@pytest.mark.parametrize(
    ("optimizer", "options", "num_steps"),
    [
        ("sgd", {}, 2000),
        ("sgd", {"momentum": 0.9}, 2000),
        ("sgd", {"momentum": 0.9, "nesterov": True}, 200),
        ("sgd-by-hand", {}, 200),
        ("momentum-ema", {}, 200),
    ],
)
def test_turning_the_axes_changes_nothing_for_gradient_steps(
    optimizer: str, options: dict[str, Any], num_steps: int
) -> None:
    """Gradient descent and momentum have the same objective on f₁ and f₂ at each of 2,000 iterations, to 1e-6 and better."""
    first, second = (train_on(one, optimizer, epochs=num_steps, lr=1e-3, **options) for one in QUADRATICS)

    assert len(first) == len(second) == num_steps
    for a, b in zip(first, second, strict=True):
        assert a.loss == pytest.approx(b.loss, rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "options"), [("rmsprop", {"alpha": 0.99}), ("adam", {"beta1": 0.9, "beta2": 0.999})]
)
def test_methods_that_scale_coordinates_see_the_axes(optimizer: str, options: dict[str, Any]) -> None:
    """RMSProp and Adam differ on f₁ and f₂ from the first step on, and by more than a tenth before the end."""
    first, second = (train_on(one, optimizer, epochs=1000, lr=1e-3, **options) for one in QUADRATICS)

    assert first[0].loss != pytest.approx(second[0].loss, rel=1e-6)
    assert max(abs(a.loss - b.loss) / max(a.loss, b.loss) for a, b in zip(first, second, strict=True)) > 0.1


@pytest.mark.parametrize("rate", [1e-3, 0.1, 0.9])
def test_gradient_descent_shrinks_each_coordinate_as_theory_says(rate: float) -> None:
    """On f₁ the axes are the eigenvectors: x falls by 1 − 2 η a step, y by 1 − 0.2 η."""
    points = [F1.start, *(event.point for event in train_on("quadratic-f1", epochs=100, lr=rate) if event.point)]

    for axis, eigenvalue in enumerate((2.0, 0.2)):
        factor = gradient_descent_factor(rate, eigenvalue)
        for k in (1, 10, 100):
            assert points[k][axis] == pytest.approx(factor**k, rel=1e-11)


@pytest.mark.parametrize("scenario", QUADRATICS)
def test_the_gap_falls_at_the_rate_of_the_flattest_direction(scenario: str) -> None:
    """In the long run by (1 − η λ_min)² a step."""
    found = gaps(train_on(scenario, epochs=401, lr=0.1))
    assert found[400] / found[399] == pytest.approx(gradient_descent_factor(0.1, 0.2) ** 2, rel=1e-9)


@pytest.mark.parametrize(("rate", "eigenvalue"), [(0.01, 0.2), (0.1, 2.0)])
def test_heavy_ball_shrinks_as_theory_says(rate: float, eigenvalue: float) -> None:
    """Over 300 steps the distance along an axis falls by the larger root's modulus a step, swings apart."""
    points = [event.point for event in train_on("quadratic-f1", epochs=400, lr=rate, momentum=0.9) if event.point]
    axis = (2.0, 0.2).index(eigenvalue)
    factor = heavy_ball_factor(rate, 0.9, eigenvalue)
    # of a swing the largest of a stretch longer than its period
    early = max(abs(point[axis]) for point in points[50:90])
    late = max(abs(point[axis]) for point in points[350:390])
    assert (late / early) ** (1 / 300) == pytest.approx(factor, rel=2e-3)


def test_too_large_a_rate_diverges_as_theory_says() -> None:
    """Above 2/λ_max = 1 the steep coordinate grows; the run ends as diverged, with no accuracy to report."""
    ended, heard = _train(spec_of("quadratic-f2", epochs=5000, lr=1.2))
    assert ended.state == "diverged"
    assert ended.final is not None
    assert ended.final.gap is not None
    assert not math.isfinite(ended.final.gap)
    assert ended.final.train_accuracy is None
    assert heard.progress[9].point is not None
    assert gaps(heard.progress)[20] / gaps(heard.progress)[19] == pytest.approx((1 - 1.2 * 2) ** 2, rel=1e-3)


def test_an_epoch_of_the_quadratics_is_one_gradient() -> None:
    """The usual run has 2,000 of both; row k of the history is the objective after k iterations, row 0 the start."""
    spec = spec_of("quadratic-f1", epochs=SCENARIOS["quadratic-f1"].epochs, lr=1e-3)
    ended, heard = _train(spec)
    assert [result.epoch for result in heard.epochs] == list(range(2001))
    assert ended.final is not None
    assert (ended.final.step, ended.final.cost.gradient_evaluations) == (2000, 2000)
    assert heard.epochs[0].train_loss == F1.value(F1.start)
    assert [result.train_loss for result in heard.epochs[1:]] == [event.loss for event in heard.progress]
    for result in (*heard.epochs, ended.final):
        assert result.gap == result.train_loss  # the minimum is 0
        assert (result.train_accuracy, result.val_loss, result.test_loss, result.test_accuracy) == (None,) * 4


def test_scalar_sgd_takes_two_hundred_steps_of_one_number() -> None:
    """By default 2 epochs of 100 gradients; the gap is the squared error to the mean, at every step."""
    spec = spec_of("scalar-mean", "sgd-by-hand", epochs=SCENARIOS["scalar-mean"].epochs, lr=0.1, replacement=True)
    ended, heard = _train(spec)
    assert len(heard.progress) == 200
    assert [result.epoch for result in heard.epochs] == [0, 1, 2]
    for event in heard.progress:
        assert event.point is not None
        assert event.gap == pytest.approx((event.point[0] - MEAN.minimiser[0]) ** 2, rel=1e-12)
        assert event.loss == pytest.approx(MEAN.minimum + (event.gap or 0), rel=1e-14)
    assert ended.final is not None
    assert ended.final.gap == heard.progress[-1].gap


def test_the_larger_rate_is_faster_at_first_and_farther_at_the_end() -> None:
    """Over ten seeds, rates 0.01 and 0.1: after 20 steps the larger rate is ahead, over the last 50 its error is larger."""

    def mean_gaps(rate: float) -> list[float]:
        runs = [
            gaps(train_on("scalar-mean", "sgd-by-hand", epochs=2, lr=rate, replacement=True, seed=seed))
            for seed in range(1, 11)
        ]
        return [fmean(at_step) for at_step in zip(*runs, strict=True)]

    slow, fast = mean_gaps(0.01), mean_gaps(0.1)

    assert fast[19] < slow[19] / 5
    assert fmean(fast[150:]) > 3 * fmean(slow[150:])


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4])
def test_the_noise_floor_is_what_a_long_run_stays_at(rate: float) -> None:
    """The mean gap of 9,000 steps after 1,000 is the closed form, within three standard errors (steps are correlated)."""
    found = gaps(train_on("scalar-mean", "sgd-by-hand", epochs=100, lr=rate, replacement=True, seed=11))[1000:]
    expected = noise_floor(rate, eigenvalue=2.0, variance=MEAN.minimum)
    num_independent = len(found) * 2 * rate  # the autocorrelation of the squares falls by (1 − 2 η)² a step
    assert fmean(found) == pytest.approx(expected, rel=3 * math.sqrt(2 / num_independent))


def test_pairs_share_data_and_start() -> None:
    """Whatever the seed and the optimizer: y* and the start are the scenario's; the order of the numbers is the seed's."""
    first = [train_on("scalar-mean", optimizer, lr=0.0, seed=seed)[0] for optimizer, seed in (("sgd", 1), ("adam", 2))]
    assert {event.point for event in first} == {(0.0,)}
    one, other, third = (train_on("scalar-mean", lr=0.1, seed=seed) for seed in (1, 1, 2))
    assert [event.point for event in one] == [event.point for event in other] != [event.point for event in third]


@pytest.mark.parametrize("scenario", ["scalar-mean", *QUADRATICS])
def test_a_cut_run_goes_on_in_the_same_bits(scenario: str) -> None:
    """Interrupted in the middle and resumed: the same points at the same steps, and the start reported once."""
    spec = spec_of(
        scenario, "sgd-by-hand" if scenario == "scalar-mean" else "adam", epochs=2 if "mean" in scenario else 60
    )
    whole, heard = _train(spec)
    _, first = train_here(spec, listener=Listener(wanted="interrupted", after_polls=33))

    resumed, second = train_here(spec, checkpoint=first.checkpoints[-1])

    assert [e.point for e in first.progress + second.progress] == [e.point for e in heard.progress]
    assert [numbers(r) for r in first.epochs + second.epochs] == [numbers(r) for r in heard.epochs]
    assert whole.final is not None
    assert resumed.final is not None
    assert numbers(resumed.final) == numbers(whole.final)


def test_a_very_long_run_is_measured_at_equal_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many measurements and results; the last of both is the end."""
    monkeypatch.setattr(bins, "MAX_MEASURED", 100)
    ended, heard = _train(spec_of("quadratic-f1", epochs=1050, lr=0.01))
    assert [event.step for event in heard.progress] == [*range(11, 1050, 11), 1050]
    assert [result.epoch for result in heard.epochs] == [0, *range(11, 1050, 11), 1050]
    assert ended.final is not None
    assert ended.final.step == 1050
    scalar = train_on("scalar-mean", epochs=10, lr=0.1)
    assert [event.step for event in scalar] == list(range(10, 1001, 10))


def test_an_average_is_judged_by_its_own_point() -> None:
    """With Polyak's average over SGD the gap is that of θ̄, far below the noise floor of θ."""
    spec = spec_of("scalar-mean", "sgd-by-hand", epochs=20, lr=0.1, replacement=True)
    averaged = spec.model_copy(update={"averaging": {"kind": "polyak", "start": 0.1}})
    plain, mean = (_train(one)[0].final for one in (spec, averaged))
    assert plain is not None
    assert mean is not None
    assert mean.gap is not None
    assert mean.gap < noise_floor(0.1, eigenvalue=2.0, variance=MEAN.minimum) / 10


def test_there_is_nothing_to_hold_out_of_a_function() -> None:
    """A part of the numbers would have another mean: the sentence says what to do."""
    with pytest.raises(UsageError, match="nothing to hold out: leave --holdout out"):
        spec_of("scalar-mean", holdout=True)


def test_the_second_quadratic_starts_where_it_should() -> None:
    """(√2, 0), to the last bit of float64."""
    assert train_on("quadratic-f2", lr=0.0)[0].point == F2.start == (math.sqrt(2), 0.0)

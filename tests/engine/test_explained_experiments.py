"""What Explain says of the experiments that take a moment: each is run as its commands say, and shows it."""

import statistics
from collections.abc import Sequence
from functools import cache

import pytest

from tests.engine.runs_for_tests import Listener, train_here
from tui_optim.spec.events import Ended
from tui_optim.spec.explain.catalogue import all_topics
from tui_optim.spec.scenarios import find_scenario
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library

LIBRARY = load_library()
TOPICS = all_topics(LIBRARY.presets)


@cache
def experiment(name: str) -> list[tuple[Ended, Listener]]:
    """The runs of a topic's experiment, in the order of its commands."""
    runs = [
        run
        for arm in TOPICS.find(name).experiment
        for run in arm.runs(LIBRARY.find, find_source(find_scenario(arm.scenario).dataset), threads=1)
    ]
    return [train_here(run, listener=Listener(wants_checkpoints=False)) for run in runs]


def gaps(heard: Listener) -> dict[float, float]:
    """F − F* by the work that it took, in epochs."""
    return {result.effective_epochs: result.gap for result in heard.epochs if result.gap is not None}


def last_gap(heard: Listener) -> float:
    """F − F* at the end."""
    return list(gaps(heard).values())[-1]


def losses(heard: Listener) -> Sequence[float]:
    """The training loss of each epoch."""
    return [result.train_loss for result in heard.epochs if result.train_loss is not None]


def test_circles() -> None:
    """Batch 10 at rate 0.1 hardly falls for twenty epochs, then tells the rings apart; batch 1 at rate 5 diverges at once."""
    (_, steady), (wild, thrown) = experiment("circles")
    assert losses(steady)[19] > 0.65
    assert (steady.epochs[-1].test_accuracy or 0) > 0.9
    assert wild.state == "diverged"
    assert thrown.epochs[-1].epoch == 0


def test_the_larger_rate_of_the_scalar_ends_ten_times_as_far_away() -> None:
    """As a mean over its ten seeds; at first it is the faster one."""
    ends = [last_gap(heard) for _, heard in experiment("scalar-mean")]
    small, large = statistics.mean(ends[:10]), statistics.mean(ends[10:])
    assert 5 < large / small < 20
    early = [heard.progress[19].gap or 0 for _, heard in experiment("scalar-mean")]
    assert statistics.mean(early[10:]) < statistics.mean(early[:10]) / 2


def test_adam_takes_both_coordinates_down_together() -> None:
    """On f₁, although one is ten times as steep; gradient descent and heavy ball end on straight lines of theory's slope."""
    (_, descent), (_, ball), (_, adam) = experiment("quadratic-f1")
    assert all(x == pytest.approx(y, abs=1e-6) for x, y in (event.point or (0, 1) for event in adam.progress))
    for heard, factor in ((descent, 1 - 0.001 * 0.2), (ball, 0.99795907)):
        late = gaps(heard)
        assert late[2000] / late[1500] == pytest.approx(factor**1000, rel=0.05)


def test_newton_needs_one_step_and_seven_gradients() -> None:
    """Then the gap is at rounding error, where 25 steps of gradient descent leave 2e-5."""
    (_, newton), (_, descent) = experiment("newton")
    assert newton.epochs[1].effective_epochs == 7
    assert (newton.epochs[1].gap or 1) < 1e-28
    assert last_gap(descent) == pytest.approx(2e-5, rel=0.1)


def test_bfgs_is_there_before_newton_has_paid_for_a_step() -> None:
    """Below 1e-7 after the work of 6⅔ gradients, at rounding error after that of twelve."""
    (_, bfgs), (_, newton) = experiment("bfgs")
    assert min(gap for work, gap in gaps(bfgs).items() if work < 6.7) < 1e-7
    assert last_gap(bfgs) < 1e-28
    assert newton.epochs[1].effective_epochs > 6.7


def test_curvature_decides() -> None:
    """Gradient descent shrinks the distance by 9/11 a step; heavy ball is worse at first and better at the end."""
    (_, descent), (_, ball), (_, newton) = experiment("curvature")
    assert gaps(descent)[60] / gaps(descent)[59] == pytest.approx((9 / 11) ** 2, rel=1e-3)
    assert gaps(ball)[1] > gaps(descent)[1]
    assert last_gap(ball) < last_gap(descent) / 1e9
    assert (newton.epochs[1].gap or 0) < 1e-28


def test_svrg_converges_where_sgd_stays_at_its_noise() -> None:
    """On the scalar problem, at one rate."""
    (_, svrg), (_, sgd) = experiment("svrg")
    assert last_gap(svrg) < 1e-25
    assert min(list(gaps(sgd).values())[-5:]) > 1e-6


def test_the_limit_of_gradient_descent() -> None:
    """Below 2/L it converges, just above it grows but stays a number, further above it does not."""
    (_, below), (above, grown), (far, _) = experiment("divergence")
    assert last_gap(below) < 1e-30
    assert (above.state, far.state) == ("finished", "diverged")
    assert last_gap(grown) > 1e30


def test_the_batch_bears_the_rate() -> None:
    """By hand: batch 1 at rate 5 diverges in the first epoch, batch 100 at rate 1 learns."""
    (wild, _), (_, learnt) = experiment("sgd-by-hand")
    assert wild.state == "diverged"
    assert (learnt.epochs[-1].test_accuracy or 0) > 0.9

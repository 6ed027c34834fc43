"""The barest loop is timed beside a run, which feels nothing of it."""

from itertools import count

import pytest
import torch

from tests.engine.runs_for_tests import CPU, make_run, numbers, splits_of, train_here
from tui_optim.engine.bare_loop import MAX_BATCH, bare_loop, has_bare_loop
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.run import RunSpec


def circles(batch_size: int | str = 10) -> RunSpec:
    """A run of two epochs."""
    return make_run(generated_source("circles"), scenario="circles", batch_size=batch_size, epochs=2, lr=0.1)


def test_it_counts_examples_over_the_fastest_stretch() -> None:
    """By a clock that goes on by 4 ms with each look: two steps of ten examples within 4 ms."""
    ticks = count()
    run = circles()
    assert bare_loop(run, splits_of(run), CPU, clock=lambda: 0.004 * next(ticks)) == pytest.approx(2 * 10 / 0.004)


def test_a_run_after_it_has_the_same_bits() -> None:
    """No number is drawn, and the data are as they were."""
    run = circles()
    before, _ = train_here(run)
    state = torch.get_rng_state()

    assert bare_loop(run, splits_of(run), CPU) > 0

    assert torch.equal(torch.get_rng_state(), state)
    after, _ = train_here(run)
    assert before.final is not None
    assert after.final is not None
    assert numbers(after.final) == numbers(before.final)


def test_what_would_take_long_or_means_nothing_is_not_timed() -> None:
    """Full batches, large ones, and functions without examples."""
    assert has_bare_loop(circles())
    assert not has_bare_loop(circles("full"))
    assert not has_bare_loop(circles().model_copy(update={"batch_size": MAX_BATCH + 1}))
    function = make_run(generated_source("one-function"), scenario="quadratic-f1", lr=0.1)
    assert not has_bare_loop(function)

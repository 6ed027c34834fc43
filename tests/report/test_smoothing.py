"""The moving average: TensorBoard's formula, gaps as gaps, and no value computed twice."""

import math
from dataclasses import replace

import pytest

from tests.factories import make_progress, make_records, make_spec, make_started
from tui_optim.report.series import RunSeries
from tui_optim.report.smoothing import Average
from tui_optim.spec.events import Event, Record, Rewound


def test_the_average_is_that_of_tensorboard() -> None:
    """m ← 0.9 m + 0.1 y divided by 1 − 0.9ᵏ, computed here by hand."""
    first, second = Average(0.9).of([2.0, 1.0])
    assert first == pytest.approx(0.1 * 2.0 / 0.1)
    assert second == pytest.approx((0.9 * 0.2 + 0.1 * 1.0) / (1 - 0.81))


def test_the_start_is_not_pulled_towards_zero() -> None:
    """A constant curve stays what it is."""
    assert Average(0.99).of([3.0] * 50) == pytest.approx([3.0] * 50)


def test_what_is_not_finite_is_a_gap_and_does_not_count() -> None:
    """The values around it are averaged as if it were not there."""
    smoothed = Average(0.5).of([1.0, math.nan, math.inf, 2.0])
    assert [math.isfinite(y) for y in smoothed] == [True, False, False, True]
    assert smoothed[3] == Average(0.5).of([1.0, 2.0])[1]


def test_a_growing_curve_is_averaged_on() -> None:
    """Only what is new is computed, and the result is that of the whole."""
    ys = [1.0, 5.0, 2.0, 8.0]
    average = Average(0.9)
    before = average.of(ys[:2])
    assert average.of(ys) is before
    assert before == Average(0.9).of(ys)


def test_a_resumed_run_is_averaged_over_what_counts() -> None:
    """What a rewind has taken out of the log leaves no trace in the average."""
    losses = [4.0, 3.0, 9.0, 2.0]
    records = make_records([make_started(make_spec()), *(make_progress(i, loss=y) for i, y in enumerate(losses, 1))])
    series = RunSeries()
    series.absorb(records[:4])
    assert len(series.curve("loss", "train", "step", smoothing=0.9)[1]) == 3
    series.absorb([Record(seq=5, time=5.0, event=Rewound(to_seq=3)), replace(records[4], seq=6)])
    assert series.curve("loss", "train", "step", smoothing=0.9)[1] == Average(0.9).of([4.0, 3.0, 2.0])


def test_a_rate_is_never_smoothed() -> None:
    """It is chosen, not found; losses of evaluations are few and left alone too."""
    events: list[Event] = [make_started(make_spec()), *(make_progress(i, loss=float(i)) for i in range(1, 9))]
    series = RunSeries()
    series.absorb(make_records(events))
    assert series.curve("lr", "train", "step", smoothing=0.9) == series.curve("lr", "train", "step")
    assert series.curve("loss", "train", "step", smoothing=0.9) != series.curve("loss", "train", "step")

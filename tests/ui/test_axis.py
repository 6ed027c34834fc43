"""The geometry of charts."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tui_optim.ui.charting.axis import Limits, clipped, dashes, decimated, fit_limits, unbroken, widened, within
from tui_optim.ui.charting.ticks import linear_ticks, log_ticks

numbers = st.floats(allow_nan=True, allow_infinity=True)
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e150, max_value=1e150)


def test_a_line_breaks_where_it_is_not_finite() -> None:
    """NaN and infinity are gaps, not points."""
    pieces = unbroken([0, 1, 2, 3, 4], [1.0, math.nan, 2.0, math.inf, 3.0])
    assert pieces == [[(0, 1.0)], [(2, 2.0)], [(4, 3.0)]]


def test_one_explosion_does_not_flatten_the_others() -> None:
    """A diverging tail is outside the limits; what is usual fills them."""
    limits = fit_limits([*[2.3 - 0.02 * i for i in range(100)], 1e6], clip_outliers=True)
    assert limits.high < 5


def test_a_line_leaves_the_picture_at_its_edge() -> None:
    """A segment that crosses the edge ends on it and comes back as another part."""
    parts = list(clipped([(0.0, 0.5), (0.5, 1.5), (1.0, 0.5)]))
    assert parts == [[(0.0, 0.5), (0.25, 1.0)], [(0.75, 1.0), (1.0, 0.5)]]


@given(st.lists(st.tuples(numbers, numbers), max_size=60), st.booleans(), st.booleans())
def test_whatever_comes_in_only_the_unit_square_comes_out(
    points: list[tuple[float, float]], log_y: bool, is_narrow: bool
) -> None:
    """Any floats, any order: what would reach the library lies within 0 and 1."""
    pieces = unbroken([x for x, _ in points], [y for _, y in points], log_y=log_y)
    x_limits = widened(0, 1) if is_narrow else fit_limits(x for piece in pieces for x, _ in piece)
    y_limits = (
        widened(-1, 1) if is_narrow else fit_limits((y for piece in pieces for _, y in piece), clip_outliers=True)
    )
    for piece in pieces:
        unit = [(x_limits.fraction(x), y_limits.fraction(y)) for x, y in decimated(piece, x_limits, columns=5)]
        for part in clipped(unit):
            for line in dashes(part, "dotted", dots=(20, 20)):
                assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in line)


def test_decimation_keeps_every_extreme() -> None:
    """The highest and the lowest value of each slice survive, and few points remain."""
    points = [(i / 10_000, math.sin(i) + (5 if i == 4321 else 0)) for i in range(10_000)]
    kept = decimated(points, Limits(low=0.0, high=1.0), columns=40)
    assert len(kept) <= 161
    assert max(points, key=lambda p: p[1]) in kept
    assert min(points, key=lambda p: p[1]) in kept


@given(finite, finite, st.integers(1, 20))
@example(2e-313, 2e-313, 1)
def test_ticks_lie_within_the_limits_and_are_few(low: float, high: float, count: int) -> None:
    """Whatever the limits, the ticks can be drawn."""
    limits = widened(low, high)
    ticks = linear_ticks(limits, count=count)
    assert len(ticks) <= 4 * count + 1
    slack = (limits.high - limits.low) * 1e-6
    assert all(limits.low - slack <= tick.value <= limits.high + slack for tick in ticks)


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        (Limits(low=0.0, high=2.3), ["0", "0.5", "1.0", "1.5", "2.0"]),
        (Limits(low=0.0, high=10.0), ["0", "2", "4", "6", "8", "10"]),
        (Limits(low=0.0, high=9380.0), ["0", "2000", "4000", "6000", "8000"]),
        (Limits(low=0.0, high=93800.0), ["0", "20k", "40k", "60k", "80k"]),
    ],
)
def test_ticks_are_round_numbers(limits: Limits, labels: list[str]) -> None:
    """Steps of 1, 2 or 5 with as many decimals as they need."""
    assert [tick.label for tick in linear_ticks(limits, count=5)] == labels


def test_a_log_axis_is_labelled_by_decades() -> None:
    """Wide ranges have powers of ten, narrow ones 1, 2, 5."""
    wide = [tick.label for tick in log_ticks(Limits(low=-4.0, high=2.0), count=7)]
    narrow = [tick.label for tick in log_ticks(Limits(low=-1.0, high=0.5), count=8)]
    assert wide == ["1e-4", "0.001", "0.01", "0.1", "1", "10", "100"]
    assert narrow == ["0.1", "0.2", "0.5", "1", "2"]


def test_a_dashed_line_has_gaps() -> None:
    """A long straight line comes in pieces with nothing between them."""
    pieces = list(dashes([(0.0, 0.5), (1.0, 0.5)], "dashed", dots=(110, 40)))
    assert len(pieces) == 10
    assert pieces[0][-1][0] < pieces[1][0][0]


def test_a_line_is_cut_at_the_limits_of_x() -> None:
    """It ends on them where it goes on beyond; without a point between them it is the segment that crosses."""
    line = [(0.0, 0.0), (2.0, 4.0), (4.0, 0.0)]
    assert within(line, Limits(low=1.0, high=3.0)) == [(1.0, 2.0), (2.0, 4.0), (3.0, 2.0)]
    assert within(line, Limits(low=2.5, high=3.5)) == [(2.5, 3.0), (3.5, 1.0)]
    assert within(line, Limits(low=5.0, high=6.0)) == []
    assert within(line, Limits(low=-1.0, high=4.0)) is line


def test_a_part_of_a_decade_has_round_numbers() -> None:
    """Where no power of ten and no 2 or 5 of one lies within."""
    labels = [tick.label for tick in log_ticks(Limits(low=math.log10(6.2), high=math.log10(9.1)), count=6)]
    assert labels == ["6.5", "7.0", "7.5", "8.0", "8.5", "9.0"]

"""Long curves with the points that can be seen, and no others."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tui_optim.ui.charting.axis import Limits
from tui_optim.ui.charting.reduction import KEPT, reduced

XS = [i / 1000 for i in range(10_000)]
YS = [math.sin(i) + (5.0 if i == 4321 else 0.0) for i in range(10_000)]


def test_every_extreme_survives_and_few_points_remain() -> None:
    """The ends too: nothing that can be seen is lost."""
    xs, ys = reduced(XS, YS, Limits(low=0.0, high=10.0), columns=40)
    assert len(xs) <= KEPT * 40
    assert (max(ys), min(ys), xs[0], xs[-1]) == (max(YS), min(YS), XS[0], XS[-1])
    assert list(xs) == sorted(xs)


def test_only_what_is_between_the_limits_and_its_neighbours() -> None:
    """So that the line can be followed over the edge."""
    xs, _ = reduced(XS, YS, Limits(low=2.0005, high=3.0005), columns=20)
    assert (xs[0], xs[-1]) == (2.0, 3.001)


def test_gaps_stay_gaps() -> None:
    """A value that cannot be drawn is among the points as it was, with those around it."""
    broken = [math.nan if i == 5000 else 0.0 if i == 7000 else abs(y) for i, y in enumerate(YS)]
    _, ys = reduced(XS, broken, Limits(low=0.0, high=10.0), columns=40, log_y=True)
    assert sum(map(math.isnan, ys)) == 1
    assert ys.count(0.0) == broken.count(0.0)


def test_what_is_short_or_does_not_rise_is_left_alone() -> None:
    """The very same lists."""
    backwards = XS[::-1]
    assert reduced(backwards, YS, Limits(low=0.0, high=10.0), columns=40)[0] is backwards
    assert reduced(XS[:9], YS[:9], Limits(low=0.0, high=10.0), columns=40)[0] == XS[:9]


@given(st.lists(st.floats(), max_size=200), st.floats(-10, 200), st.floats(0.001, 300), st.booleans())
def test_whatever_the_values_they_are_those_of_the_curve(
    ys: list[float], low: float, width: float, log_y: bool
) -> None:
    """In their order, without an exception."""
    xs = [float(i) for i in range(len(ys))]
    kept, values = reduced(xs, ys, Limits(low=low, high=low + width), columns=5, log_y=log_y)
    assert list(kept) == sorted(set(kept))
    assert [repr(ys[int(x)]) for x in kept] == list(map(repr, values))

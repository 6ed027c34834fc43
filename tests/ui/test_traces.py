"""The dim trace behind a smoothed line."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tui_optim.ui.charting.traces import traced

numbers = st.floats(-5.0, 5.0)


def test_a_curve_is_traced_from_left_to_right() -> None:
    """A flat one has one row of dots, without a gap."""
    found = traced([(7, [(0.0, 1.0), (1.0, 1.0)])], columns=4, rows=2)
    assert found == {(0, column): ("⠉", 7) for column in range(4)}


def test_a_jump_is_traced_over_the_whole_height() -> None:
    """From the lowest to the highest that a column has."""
    found = traced([(7, [(0.0, 0.0), (0.0, 1.0)])], columns=2, rows=2)
    assert found == {(0, 0): ("⡇", 7), (1, 0): ("⡇", 7)}


@given(st.lists(st.tuples(st.floats(0.0, 1.0), numbers), max_size=40))
def test_only_cells_of_the_picture_are_touched(points: list[tuple[float, float]]) -> None:
    """Whatever the heights."""
    found = traced([(0, sorted(points))], columns=6, rows=3)
    assert all(0 <= row < 3 and 0 <= column < 6 for row, column in found)
    assert not any(math.isnan(slot) for _, slot in found.values())

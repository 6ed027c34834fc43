"""The cells that a band covers, against a look at every single dot."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_optim.ui.charting.axis import HUGE, Limits
from tui_optim.ui.charting.shading import SAMPLE, Edges, shaded, unbroken_edges

UNIT = Limits(low=0.0, high=1.0)
COLUMNS, ROWS = 9, 5
BITS = {(0, 0): 0x01, (0, 1): 0x02, (0, 2): 0x04, (0, 3): 0x40, (1, 0): 0x08, (1, 1): 0x10, (1, 2): 0x20, (1, 3): 0x80}
"""Of the dots of a braille character by (column, row from the top), as Unicode has them."""

edges = st.lists(
    st.tuples(st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(0, 1)),
    min_size=2,
    max_size=6,
    unique_by=lambda e: e[0],
).map(lambda rows: [(x, low, low + height) for x, low, height in sorted(rows)])


def dots_of(found: dict[tuple[int, int], tuple[str, int]]) -> set[tuple[int, int]]:
    """(column, row from the top) of every dot."""
    return {
        (2 * column + dx, 4 * row + dy)
        for (row, column), (character, _) in found.items()
        for (dx, dy), bit in BITS.items()
        if (ord(character) - 0x2800) & bit
    }


@settings(deadline=None)
@given(edges)
def test_every_second_dot_between_the_edges_is_set(band: Edges) -> None:
    """As a checkerboard, and none outside them."""
    found = dots_of(shaded([(3, band)], UNIT, UNIT, columns=COLUMNS, rows=ROWS))
    for column in range(2 * COLUMNS):
        x = column / (2 * COLUMNS - 1)
        for row in range(4 * ROWS):
            y = 1 - row / (4 * ROWS - 1)
            near = [(a, b) for a, b in pairwise(band) if a[0] <= x <= b[0]]
            insides = []
            for a, b in near:
                t = (x - a[0]) / (b[0] - a[0])
                low, high = ((1 - t) * a[end] + t * b[end] for end in (1, 2))
                insides += [y - low > -1e-9 and y - high < 1e-9, y - low > 1e-9 and y - high < -1e-9]
            is_woven = (column + row) % 2 == 0
            if (column, row) in found:
                assert is_woven
                assert any(insides)
            elif is_woven:
                assert not insides or not all(insides)


def test_overlapping_bands_take_turns() -> None:
    """Where both are, neighbouring cells belong to one and the other."""
    whole: Edges = [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0)]
    found = shaded([(1, whole), (2, whole)], UNIT, UNIT, columns=COLUMNS, rows=ROWS)
    assert {character for character, _ in found.values()} == {SAMPLE}
    assert [found[0, column][1] for column in range(4)] == [1, 2, 1, 2]
    assert [found[row, 0][1] for row in range(4)] == [1, 2, 1, 2]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (1, 5), (9, 1)])
def test_no_size_is_too_small(size: tuple[int, int]) -> None:
    """No cell outside the area."""
    found = shaded([(0, [(0.0, 0.0, 1.0), (1.0, 0.0, 1.0)])], UNIT, UNIT, columns=size[0], rows=size[1])
    assert all(column < size[0] and row < size[1] for row, column in found)


def test_a_band_breaks_where_it_has_a_gap() -> None:
    """At what is not finite, and where its edges have changed sides."""
    low, high = [0.0, math.nan, 0.0, 2.0, 0.0], [1.0, 1.0, math.inf, 1.0, 1.0]
    assert unbroken_edges(range(5), low, high) == [[(0, 0.0, 1.0)], [(4, 0.0, 1.0)]]


def test_a_low_edge_below_zero_leaves_a_log_axis() -> None:
    """The band goes down to the end of the chart; where its high edge is not above 0 there is none."""
    assert unbroken_edges([0, 1, 2], [-1.0, 0.1, -2.0], [10.0, 1.0, 0.0], log_y=True) == [
        [(0, -HUGE, 1.0), (1, -1.0, 0.0)]
    ]

"""Braille dots: where they are set, what covers what."""

import math

from tui_optim.ui.charting.marks import FRAME, Span
from tui_optim.ui.pictures.dots import GROUND, WORDS, DotCanvas, connected, dot_of, dots_of


def test_a_dot_has_its_bit() -> None:
    """The corners of a cell, and nothing outside of the picture."""
    canvas = DotCanvas(2, 1)
    canvas.draw([(0, 0), (1, 3), (-1, 0), (4, 0), (0, 4)], 5)
    assert canvas.lines() == [[Span("⢁", 5), Span(" ", FRAME)]]


def test_lines_cover_the_ground_and_text_covers_both() -> None:
    """In a cell of a level line a path stands alone; two paths share a cell in the later one's colour."""
    canvas = DotCanvas(3, 1)
    canvas.draw([(0, 0), (2, 0), (4, 0)], GROUND)
    ground = canvas.copy()
    canvas.draw([(0, 3)], 1)
    canvas.draw([(1, 3)], 2)
    canvas.write(2, 0, "x!", WORDS)
    assert canvas.lines() == [[Span("⣀", 2), Span("⠁", GROUND), Span("x", WORDS)]]
    assert ground.lines() == [[Span("⠁⠁⠁", GROUND)]]


def test_lines_are_connected_and_cut() -> None:
    """From corner to corner without a hole; what leaves the square is cut there; gaps are gaps."""
    assert connected([(0, 0), (3, 1), (3, 3)]) == [(0, 0), (1, 0), (2, 1), (3, 1), (3, 2), (3, 3)]
    assert connected([]) == []
    assert dots_of([(0.5, 0.5), (0.5, 2.0)], width=11, height=11) == [[(5, 5), (5, 0)]]
    broken = dots_of([(0.0, 0.0), (math.nan, 0.0), (1.0, 1.0), (math.inf, 0.0), (1e300, 3.0)], width=11, height=11)
    assert broken == [[(0, 10)], [(10, 0)]]
    assert dot_of((math.nan, 0.5), width=11, height=11) is None
    assert dot_of((1.0001, 0.5), width=11, height=11) is None
    assert dot_of((1.0, 0.0), width=11, height=11) == (10, 10)

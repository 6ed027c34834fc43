"""The plane of the two quadratics: windows, level lines, paths."""

import math
from pathlib import Path

import pytest

from tests.small_runs import gradient_descent, write_descent
from tui_optim.report.pictures.plane import box_of, facts, level_gaps, path_of, window_around
from tui_optim.report.series import load_series
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.scenarios.small import F1, F2
from tui_optim.store.home import open_home


@pytest.mark.parametrize("quadratic", [F1, F2])
def test_a_level_line_is_where_the_function_has_one_value(quadratic: Quadratic) -> None:
    """All points have the gap that was asked for, and the ellipse is as long as the condition number says."""
    points = quadratic.level_line(0.3, num_points=400)
    assert points[0] == points[-1]
    assert [quadratic.gap(point) for point in points] == pytest.approx([0.3] * 401)
    radii = [math.dist(point, quadratic.minimiser) for point in points]
    assert max(radii) / min(radii) == pytest.approx(math.sqrt(quadratic.condition_number))
    furthest = points[radii.index(max(radii))]
    along = math.atan2(furthest[1], furthest[0]) % math.pi
    assert along == pytest.approx(math.pi / 2 if quadratic is F1 else math.pi / 4)


@pytest.mark.parametrize("aspect", [0.5, 1.0, 3.0])
def test_a_window_has_one_scale_and_shows_all(aspect: float) -> None:
    """Start, minimum and path lie in it with a margin; a run that went to infinity does not make it wide."""
    wild = [(1.0, 1.0), (-1.4, 0.2), (900.0, 1.0), (math.inf, 1.0), (math.nan, math.nan)]
    window = window_around([box_of(wild, F1), box_of([], F1)], aspect=aspect)
    width, height = window.size
    assert width / height == pytest.approx(aspect)
    for point in ((1.0, 1.0), (0.0, 0.0), (-1.4, 0.2)):
        assert all(0.02 < share < 0.98 for share in window.fraction(point))
    assert min(width, height) < 4
    gaps = level_gaps(F1, window)
    assert gaps == sorted(gaps)
    assert (
        0
        < gaps[0]
        < gaps[-1]
        < max(F1.gap((x, y)) for x in (window.left, window.right) for y in (window.bottom, window.top))
    )


def test_the_path_begins_at_the_start(tmp_path: Path) -> None:
    """A point more than there were steps."""
    run = write_descent(open_home(tmp_path), "quadratic-f1", gradient_descent(0.5), num_steps=3)
    xs, ys = zip(*path_of(load_series(run.folder), F1), strict=True)
    assert xs == pytest.approx([1, 0, 0, 0])
    assert ys == pytest.approx([1, 0.9, 0.81, 0.729])


def test_facts_are_told_long_and_short() -> None:
    """For a wide and for a narrow frame."""
    assert facts(F2) == "eigenvalues 2 and 0.2, condition number 10"
    assert facts(F2, is_short=True) == "λ 2, 0.2  κ 10"

"""The area under the error–cost curve, against curves worked out by hand."""

import math
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec
from tests.report.test_comparison import compare, shown
from tui_optim.report.error_area import area_under
from tui_optim.report.formats import row_objects
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


@pytest.mark.parametrize(
    ("xs", "ys", "until", "area"),
    [
        ([0, 1, 3], [0.9, 0.5, 0.1], 3, (0.7 * 1 + 0.3 * 2) / 3),  # two trapezoids
        ([0, 1, 3], [0.9, 0.5, 0.1], 2, (0.7 * 1 + 0.4 * 1) / 2),  # cut in the middle of the second, at 0.3
        ([0, 1], [0.9, 0.5], 4, (0.7 * 1 + 0.5 * 3) / 4),  # level after the last point
        ([1, 2], [0.8, 0.6], 2, (0.8 * 1 + 0.7 * 1) / 2),  # level before the first
        ([0, 2], [0.4, 0.4], 0.5, 0.4),
        ([0, 1, 2], [1.0, math.inf, 0.0], 2, math.inf),
    ],
)
def test_the_area_is_that_of_trapezoids(xs: list[float], ys: list[float], until: float, area: float) -> None:
    """Divided by the cost that it is taken over."""
    assert area_under(xs, ys, until=until) == pytest.approx(area)


def test_a_setting_has_the_mean_over_its_seeds(home: Home) -> None:
    """Errors 0.9, 0.5, 0.2 at 0, 1 and 2 make 0.525; 0.9, 0.3, 0.2 make 0.425; files have the cost that it is over."""
    runs = []
    for seed, middle in ((1, 0.5), (2, 0.7)):
        spec = make_spec(preset=make_preset("sgd"), seed=seed)
        values = (0.1, middle, 0.8)
        runs.append(make_run(home, spec, results=[make_result(spec, i, test_accuracy=y) for i, y in enumerate(values)]))
    table = compare(runs)
    assert shown(table, 0)["error_area"] == "47.50 ± 7.07"
    row = row_objects(table)[0]
    assert row["error_area"] == pytest.approx(0.475)
    assert row["area_cost"] == 2
    (note,) = (one for one in table.notes if one.startswith("area: "))
    assert "up to 2" in note


def test_unequal_lengths_are_compared_over_what_both_were_given(home: Home) -> None:
    """The longer run is cut where the shorter ends; one that diverged errs like chance from there on."""
    short = make_run(home, make_spec(preset=make_preset("sgd"), epochs=2))
    long_spec = make_spec(preset=make_preset("adam"), epochs=4)
    values = (0.8, 0.8, 0.8, 0.99, 0.99)
    long = make_run(home, long_spec, results=[make_result(long_spec, i, test_accuracy=y) for i, y in enumerate(values)])
    spec = make_spec(preset=make_preset("adamw"), epochs=2)
    lost = make_run(home, spec, state="diverged", results=[make_result(spec, 0), make_result(spec, 1)])
    rows = row_objects(compare([short, long, lost]))
    assert [row["error_area"] for row in rows] == pytest.approx([0.2, 0.2, (0.55 + 0.9) / 2])


def test_without_classes_it_is_the_area_of_the_gap(home: Home) -> None:
    """A quadratic whose gap is 1, then 0.5 from the first bin and 0.25 from the third on; others have no gap's area."""
    runs = [make_run(home, make_spec("quadratic-f1", make_preset("gd"), epochs=2)), make_run(home)]
    rows = row_objects(compare(runs))
    assert rows[0]["gap_area"] == pytest.approx((0.375 + 0.25 + 0.1875 + 0.125) / 2)
    assert rows[0]["error_area"] is None
    assert rows[1]["gap_area"] is None
    assert rows[1]["error_area"] == pytest.approx(0.2)

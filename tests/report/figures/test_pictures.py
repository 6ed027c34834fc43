"""Figures of functions whose minimum is known: paths where the runs went, theory beside what was measured."""

import math
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tests.image_runs import write_judged
from tests.report.figures.drawing import drawn, line, logs, texts
from tests.small_runs import (
    BLANK,
    RINGS,
    gradient_descent,
    heavy_ball,
    sign_descent,
    small_preset,
    write_descent,
    write_film,
    write_noisy,
)
from tui_optim.report.figures.canvas import render
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.spec.errors import UsageError
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_paths_lie_over_the_level_lines_of_both_functions(home: Home) -> None:
    """A panel for each; a method has one name and one colour on both; the path is the run's own."""
    runs = [
        write_descent(home, scenario, method, num_steps=60)
        for scenario in ("quadratic-f1", "quadratic-f2")
        for method in (gradient_descent(0.05), heavy_ball(0.02, 0.8))
    ]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="contour")))
    first, second = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["batch-gd", "heavy-ball"]
    xs, ys = line(first, 0)
    assert (xs[0], ys[0], xs[-1], ys[-1]) == pytest.approx((1, 1, 0.9**60, 0.99**60))
    assert first.lines[0].get_color() == second.lines[0].get_color()
    assert len(first.patches) == len(second.patches) >= 9
    assert "eigenvalues 2 and 0.2, condition number 10" in texts(figure)


def test_rates_of_theory_are_dashed(home: Home) -> None:
    """For gradient descent and heavy ball, in the colour of the method; none for Adam."""
    methods = (gradient_descent(0.05), heavy_ball(0.02, 0.8), sign_descent(0.01))
    runs = [write_descent(home, "quadratic-f1", method) for method in methods]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="descent")))
    (axes,) = figure.axes
    assert [one.get_linestyle() for one in axes.lines].count("--") >= 2
    told = " ".join(" ".join(texts(figure)).split())
    assert "batch-gd on quadratic-f1 0.9801 by theory, 0.9801 measured" in told
    assert "(measured along the eigenvector on which the run was slowest" in told
    dashed = [one for one in axes.lines if one.get_linewidth() == 1.0]
    assert [one.get_color() for one in dashed] == [axes.lines[0].get_color(), axes.lines[2].get_color()]
    assert axes.get_yscale() == "log"


def test_the_noise_floor_is_dotted(home: Home) -> None:
    """Two rates, five seeds each: a mean with a band, what is expected, and the floor."""
    runs = [write_noisy(home, lr=lr, seed=seed) for lr in (0.01, 0.1) for seed in range(1, 6)]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="descent")))
    (axes,) = figure.axes
    floors = [line(axes, number)[1] for number, one in enumerate(axes.lines) if one.get_linestyle() == ":"]
    assert len(floors) == 2
    assert floors[1][0] == floors[1][1] == pytest.approx(0.009, rel=0.01)
    assert axes.get_ylabel() == "squared error to y*"
    assert any("dotted: noise floor" in text for text in texts(figure))


def test_a_boundary_is_drawn_for_each_run(home: Home) -> None:
    """With its accuracies above, and a word where it has diverged; runs without a film are left out."""
    runs = [
        write_film(home, (0, BLANK), (3, RINGS), lr=0.1),
        write_film(home, (3, (math.nan,) * 52), lr=5.0, state="diverged"),
        make_run(home, make_spec("circles", small_preset("sgd", "sgd", 10, lr=0.1))),
    ]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="boundary")))
    first, second = figure.axes
    assert "lr=0.1" in first.get_title()
    assert "ep. 3, 88.5 / 89.0 %" in first.get_title()
    assert sum(len(line(first, number)[0]) for number in range(4)) == 200
    assert "(diverged)" in second.get_title().replace("\n", " ")
    assert [text.get_text() for text in second.texts] == ["diverged:\nno finite weights"]
    with pytest.raises(UsageError, match="a boundary needs runs on circles"):
        make_picture(runs[2:], logs(runs), FigureRequest(kind="boundary"))


def test_the_boundaries_of_a_sweep_fit_a_page(home: Home) -> None:
    """Thirty of them stand in rows of six."""
    runs = [write_film(home, (1, RINGS), lr=number / 100) for number in range(1, 32)]
    picture = make_picture(runs, {}, FigureRequest(kind="boundary"))
    figure = drawn(picture)
    assert len(figure.axes) == 30
    grid = figure.axes[0].get_gridspec()
    assert grid is not None
    assert grid.ncols == 6
    assert picture.height < 11
    assert any("the newest 30 of 31 runs" in text.replace("\n", " ") for text in texts(figure))


def test_mistakes_and_confusion_are_of_the_newest_run_that_has_them(home: Home) -> None:
    """Images with their captions; counts with the accuracy of each class beside them."""
    runs = [write_judged(home), write_judged(home, has_predictions=False)]
    mistakes = drawn(make_picture(runs, {}, FigureRequest(kind="gallery")))
    assert sum(len(axes.images) for axes in mistakes.axes) == 20
    assert "→" in mistakes.axes[0].get_title(loc="left")
    assert any("125 of 1,000 test images" in text.replace("\n", " ") for text in texts(mistakes))
    confusion = drawn(make_picture(runs, {}, FigureRequest(kind="confusion")))
    assert len(confusion.axes[0].texts) == 100
    assert "(sample)" in texts(confusion)[0]
    with pytest.raises(UsageError, match="kept no predictions"):
        make_picture(runs[1:], {}, FigureRequest(kind="gallery"))
    with pytest.raises(UsageError, match="runs on images"):
        make_picture([make_run(home, make_spec("circles"))], {}, FigureRequest(kind="confusion"))


@pytest.mark.parametrize("kind", ["contour", "descent"])
def test_other_runs_are_refused(home: Home, kind: str) -> None:
    """With the names of scenarios that have such a figure."""
    runs = [make_run(home, make_spec())]
    with pytest.raises(UsageError, match="quadratic-f1"):
        make_picture(runs, logs(runs), FigureRequest(kind="contour" if kind == "contour" else "descent"))


@pytest.mark.parametrize("kind", ["contour", "descent"])
def test_a_diverged_run_is_drawn_as_far_as_it_can_be(home: Home, kind: str) -> None:
    """To infinity and beyond: the figure is one, byte for byte the same when drawn again."""
    runs = [write_descent(home, "quadratic-f1", gradient_descent(5.0), num_steps=900)]
    picture = make_picture(runs, logs(runs), FigureRequest(kind="contour" if kind == "contour" else "descent"))
    assert render(picture, "svg") == render(picture, "svg")

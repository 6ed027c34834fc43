"""What is drawn is what the runs have stored: raw lines, bands over seeds, failures and gaps shown as such."""

import math
import statistics
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection

from tests.factories import make_result, make_run, make_spec
from tests.report.figures.drawing import drawn, line, logs, texts, write_diverged, write_runs
from tests.report.points import points
from tui_optim.report.bands import group_seeds
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.report.figures.palette import COLOURS, MAX_LINES, ON_DARK, look
from tui_optim.report.measures import Measure
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.pruning import pruned_reason
from tui_optim.store.home import Home, open_home

SGD = [[0.1, 0.6, 0.8], [0.1, 0.7, 0.84], [0.1, 0.65, 0.85]]
ADAM = [[0.1, 0.8, 0.82], [0.1, 0.82, 0.83], [0.1, 0.81, 0.81]]
TEST_ACCURACY = Measure("test", "accuracy")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_a_line_is_the_mean_of_the_seeds_at_every_point(home: Home) -> None:
    """In percent, over gradient evaluations ÷ n, from the untrained model on; nothing is smoothed."""
    runs = write_runs(home, "sgd", SGD) + write_runs(home, "adam", ADAM)
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(measure=TEST_ACCURACY)))
    (axes,) = figure.axes
    for number, values in enumerate((SGD, ADAM)):
        xs, ys = line(axes, number)
        assert xs == [0, 1, 2]
        assert ys == pytest.approx([100 * statistics.fmean(one) for one in zip(*values, strict=True)])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sgd", "adam"]
    assert "lines: mean over seeds 1..3; bands: ± sd" in texts(figure)


@pytest.mark.parametrize(
    ("band", "low", "high"),
    [
        ("range", 80, 85),
        ("sd", 83 - 100 * statistics.stdev([0.8, 0.84, 0.85]), 83 + 100 * statistics.stdev([0.8, 0.84, 0.85])),
    ],
)
def test_a_band_has_the_edges_that_it_says(home: Home, band: str, low: float, high: float) -> None:
    """At the last epoch: lowest and highest run, or mean ± standard deviation."""
    runs = write_runs(home, "sgd", SGD)
    request = FigureRequest(measure=TEST_ACCURACY, band="range" if band == "range" else "sd")
    (axes,) = drawn(make_picture(runs, logs(runs), request)).axes
    (area,) = (one for one in axes.collections if isinstance(one, FillBetweenPolyCollection))
    ends = sorted({round(float(y), 9) for x, y in np.asarray(area.get_paths()[0].vertices) if x == 2})
    assert [ends[0], ends[-1]] == pytest.approx([low, high])


def test_the_interval_of_three_seeds_is_no_band(home: Home) -> None:
    """No inference is drawn from so few, and the note says from how many."""
    runs = write_runs(home, "sgd", SGD)
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(measure=TEST_ACCURACY, band="ci95")))
    (area,) = figure.axes[0].collections
    assert sum(len(np.asarray(path.vertices)) for path in area.get_paths()) == 0
    assert any("from 5 seeds on" in text for text in texts(figure))


def test_learning_curves_show_training_and_test(home: Home) -> None:
    """Four panels; the training loss is drawn bin by bin as it was logged."""
    runs = write_runs(home, "sgd", SGD[:1])
    series = logs(runs)
    axes = drawn(make_picture(runs, series, FigureRequest())).axes
    assert [one.get_ylabel() for one in axes] == [
        "training loss",
        "training accuracy %",
        "test loss",
        "test accuracy %",
    ]
    xs, ys = points(series[runs[0].run_id], "loss", "train", "epoch")
    assert line(axes[0]) == (xs, ys)


def test_held_out_runs_are_judged_on_validation(home: Home) -> None:
    """The lower panels are those of the held-out split, and the title says so."""
    runs = write_runs(home, "sgd", SGD[:1], holdout=True)
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    assert [one.get_ylabel() for one in figure.axes][2:] == ["validation loss", "validation accuracy %"]
    assert "held out" in texts(figure)[0]


def test_a_diverged_run_ends_in_a_cross(home: Home) -> None:
    """Its loss has no number from there on; its accuracy counts as chance; the legend says how many diverged."""
    runs = [*write_runs(home, "sgd", SGD[:1]), write_diverged(home, "sgd")]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    test_loss, test_accuracy = figure.axes[2:]
    xs, ys = line(test_loss)
    assert xs == [0, 0.5, 1, 2]
    assert math.isfinite(ys[0])
    assert all(map(math.isnan, ys[1:]))
    assert (test_loss.lines[1].get_marker(), line(test_loss, 1)[0]) == ("x", [0])
    assert line(test_accuracy)[1] == pytest.approx([10, 22.5, 35, 45])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sgd (1 of 2 diverged)"]


def test_a_run_that_still_goes_is_told(home: Home) -> None:
    """The legend says which means are over fewer runs than there are."""
    spec = make_spec(seed=8)
    going = make_run(home, spec, state="running", results=[make_result(spec, 0), make_result(spec, 1)])
    runs = [make_run(home, make_spec(seed=7)), going]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sgd-baseline (1 of 2 not at the end)"]


def test_a_race_is_run_over_the_cost_that_was_asked_for(home: Home) -> None:
    """Seconds or gradient evaluations; the targets are dotted where the axis can show them."""
    runs = write_runs(home, "sgd", SGD)
    targets = (Target("test_accuracy", 0.81), Target("test_loss", 0.3))
    request = FigureRequest(kind="race", axis="seconds", targets=targets)
    (axes,) = drawn(make_picture(runs, logs(runs), request)).axes
    assert axes.get_xlabel() == "training seconds"
    assert line(axes)[0] == [0, 2, 4]
    assert [line(axes, number)[1][0] for number in range(1, len(axes.lines))] == [81]
    (axes,) = drawn(make_picture(runs, logs(runs), FigureRequest(kind="race"))).axes
    assert line(axes)[0] == [0, 60_000, 120_000]
    assert [line(axes, number)[1][0] for number in (1, 2, 3)] == [88, 89, 90]


def test_a_race_may_reach_a_hundred_percent(home: Home) -> None:
    """No error has no logarithm: the axis ends short of it and nothing is lost of the line."""
    runs = write_runs(home, "sgd", [[0.1, 0.9, 1.0]])
    (axes,) = drawn(make_picture(runs, logs(runs), FigureRequest(kind="race"))).axes
    assert line(axes)[1] == [10, 90, 100]
    assert 99 < axes.get_ylim()[1] < 100


def test_each_scenario_has_a_panel_and_a_name_one_look(home: Home) -> None:
    """The same preset has the same colour in all of them."""
    runs = [run for name in ("lenet5-fashion", "mlp-fashion") for run in write_runs(home, "sgd", SGD, scenario=name)]
    runs += write_runs(home, "adam", ADAM, scenario="mlp-fashion")
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="race")))
    assert len(figure.axes) == 2
    colours = [axes.lines[0].get_color() for axes in figure.axes]
    assert colours[0] == colours[1]
    assert len(figure.legends[0].get_texts()) == 2


def test_scenarios_on_the_same_data_are_drawn_over_each_other(home: Home) -> None:
    """With and without BatchNorm on common axes; the legend says which is which."""
    names = ("mlp-mnist", "mlp-mnist-batchnorm")
    runs = [run for name in names for run in write_runs(home, "sgd", SGD, scenario=name)]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    assert len(figure.axes) == 4
    assert [len(axes.lines) for axes in figure.axes] == [2, 2, 2, 2]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [f"{name} sgd" for name in names]
    assert "Learning curves: mlp-mnist and mlp-mnist-batchnorm" in texts(figure)


def test_of_too_many_settings_the_best_are_drawn(home: Home) -> None:
    """As many as can be told apart, and the note says of how many."""
    runs = [
        run
        for number in range(MAX_LINES + 2)
        for run in write_runs(home, "sgd", [[0.1, 0.5 + number / 100]], overrides={"lr": 0.01 * (number + 1)})
    ]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert len(names) == MAX_LINES
    assert "sgd lr=0.01" not in names
    assert any(f"the {MAX_LINES} best of {MAX_LINES + 2} settings" in text for text in texts(figure))


def test_lines_differ_without_colour() -> None:
    """All that fit in a panel differ in marker or dashes, neighbours in all three; the cross is kept for failures."""
    looks = [look(number) for number in range(MAX_LINES)]
    assert len({(one.marker, tuple(one.dashes)) for one in looks}) == MAX_LINES
    assert "x" not in {one.marker for one in looks}
    for one, other in pairwise(looks):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dashes != other.dashes
    assert set(COLOURS) <= set(ON_DARK)


def test_runs_without_results_make_no_figure(home: Home) -> None:
    """Nor do those that do not have the measure; each gets its sentence."""
    waiting = [make_run(home, state="queued")]
    with pytest.raises(UsageError, match="none of these runs has a result yet"):
        make_picture(waiting, logs(waiting), FigureRequest())
    runs = write_runs(home, "sgd", SGD[:1])
    with pytest.raises(UsageError, match="--measure val_loss: none of these runs has it"):
        make_picture(runs, logs(runs), FigureRequest(measure=Measure("val", "loss")))


def test_seeds_of_a_group_are_the_runs_of_the_table(home: Home) -> None:
    """Curves group runs as tables do: by everything but the seed."""
    runs = write_runs(home, "sgd", SGD) + write_runs(home, "sgd", SGD, overrides={"lr": 0.5})
    assert [len(seeds.runs) for seeds in group_seeds(runs, logs(runs))] == [3, 3]


def test_a_run_that_its_sweep_gave_up_is_said_to_be_pruned(home: Home) -> None:
    """Nothing more will come of it."""
    spec = make_spec(seed=8)
    results = [make_result(spec, 0), make_result(spec, 1)]
    runs = [make_run(home, spec, state="stopped", results=results, reason=pruned_reason(1))]
    figure = drawn(make_picture(runs, logs(runs), FigureRequest()))
    assert "sgd-baseline (pruned)" in " ".join(texts(figure))

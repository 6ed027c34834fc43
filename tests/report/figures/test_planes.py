"""Sensitivities, heat maps and profiles: each value at its place, failures and gaps shown as such."""

from itertools import pairwise
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tests.report.figures.drawing import drawn, line, logs, texts, write_diverged, write_runs
from tests.sweep_factories import Outcome, make_plan, write_sweep
from tui_optim.report.figures.kinds import FigureRequest, make_picture
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

CELLS = {(0.01, 32): 0.7, (0.01, 64): 0.72, (0.1, 32): 0.85}
"""Accuracies by rate and batch size; that of (0.1, 64) diverges, and nothing was run at 1.0 with 32."""


@pytest.fixture
def runs(tmp_path: Path) -> list[StoredRun]:
    """A grid with a diverged cell and a missing one."""
    home = open_home(tmp_path)
    found = [
        run
        for (rate, size), value in CELLS.items()
        for run in write_runs(home, "sgd", [[0.1, 0.5, value]], overrides={"lr": rate, "batch_size": size})
    ]
    found.append(write_diverged(home, "sgd", overrides={"lr": 0.1, "batch_size": 64}))
    return [*found, *write_runs(home, "sgd", [[0.1, 0.5, 0.2]], overrides={"lr": 1.0, "batch_size": 64})]


def cell_texts(axes: Axes) -> dict[tuple[float, float], str]:
    """What is written where."""
    return {(text.get_position()[0], text.get_position()[1]): text.get_text() for text in axes.texts}


def test_a_heat_map_has_a_number_or_a_mark_in_every_cell(runs: list[StoredRun]) -> None:
    """Values in percent, the diverged cell with its count and hatched, the missing one with a dash, the best one framed."""
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="heatmap")))
    (axes,) = figure.axes
    assert cell_texts(axes) == {
        (0, 0): "70.00",
        (0, 1): "72.00",
        (1, 0): "85.00",
        (1, 1): "1 of 1",
        (2, 0): "–",
        (2, 1): "20.00",
    }
    patches = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [patch.get_xy() for patch in patches if patch.get_hatch()] == [(0.5, 0.5)]
    assert [patch.get_xy() for patch in patches if patch.get_linewidth() == 2] == [(0.54, -0.46)]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.01", "0.1", "1"]
    note = next(text for text in texts(figure) if "framed: best" in text)
    assert all(mark in note for mark in ("hatched: diverged", "–: not run", "not for choosing"))


def write_scattered(home: Home) -> list[StoredRun]:
    """Sixteen runs of Adam, no two of which have a rate or a batch in common."""
    return [
        run
        for number in range(1, 17)
        for run in write_runs(home, "adam", [[0.1, 0.5, 0.6]], overrides={"lr": number / 1000, "batch_size": number})
    ]


def test_a_preset_whose_values_hardly_meet_is_named_beside_the_others_map(
    runs: list[StoredRun], tmp_path: Path
) -> None:
    """Alone it has no map; the sentence says what draws its points."""
    scattered = write_scattered(open_home(tmp_path))
    both = [*runs, *scattered]
    figure = drawn(make_picture(both, logs(both), FigureRequest(kind="heatmap")))

    assert len(figure.axes) == 1
    assert any("not drawn, next to empty: adam (16 of 256 cells)" in text for text in texts(figure))
    with pytest.raises(UsageError, match="next to empty: 16 of its 256 cells were run; --kind sensitivity"):
        make_picture(scattered, logs(scattered), FigureRequest(kind="heatmap"))


@pytest.mark.parametrize(("num_rates", "angle"), [(5, 0.0), (16, 45.0), (30, 45.0)])
def test_rates_that_have_no_room_side_by_side_slant(tmp_path: Path, num_rates: int, angle: float) -> None:
    home = open_home(tmp_path)
    runs = [
        run
        for preset in ("sgd", "adam")
        for number in range(num_rates)
        for run in write_runs(home, preset, [[0.1, 0.5, 0.6]], overrides={"lr": 0.00123 * 1.3**number})
    ]
    (axes,) = drawn(make_picture(runs, logs(runs), FigureRequest(kind="heatmap"))).axes

    assert {label.get_rotation() for label in axes.get_xticklabels()} == {angle}
    figure = axes.get_figure()
    assert isinstance(figure, Figure)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call] # matplotlib does not type it
    boxes = sorted((text.get_window_extent(renderer) for text in axes.texts), key=lambda box: (round(box.y0), box.x0))
    assert all(one.x1 < other.x0 or one.y1 < other.y0 for one, other in pairwise(boxes))


def test_the_better_of_two_cells_is_the_lighter(runs: list[StoredRun]) -> None:
    """For accuracy and for loss alike."""
    (axes,) = drawn(make_picture(runs, logs(runs), FigureRequest(kind="heatmap"))).axes
    patches = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    light = {patch.get_xy(): sum(to_rgb(patch.get_facecolor())) for patch in patches}
    assert light[0.5, -0.5] > light[-0.5, 0.5] > light[-0.5, -0.5] > light[1.5, 0.5]


def test_a_sensitivity_has_a_line_for_each_batch_size(runs: list[StoredRun]) -> None:
    """Over the logarithm of the rate; a cross where runs diverged, at chance accuracy."""
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="sensitivity")))
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["sgd batch_size=32", "sgd batch_size=64"]
    crosses = [number for number, one in enumerate(axes.lines) if one.get_marker() == "x"]
    assert [line(axes, number) for number in crosses] == [([0.1], [10.0])]
    assert any("cross: some or all runs diverged" in text for text in texts(figure))


def test_a_loss_that_diverged_has_its_cross_at_the_edge(runs: list[StoredRun]) -> None:
    """It has no number: the line leaves it out, the mark does not."""
    from tui_optim.report.measures import Measure

    request = FigureRequest(kind="sensitivity", measure=Measure("test", "loss"))
    (axes,) = drawn(make_picture(runs, logs(runs), request)).axes
    (cross,) = (number for number, one in enumerate(axes.lines) if one.get_marker() == "x")
    assert line(axes, cross) == ([0.1], [0.98])
    assert axes.lines[cross].get_transform() is not axes.transData


def test_a_profile_rises_where_a_preset_solves_a_problem(tmp_path: Path) -> None:
    """Steps of the share over the multiple of the cheapest cost; the note says what two scenarios allow."""
    home: Home = open_home(tmp_path)
    runs = write_runs(home, "sgd", [[0.1, 0.5, 0.5, 0.9]]) + write_runs(home, "adam", [[0.1, 0.9, 0.9, 0.9]])
    for preset in ("sgd", "adam"):
        runs += write_runs(home, preset, [[0.1, 0.9, 0.9, 0.9]], scenario="mlp-fashion")
    request = FigureRequest(kind="profile", targets=(Target("test_accuracy", 0.8),))
    figure = drawn(make_picture(runs, logs(runs), request))
    (axes,) = figure.axes
    assert line(axes, 0) == ([1, 3, 3.75], [0.5, 1, 1])
    assert line(axes, 1) == ([1, 3.75], [1, 1])
    assert axes.lines[0].get_drawstyle() == "steps-post"
    assert any("fewer than 4 scenarios" in text for text in texts(figure))


def test_a_profile_of_one_scenario_is_refused(runs: list[StoredRun]) -> None:
    """The sentence says what it takes."""
    with pytest.raises(UsageError, match="two scenarios or more"):
        make_picture(runs, logs(runs), FigureRequest(kind="profile"))


def test_a_sweep_shows_what_it_gave_up_and_what_it_chose(tmp_path: Path) -> None:
    """Pruned and stopped cells say so, with of how many seeds; the frame is on the sweep's choice, judged by its metric."""
    plan = make_plan(presets=("sgd",), space={"lr": (0.01, 0.1), "batch_size": (32, 64)}, seeds=(7, 8), prune="median")
    outcomes: list[Outcome] = [0.6, 0.7, "pruned", 0.1, "stopped", "stopped", "diverged", 0.9]
    view = write_sweep(open_home(tmp_path), outcomes, plan=plan, state="stopped")
    runs = list(view.runs.values())
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="heatmap")))
    (axes,) = figure.axes
    assert cell_texts(axes) == {
        (0, 0): "0.65",
        (0, 1): "pruned\n1 of 2",
        (1, 0): "stopped\n2 of 2",
        (1, 1): "1 of 2",
    }
    framed = [one for one in axes.patches if isinstance(one, Rectangle) and one.get_linewidth() == 2]
    assert [one.get_xy() for one in framed] == [(-0.46, -0.46)]
    (note,) = (text for text in texts(figure) if "framed" in text)
    assert "validation loss at the end" in note
    assert "the sweep's best" in note
    assert "pruned: given up" in " ".join(note.split())

    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="sensitivity")))
    (note,) = (" ".join(text.split()) for text in texts(figure) if "ringed" in text)
    assert "hollow: pruned (1)" in note
    assert "1 stopped: not drawn" in note


def test_the_search_falls_with_the_points_tried(tmp_path: Path) -> None:
    """A step for each point that was better; what was pruned counts as tried. Runs without a sweep have none."""
    home = open_home(tmp_path)
    plan = make_plan(presets=("sgd", "adam"), space={"lr": (0.01, 0.1, 1.0)}, prune="median")
    view = write_sweep(home, [0.6, "pruned", 0.4, 0.5, 0.7, 0.3], plan=plan, state="finished")
    runs = list(view.runs.values())
    figure = drawn(make_picture(runs, logs(runs), FigureRequest(kind="search")))
    (axes,) = figure.axes
    assert [line(axes, number) for number in (0, 1)] == [([1, 2, 3], [0.6, 0.6, 0.4]), ([1, 2, 3], [0.5, 0.5, 0.3])]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("points tried", "validation loss")
    alone = write_runs(home, "sgd", [[0.1, 0.5]])
    with pytest.raises(UsageError, match="trial of a sweep"):
        make_picture(alone, logs(alone), FigureRequest(kind="search"))

"""A measure against one hyper-parameter and over two: which runs belong together, and how failures count."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.report.figures.drawing import logs, write_diverged, write_runs
from tests.sweep_factories import Outcome, make_plan, write_sweep
from tui_optim.report.comparison import Setting, make_settings
from tui_optim.report.figures.heatmap import heatmap_picture
from tui_optim.report.responses import grids, num_left_out, responses
from tui_optim.report.sweep_table import views_of
from tui_optim.report.tried import Tried, choosing_measure, tried
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.plan import FinalSpec
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def settings_of(runs: Sequence[StoredRun]) -> list[Setting]:
    """Grouped."""
    return make_settings(runs, logs(runs))


def tried_of(runs: Sequence[StoredRun], measure: str = "test_accuracy") -> list[Tried]:
    """What was tried by hand."""
    return tried(settings_of(runs), [], measure)


def sweep(home: Home, *, rates: Sequence[float] = (0.1, 0.01), sizes: Sequence[int] = (64, 32)) -> list[StoredRun]:
    """Runs of sgd whose accuracy is 0.9 − |lr − 0.1| − size/1000, without the cell of the second rate and second size."""
    cells = [(rate, size) for rate in rates for size in sizes]
    return [
        run
        for rate, size in cells[:-1]
        for run in write_runs(
            home, "sgd", [[0.1, 0.9 - abs(rate - 0.1) - size / 1000]], overrides={"lr": rate, "batch_size": size}
        )
    ]


def test_a_line_for_each_choice_of_the_other_settings(home: Home) -> None:
    """Rates rise along it; a choice with one rate only makes none; seeds are taken together."""
    runs = sweep(home, sizes=(64, 32, 16)) + write_runs(home, "adam", [[0.1, 0.7]])
    runs += write_runs(home, "sgd", [[0.1, 0.5], [0.1, 0.7]], overrides={"lr": 1.0, "batch_size": 64})
    found = responses(tried_of(runs))
    assert [(one.label, one.xs) for one in found] == [
        ("sgd batch_size=64", (0.01, 0.1, 1.0)),
        ("sgd batch_size=32", (0.01, 0.1)),
    ]
    assert found[0].outcomes[2].mean == pytest.approx(0.6)
    assert found[0].outcomes[2].sd == pytest.approx(0.2 / math.sqrt(2))


def test_a_parameter_that_no_run_has_or_that_never_moves_is_told(home: Home) -> None:
    """The nearest name, or how to get two values."""
    found = tried_of(write_runs(home, "sgd", [[0.1, 0.7]]))
    with pytest.raises(UsageError, match="unknown parameter 'lrr': did you mean 'lr'"):
        responses(found, "lrr")
    with pytest.raises(UsageError, match="no preset has runs with two values of lr"):
        responses(found)


def test_a_grid_has_its_cells_where_they_belong(home: Home) -> None:
    """Axes rise, the cell that was not run is missing, the best is found."""
    (grid,) = grids(tried_of(sweep(home)), "test_accuracy")
    assert (grid.x_name, grid.xs, grid.y_name, grid.ys) == ("lr", (0.01, 0.1), "batch_size", (32, 64))
    assert {place: round(one.mean, 3) for place, one in grid.cells.items()} == {
        (1, 1): 0.836,
        (1, 0): 0.868,
        (0, 1): 0.746,
    }
    assert (grid.best, grid.best_over) == ((1, 0), ())


def test_a_diverged_cell_is_never_the_best(home: Home) -> None:
    """However well its other seeds did; it says how many of its runs diverged."""
    cells = {(rate, size): 0.7 for rate in (0.01, 0.1) for size in (32, 64)} | {(0.1, 64): 0.99}
    runs = [
        run
        for (rate, size), value in cells.items()
        for run in write_runs(home, "sgd", [[0.1, 0.5, value]], overrides={"lr": rate, "batch_size": size})
    ]
    runs.append(write_diverged(home, "sgd", overrides={"lr": 0.1, "batch_size": 64}))
    (grid,) = grids(tried_of(runs), "test_accuracy")
    outcome = grid.cells[1, 1]
    assert (outcome.num_diverged, outcome.num_runs, outcome.values) == (1, 2, (0.99, 0.1))
    assert grid.best == (0, 0)
    (loss,) = grids(tried_of(runs, "test_loss"), "test_loss")
    assert math.isnan(loss.cells[1, 1].mean)


def test_more_than_two_numbers_take_the_best_of_a_cell(home: Home) -> None:
    """The other one is named; those asked for are taken instead of the first two."""
    runs = sweep(home)
    runs += write_runs(home, "sgd", [[0.1, 0.95]], overrides={"lr": 0.1, "batch_size": 64, "momentum": 0.9})
    (grid,) = grids(tried_of(runs), "test_accuracy")
    assert (grid.cells[1, 1].mean, grid.best_over) == (0.95, ("momentum",))
    (grid,) = grids(tried_of(runs), "test_accuracy", ["momentum", "batch_size"])
    assert (grid.x_name, grid.y_name, grid.best_over) == ("momentum", "batch_size", ("lr",))


def test_epochs_are_a_number_like_any_other(home: Home) -> None:
    """The exercise sheet's grid: batch size by epochs."""
    runs = [
        run
        for size in (64, 128)
        for epochs in (1, 2)
        for run in write_runs(home, "sgd", [[0.1] * epochs + [0.8]], overrides={"batch_size": size})
    ]
    (grid,) = grids(tried_of(runs), "test_accuracy")
    assert {grid.x_name, grid.y_name} == {"batch_size", "epochs"}


def test_without_two_numbers_there_is_no_grid(home: Home) -> None:
    """The sentence says in what the runs differ."""
    runs = sweep(home, sizes=(64,), rates=(0.1, 0.2, 0.3))
    with pytest.raises(UsageError, match=r"two numbers.*these differ in lr only"):
        grids(tried_of(runs), "test_accuracy")


def test_values_that_hardly_meet_make_no_grid(home: Home) -> None:
    """A random search's points are told to another figure, which draws all; a full grid may have as many columns."""
    ticks = range(1, 17)
    points = [
        run
        for at in ticks
        for run in write_runs(home, "sgd", [[0.1, 0.5]], overrides={"lr": at / 100, "batch_size": at})
    ]
    with pytest.raises(
        UsageError, match=r"16 of its 256 cells were run; --kind sensitivity with --parameter \w+ or \w+"
    ):
        grids(tried_of(points), "test_accuracy")
    for parameter in ("lr", "batch_size"):
        assert sum(len(one.outcomes) for one in responses(tried_of(points), parameter)) == 16
    (few,) = grids(tried_of(points[:15]), "test_accuracy")
    assert len(few.cells) == 15
    rates = [rate / 100 for rate in ticks]
    (full,) = grids(tried_of(sweep(home, rates=rates, sizes=(64, 32))), "test_accuracy")
    assert len(full.cells) == 31


def test_presets_around_rates_of_their_own_are_rows_all_the_same(home: Home) -> None:
    """However many columns that makes, most of them empty in each row."""
    tried_by = {"sgd": range(1, 7), "adam": range(7, 13), "rmsprop": range(13, 19)}
    runs = [
        run
        for preset, ticks in tried_by.items()
        for at in ticks
        for run in write_runs(home, preset, [[0.1, 0.5]], overrides={"lr": at / 100})
    ]
    (grid,) = grids(tried_of(runs), "test_accuracy")
    assert (len(grid.xs), len(grid.presets), len(grid.cells)) == (18, 3, 18)


def test_presets_that_differ_in_one_number_are_rows_over_it(home: Home) -> None:
    """The map of a search for rates: the first preset is the uppermost row, and the best of all is found."""
    runs = [
        run
        for preset, gain in (("sgd", 0.0), ("adam", 0.2))
        for rate in (0.01, 0.1)
        for run in write_runs(home, preset, [[0.1, 0.5 + rate + gain]], overrides={"lr": rate})
    ]
    (grid,) = grids(tried_of(runs), "test_accuracy")
    assert (grid.x_name, grid.xs, grid.y_name, grid.presets) == ("lr", (0.01, 0.1), "preset", ("adam", "sgd"))
    assert {place: round(one.mean, 2) for place, one in grid.cells.items()} == {
        (0, 1): 0.51, (1, 1): 0.6, (0, 0): 0.71, (1, 0): 0.8,
    }  # fmt: skip
    assert grid.best == (1, 0)
    assert "presets over lr" in heatmap_picture([grid], measure="test_accuracy").about


def test_choosing_is_done_on_held_out_data(home: Home) -> None:
    """Validation where a sweep has it; single runs beside it do not decide."""
    tested = settings_of(sweep(home) + write_runs(home, "sgd", [[0.1, 0.7]], scenario="mlp-fashion"))
    assert choosing_measure(tested) == "test_accuracy"
    held_out = [
        run
        for rate in (0.1, 0.2)
        for run in write_runs(home, "sgd", [[0.1, 0.7]], overrides={"lr": rate}, holdout=True)
    ]
    assert choosing_measure(settings_of(held_out)) == "val_accuracy"


def test_more_lines_than_can_be_told_apart_are_points(home: Home) -> None:
    """So are settings most of which lie on no line; what moves beside the parameter is said, and none is left out."""
    sizes = (8, 16, 32)
    runs = [
        run
        for size in sizes
        for rate in (0.1, 0.2)
        for run in write_runs(home, "sgd", [[0.1, 0.5]], overrides={"lr": rate, "batch_size": size})
    ]
    found = tried_of(runs)
    assert [one.label for one in responses(found)] == [f"sgd batch_size={size}" for size in sizes]
    (points,) = responses(found, max_lines=2)
    assert (points.label, points.moving_too, points.xs) == ("sgd", ("batch_size",), (0.1, 0.1, 0.1, 0.2, 0.2, 0.2))
    assert num_left_out(found, [points], "lr") == 0
    (points,) = responses(tried_of([runs[0], runs[3]]))
    assert points.moving_too == ("batch_size",)


def test_what_no_line_shows_is_counted(home: Home) -> None:
    """A batch size that was run at one rate only, and a preset with one."""
    runs = sweep(home, sizes=(64, 32, 16)) + write_runs(home, "adam", [[0.1, 0.7]])
    found = tried_of(runs)
    assert num_left_out(found, responses(found), "lr") == 2


def test_a_sweeps_points_are_as_the_sweep_judged_them(home: Home) -> None:
    """By its metric; the chosen cell is framed though another's surviving seed did better; stopped and failed are no gaps."""
    plan = make_plan(presets=("sgd",), space={"lr": (0.01, 0.1), "batch_size": (32, 64)}, seeds=(7, 8), prune="median")
    outcomes: list[Outcome] = [0.6, 0.7, "pruned", 0.1, "stopped", "stopped", "diverged", 0.9]
    runs_of_sweep = write_sweep(home, outcomes, plan=plan, state="stopped")
    runs = Catalogue(home).runs()
    views = views_of(runs)
    assert [view.sweep.sweep_id for view in views] == [runs_of_sweep.sweep.sweep_id]
    measure = choosing_measure(settings_of(runs), views=views)
    assert measure == "val_loss"
    (grid,) = grids(tried(settings_of(runs), views, measure), measure)
    by_cell = {(grid.xs[x], grid.ys[y]): one for (x, y), one in grid.cells.items()}
    assert {place: one.state for place, one in by_cell.items()} == {
        (0.01, 32): "finished", (0.01, 64): "pruned", (0.1, 32): "stopped", (0.1, 64): "diverged",
    }  # fmt: skip
    assert by_cell[0.01, 32].mean == pytest.approx(0.65)
    assert grid.best == (0, 0)
    assert by_cell[0.01, 64].num_of_state == 1


def test_a_sweep_is_whole_whichever_of_its_runs_are_named(home: Home) -> None:
    """What it chose, it chose among all; its final runs alone do not bring it."""
    plan = make_plan(presets=("sgd",), final=FinalSpec(seeds=(101,)))
    write_sweep(home, [0.6, 0.4, 0.5], plan=plan, finals=[0.5], state="finished")
    runs = Catalogue(home).runs()
    (view,) = views_of([run for run in runs if run.info.spec.hyperparameters["lr"] == 0.01])
    assert [verdict.point.text for verdict in view.winners] == ["sgd lr=0.1"]
    assert views_of([run for run in runs if not run.info.spec.holdout]) == []

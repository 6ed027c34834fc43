"""A measure against one hyper-parameter and over two: which runs belong together, and how failures count."""

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.report.figures.drawing import logs, write_diverged, write_runs
from tui_optim.report.comparison import Setting, make_settings
from tui_optim.report.responses import choosing_measure, grids, responses
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def settings_of(runs: Sequence[StoredRun]) -> list[Setting]:
    """Grouped."""
    return make_settings(runs, logs(runs))


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
    found = responses(settings_of(runs), "test_accuracy")
    assert [(one.label, one.xs) for one in found] == [
        ("sgd batch_size=64", (0.01, 0.1, 1.0)),
        ("sgd batch_size=32", (0.01, 0.1)),
    ]
    assert found[0].outcomes[2].mean == pytest.approx(0.6)
    assert found[0].outcomes[2].sd == pytest.approx(0.2 / math.sqrt(2))


def test_a_parameter_that_no_run_has_or_that_never_moves_is_told(home: Home) -> None:
    """The nearest name, or how to get two values."""
    settings = settings_of(write_runs(home, "sgd", [[0.1, 0.7]]))
    with pytest.raises(UsageError, match="unknown parameter 'lrr': did you mean 'lr'"):
        responses(settings, "test_accuracy", "lrr")
    with pytest.raises(UsageError, match="no preset has runs with two values of lr"):
        responses(settings, "test_accuracy")


def test_a_grid_has_its_cells_where_they_belong(home: Home) -> None:
    """Axes rise, the cell that was not run is missing, the best is found."""
    (grid,) = grids(settings_of(sweep(home)), "test_accuracy")
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
    (grid,) = grids(settings_of(runs), "test_accuracy")
    outcome = grid.cells[1, 1]
    assert (outcome.num_diverged, outcome.num_runs, outcome.values) == (1, 2, (0.99, 0.1))
    assert grid.best == (0, 0)
    (loss,) = grids(settings_of(runs), "test_loss")
    assert math.isnan(loss.cells[1, 1].mean)


def test_more_than_two_numbers_take_the_best_of_a_cell(home: Home) -> None:
    """The other one is named; those asked for are taken instead of the first two."""
    runs = sweep(home)
    runs += write_runs(home, "sgd", [[0.1, 0.95]], overrides={"lr": 0.1, "batch_size": 64, "momentum": 0.9})
    (grid,) = grids(settings_of(runs), "test_accuracy")
    assert (grid.cells[1, 1].mean, grid.best_over) == (0.95, ("momentum",))
    (grid,) = grids(settings_of(runs), "test_accuracy", ["momentum", "batch_size"])
    assert (grid.x_name, grid.y_name, grid.best_over) == ("momentum", "batch_size", ("lr",))


def test_epochs_are_a_number_like_any_other(home: Home) -> None:
    """The exercise sheet's grid: batch size by epochs."""
    runs = [
        run
        for size in (64, 128)
        for epochs in (1, 2)
        for run in write_runs(home, "sgd", [[0.1] * epochs + [0.8]], overrides={"batch_size": size})
    ]
    (grid,) = grids(settings_of(runs), "test_accuracy")
    assert {grid.x_name, grid.y_name} == {"batch_size", "epochs"}


def test_without_two_numbers_there_is_no_grid(home: Home) -> None:
    """The sentence says in what the runs differ."""
    runs = sweep(home, sizes=(64,), rates=(0.1, 0.2, 0.3))
    with pytest.raises(UsageError, match=r"two numbers.*these differ in lr only"):
        grids(settings_of(runs), "test_accuracy")


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

"""The heat map of a sweep: axes, states, folding, ranks, winners."""

import math
from pathlib import Path

import pytest

from tests.sweep_factories import make_plan, write_sweep
from tui_optim.report.heat_axes import map_keys, turned_axes, usual_axes
from tui_optim.report.heatmap import HeatMap, heat_map, standing
from tui_optim.report.sweep_curves import best_so_far, sensitivity
from tui_optim.report.sweep_progress import sweep_progress
from tui_optim.spec.sweeps.plan import FinalSpec, Point
from tui_optim.spec.sweeps.space import Range
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def states(drawn: HeatMap) -> list[list[str]]:
    """The states by row and column."""
    return [[cell.state for cell in line] for line in drawn.cells]


def test_presets_are_rows_and_rates_are_columns(home: Home) -> None:
    """A half-filled grid: figures where trials have finished, one runs, the rest will be asked for."""
    drawn = heat_map(write_sweep(home, [0.7, 0.5, "diverged", 0.6, "running"]))
    assert (drawn.rows.labels, drawn.columns.labels) == (("sgd", "adam"), ("0.01", "0.1", "1"))
    assert drawn.columns.numbers == (0.01, 0.1, 1.0)
    assert states(drawn) == [["finished", "finished", "diverged"], ["finished", "running", "awaited"]]
    assert [cell.value for cell in drawn.cells[0]] == [0.7, 0.5, None]
    assert (drawn.cells[1][1].epoch, drawn.cells[1][1].epochs) == (3, 5)


def test_every_outcome_has_its_state(home: Home) -> None:
    """What a trial's log does not say yet is read from its run."""
    outcomes = ["queued", "paused", "pruned", "failed", "stopped", "running"]
    drawn = heat_map(write_sweep(home, outcomes))
    assert [cell for line in states(drawn) for cell in line] == outcomes
    assert drawn.cells[0][2].epoch == 3  # where it was pruned


def test_a_run_that_finished_while_its_sweep_stopped_shows_its_figure(home: Home) -> None:
    """The sweep has not written it down, so it wins nothing yet; while the sweep runs it is about to."""
    stopped = heat_map(write_sweep(home, ["untold"], state="stopped")).cells[0][0]
    assert (stopped.state, stopped.value, stopped.is_winner) == ("finished", 0.9, False)
    assert heat_map(write_sweep(home, ["untold"])).cells[0][0].state == "running"


def test_the_best_of_each_preset_is_marked(home: Home) -> None:
    """One winner per row; ranks go over the whole map, the best cell has 0 and the worst 1."""
    drawn = heat_map(write_sweep(home, [0.7, 0.5, 0.9, 0.6, 0.4, 2.0]))
    assert [[cell.is_winner for cell in line] for line in drawn.cells] == [[False, True, False], [False, True, False]]
    assert [[cell.rank for cell in line] for line in drawn.cells] == [[0.6, 0.2, 0.8], [0.4, 0.0, 1.0]]


def test_of_an_accuracy_the_largest_is_the_best(home: Home) -> None:
    """The scale turns with the metric."""
    drawn = heat_map(write_sweep(home, [0.7, 0.8, 0.75], plan=make_plan(presets=("sgd",), metric="val_accuracy")))
    assert [cell.rank for cell in drawn.cells[0]] == [1.0, 0.0, 0.5]
    assert drawn.cells[0][1].is_winner


def test_a_figure_that_is_no_number_has_no_rank(home: Home) -> None:
    """NaN and ∞ are shown, colour no cell and never win."""
    drawn = heat_map(write_sweep(home, [math.nan, math.inf, 0.7], plan=make_plan(presets=("sgd",))))
    assert [cell.rank for cell in drawn.cells[0]] == [None, None, 0.0]
    assert [cell.is_winner for cell in drawn.cells[0]] == [False, False, True]


def test_other_keys_are_folded_to_their_best_point(home: Home) -> None:
    """Batch sizes are neither row nor column: a cell has the better of both, and says how many are still open."""
    plan = make_plan(space={"lr": (0.01, 0.1), "batch_size": (64, 128)})
    drawn = heat_map(write_sweep(home, [0.7, 0.6, 0.5, "running"], plan=plan))
    assert drawn.folded == ("batch_size",)
    left, right = drawn.cells[0]
    assert (left.value, left.num_points, left.num_open) == (0.6, 2, 0)
    assert left.point is not None
    assert dict(left.point.values)["batch_size"] == 128
    assert (right.state, right.value, right.num_open) == ("finished", 0.5, 1)


def test_one_preset_has_its_first_two_keys_as_axes(home: Home) -> None:
    """The rate lies along x, wherever it stands in the plan."""
    plan = make_plan(presets=("sgd",), space={"lr": (0.01, 0.1), "batch_size": (64, 128, 256)})
    assert usual_axes(plan) == ("batch_size", "lr")
    drawn = heat_map(write_sweep(home, [], plan=plan))
    assert (len(drawn.rows.labels), len(drawn.columns.labels)) == (3, 2)


def test_a_sweep_of_one_key_is_one_row(home: Home) -> None:
    """Rate tuning of one preset: its own eight rates in their order, though its own and what lies around it is tried first."""
    plan = make_plan(presets=("sgd",), space={}, search="rate")
    drawn = heat_map(write_sweep(home, [0.9, 0.8, 0.6, 0.5], plan=plan))
    assert drawn.rows.labels == ("sgd",)
    assert drawn.columns.labels == ("0.005", "0.011", "0.023", "0.05", "0.11", "0.23", "0.5", "1.1")
    assert states(drawn)[0] == ["awaited"] + ["finished"] * 4 + ["awaited"] * 3


def test_rates_of_several_presets_share_thirds_of_a_decade(home: Home) -> None:
    """SGD begins at 0.005 and Adam at 0.0002: where one has no rate the cell is empty, and each has eight of its own."""
    plan = make_plan(space={}, search="rate")
    drawn = heat_map(write_sweep(home, [], plan=plan))
    assert [line.count("awaited") for line in states(drawn)] == [8, 8]
    assert drawn.columns.labels[0] == "0.00022"
    assert drawn.columns.title == "lr, nearest third of a decade"
    assert states(drawn)[1][0] == "awaited"
    assert states(drawn)[0][0] == "none"


def test_seeds_are_averaged(home: Home) -> None:
    """A cell of two seeds has mean and deviation; while the second is still to come it runs, half done."""
    plan = make_plan(presets=("sgd",), seeds=(7, 8))
    drawn = heat_map(write_sweep(home, [0.6, 0.8, 0.5], plan=plan))
    whole, half, _ = drawn.cells[0]
    assert whole.value == pytest.approx(0.7)
    assert whole.sd == pytest.approx(0.1 * math.sqrt(2))
    assert (half.state, half.value, half.sd, half.epoch, half.epochs) == ("running", 0.5, None, 5, 10)


def test_keys_turn(home: Home) -> None:
    """The next key becomes the row or the column; where it is the other one they change places."""
    plan = make_plan(space={"lr": (0.01, 0.1), "batch_size": (64, 128)})
    assert map_keys(plan) == ["arm", "lr", "batch_size"]
    assert turned_axes(plan, ("arm", "lr"), of_rows=False) == ("arm", "batch_size")
    assert turned_axes(plan, ("arm", "batch_size"), of_rows=False) == ("batch_size", "arm")
    assert turned_axes(plan, ("arm", "lr"), of_rows=True) == ("lr", "arm")
    assert turned_axes(make_plan(presets=("sgd",)), ("arm", "lr"), of_rows=True) is None
    turned = heat_map(write_sweep(home, [0.7, 0.6, 0.5, 0.4], plan=plan), rows="lr", columns="batch_size")
    assert turned.folded == ("arm",)
    assert [[cell.value for cell in line] for line in turned.cells] == [[0.7, 0.6], [0.5, 0.4]]


def test_arms_of_several_scenarios_are_never_folded() -> None:
    """Figures of different scenarios do not compare: their arms stay an axis."""
    plan = make_plan(scenarios=("mlp-fashion", "lenet5-fashion"), space={"lr": (0.01, 0.1), "batch_size": (64, 128)})
    assert turned_axes(plan, ("arm", "lr"), of_rows=True) == ("lr", "arm")
    assert turned_axes(plan, ("lr", "arm"), of_rows=True) == ("batch_size", "arm")
    assert turned_axes(plan, ("arm", "batch_size"), of_rows=False) == ("batch_size", "arm")


def test_ranks_stay_within_a_scenario(home: Home) -> None:
    """The best cell of each scenario has rank 0."""
    plan = make_plan(scenarios=("mlp-fashion", "lenet5-fashion"), presets=("sgd",), space={"lr": (0.01, 0.1)})
    drawn = heat_map(write_sweep(home, [0.7, 0.6, 2.0, 1.0], plan=plan))
    assert drawn.rows.title == "scenario"
    assert [[cell.rank for cell in line] for line in drawn.cells] == [[1.0, 0.0], [1.0, 0.0]]


def test_a_range_has_no_map() -> None:
    """Continuous values are points, not cells."""
    assert map_keys(make_plan(search="random", trials=3, space={"lr": Range(low=0.01, high=1.0)})) == []


def test_random_points_of_listed_values_have_a_map(home: Home) -> None:
    """All listed values are there; what the search has not come to is no promise."""
    plan = make_plan(presets=("sgd",), search="random", trials=2)
    point = Point(scenario="mlp-fashion", preset="sgd", values=(("lr", 0.1),))
    assert states(heat_map(write_sweep(home, [0.7], plan=plan, points=[point]))) == [["none", "finished", "none"]]


def test_a_point_stands_for_itself(home: Home) -> None:
    """The table's rows know state and winner as cells do."""
    view = write_sweep(home, [0.7, 0.5, "diverged"])
    assert [standing(view, verdict).state for verdict in view.verdicts] == ["finished", "finished", "diverged"]
    assert [standing(view, verdict).is_winner for verdict in view.verdicts] == [False, True, False]


def test_the_sensitivity_curve_breaks_where_there_is_no_figure(home: Home) -> None:
    """A line per row over the rates that were tried; a diverged one is a gap, one to come is not there yet."""
    sgd, adam = sensitivity(heat_map(write_sweep(home, [0.7, "diverged", 0.9, 0.6])))
    assert (sgd.name, sgd.xs) == ("sgd", (0.01, 0.1, 1.0))
    assert (sgd.ys[0], math.isnan(sgd.ys[1]), sgd.ys[2]) == (0.7, True, 0.9)
    assert (adam.xs, adam.ys) == ((0.01,), (0.6,))


def test_values_that_are_no_numbers_have_no_sensitivity_curve(home: Home) -> None:
    """Switches are cells only."""
    plan = make_plan(presets=("sgd",), space={"nesterov": (True, False)}, settings={"momentum": 0.9})
    assert sensitivity(heat_map(write_sweep(home, [0.5, 0.6], plan=plan))) == []


def test_the_best_so_far_never_rises(home: Home) -> None:
    """Against the number of tried points, for each preset; a diverged point counts and changes nothing."""
    sgd, adam = best_so_far(write_sweep(home, [0.7, 0.8, "diverged", "diverged", 0.6, "running"]))
    assert (sgd.xs, sgd.ys) == ((1.0, 2.0, 3.0), (0.7, 0.7, 0.7))
    assert math.isnan(adam.ys[0])
    assert adam.ys[1:] == (0.6,)


def test_progress_counts_searched_and_final_runs(home: Home) -> None:
    """Six trials and two final runs of each winner; a search for a rate may have more."""
    plan = make_plan(final=FinalSpec(seeds=(101, 102)))
    progress = sweep_progress(write_sweep(home, [0.7, 0.5, "running"], plan=plan))
    assert progress.text == "2/10"
    assert progress.best is not None
    assert progress.best.value == 0.5
    rate = sweep_progress(write_sweep(home, [0.7], plan=make_plan(presets=("sgd",), space={}, search="rate")))
    assert rate.text == "1/8+"
    decay = make_plan(presets=("adam",), space={}, search="rate", tuned="beta1")
    few = sweep_progress(write_sweep(home, [0.7], plan=decay))
    assert few.text == "1/4+"  # 0.9 times 10^(k/3) is below 1 for k from -3 to 0


def test_epochs_of_seeds_that_were_given_up_are_not_added(home: Home) -> None:
    """Each was pruned after three; one that came through does not count among them."""
    plan = make_plan(presets=("sgd",), seeds=(7, 8), space={"lr": (0.01, 0.1)}, prune="median")
    both, one = heat_map(write_sweep(home, ["pruned", "pruned", "pruned", 0.6], plan=plan)).cells[0]
    assert (both.state, both.ended_after) == ("pruned", (3, 3))
    assert (one.state, one.ended_after) == ("pruned", (3, 3))

"""The race: ranks at equal cost, and what targets cost on each axis."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.factories import (
    SECONDS_PER_EPOCH,
    STEPS_PER_EPOCH,
    make_events,
    make_preset,
    make_result,
    make_run,
    make_series,
    make_spec,
)
from tui_optim.report.bands import Seeds, group_seeds
from tui_optim.report.cells import Table
from tui_optim.report.formats import row_objects
from tui_optim.report.measures import Measure, find_measure
from tui_optim.report.race import costs, finish, measures_of, standings
from tui_optim.report.race_table import standing_table, target_table
from tui_optim.report.series import AXES, Axis, load_series
from tui_optim.report.targets import Target, reach
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RunState
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

ACCURACY, LOSS = Measure("test", "accuracy"), Measure("test", "loss")
FAST = [0.1, 0.5, 0.7, 0.8]
SLOW = [0.1, 0.3, 0.6, 0.9]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def run_of(
    home: Home,
    preset: str,
    accuracies: Sequence[float],
    *,
    seed: int = 1,
    state: RunState = "finished",
    scenario: str = "lenet5-fashion",
) -> StoredRun:
    """A run with these test accuracies, that of the untrained model first; the loss is 1 minus them."""
    spec = make_spec(scenario, make_preset(preset), seed=seed, epochs=3)
    results = [make_result(spec, i, test_accuracy=value, test_loss=1 - value) for i, value in enumerate(accuracies)]
    return make_run(home, spec, state=state, results=results)


def field_of(*runs: StoredRun) -> list[Seeds]:
    """The settings of these runs."""
    return group_seeds(runs, {run.run_id: load_series(run.folder) for run in runs})


def order(field: Sequence[Seeds], measure: Measure, x: float) -> list[tuple[int | None, str]]:
    """Ranks and presets at some epoch."""
    return [(one.rank, one.seeds.spec.preset) for one in standings(field, measure, "epoch", x)]


def test_the_lead_changes_along_the_race(home: Home) -> None:
    """Higher accuracy and lower loss lead; the order in which runs were made decides nothing."""
    field = field_of(run_of(home, "slow", SLOW), run_of(home, "fast", FAST))
    assert order(field, ACCURACY, 1) == order(field, LOSS, 1) == [(1, "fast"), (2, "slow")]
    assert order(field, ACCURACY, 3) == order(field, LOSS, 3) == [(1, "slow"), (2, "fast")]


def test_between_evaluations_lies_a_straight_line(home: Home) -> None:
    """The value at any x of any axis is that of the drawn curve; mean and deviation over seeds as numpy has them."""
    seeds = [[0.1, 0.5, 0.7], [0.1, 0.4, 0.9], [0.2, 0.6, 0.8]]
    field = field_of(*(run_of(home, "adam", values, seed=seed) for seed, values in enumerate(seeds)))
    expected = [np.interp(1.25, [0, 1, 2], values) for values in seeds]
    units: dict[Axis, float] = {"epoch": 1.0, "step": STEPS_PER_EPOCH, "seconds": SECONDS_PER_EPOCH}
    for axis, unit in units.items():
        (one,) = standings(field, ACCURACY, axis, 1.25 * unit)
        assert one.values == pytest.approx(expected)
        assert one.mean == pytest.approx(np.mean(expected))
        assert one.sd == pytest.approx(np.std(expected, ddof=1))


def test_equal_means_share_a_rank(home: Home) -> None:
    """The one after two firsts is third."""
    field = field_of(run_of(home, "a", FAST), run_of(home, "b", FAST), run_of(home, "c", [0.1, 0.2, 0.2, 0.2]))
    assert order(field, ACCURACY, 2) == [(1, "a"), (1, "b"), (3, "c")]


def test_who_is_not_there_yet_has_no_rank(home: Home) -> None:
    """A run still going counts up to its last point; a finished one waits with its last value."""
    field = field_of(run_of(home, "going", SLOW[:2], state="running"), run_of(home, "done", FAST[:3]))
    assert order(field, ACCURACY, 1) == [(1, "done"), (2, "going")]
    assert order(field, ACCURACY, 9) == [(1, "done"), (None, "going")]


def test_a_diverged_run_comes_last(home: Home) -> None:
    """Its loss is infinite and its accuracy chance, from where it diverged to the end."""
    field = field_of(run_of(home, "lost", FAST[:2], state="diverged"), run_of(home, "slow", SLOW))
    assert order(field, ACCURACY, 1) == [(1, "lost"), (2, "slow")]
    assert order(field, LOSS, 3) == order(field, ACCURACY, 3) == [(1, "slow"), (2, "lost")]
    assert standings(field, LOSS, "epoch", 3)[1].mean == math.inf
    assert standings(field, ACCURACY, "epoch", 3)[1].mean == 0.1


def test_other_data_is_another_contest(home: Home) -> None:
    """An MLP is never ranked against a LeNet-5."""
    field = field_of(run_of(home, "slow", SLOW), run_of(home, "mlp", FAST, scenario="mlp-fashion"))
    assert [one.rank for one in standings(field, ACCURACY, "epoch", 1)] == [1, 1]
    assert not standing_table(field, ACCURACY, "epoch", 1).best


def test_measures_are_those_that_exist(home: Home) -> None:
    """The held-out ones first; a queued run has none."""
    assert [one.name for one in measures_of(field_of(run_of(home, "adam", FAST, scenario="mlp-fashion")))] == [
        "val_accuracy", "val_loss", "test_accuracy", "test_loss", "train_accuracy", "train_loss",
    ]  # fmt: skip
    assert measures_of(field_of(run_of(home, "adam", FAST)))[0].name == "test_accuracy"
    assert measures_of(field_of(run_of(home, "adam", [], state="queued"))) == []
    with pytest.raises(UsageError, match="val_accuracy"):
        find_measure("val_acuracy")


def test_the_finish_is_where_the_last_run_is(home: Home) -> None:
    """In the units of the axis."""
    field = field_of(run_of(home, "a", FAST[:2]), run_of(home, "b", FAST))
    assert finish(field, ACCURACY, "gradient_evaluations") == 180_000
    assert math.isnan(finish(field, Measure("val", "loss"), "step"))


def test_targets_cost_what_was_spent_on_each_axis(home: Home) -> None:
    """One rule for all units: the end of the first epoch that met it."""
    field = field_of(run_of(home, "fast", FAST))
    target = Target("test_accuracy", 0.65)
    found = {axis: costs(field, target, axis)[0].median for axis in AXES}
    assert found == {
        "epoch": 2.0,
        "step": 2 * STEPS_PER_EPOCH,
        "seconds": 2 * SECONDS_PER_EPOCH,
        "gradient_evaluations": 120_000,
    }


def test_the_median_counts_misses_as_infinite() -> None:
    """Two of three met it: the middle one is the later of them; a diverged run never meets any."""
    spec = make_spec(epochs=3)
    results = [
        make_series(make_events(spec, results=[make_result(spec, i, test_accuracy=y) for i, y in enumerate(values)]))
        for values in (FAST, SLOW, FAST)
    ]
    target = Target("test_accuracy", 0.6)
    found = reach([("finished", results[0]), ("finished", results[1]), ("diverged", results[2])], target)
    assert (found.costs, found.num_hits, found.median) == ((2.0, 2.0, math.inf), 2, 2.0)
    high = reach([("finished", one) for one in results], Target("test_accuracy", 0.85))
    assert (high.num_hits, high.median) == (1, math.inf)


def test_a_run_still_going_is_no_miss(home: Home) -> None:
    """While it may still decide the median, there is none."""
    field = field_of(
        run_of(home, "adam", FAST, seed=1),
        run_of(home, "adam", FAST[:2], seed=2, state="running"),
        run_of(home, "adam", FAST[:2], seed=3, state="stopped"),
    )
    (found,) = costs(field, Target("test_accuracy", 0.75), "epoch")
    assert (found.num_hits, found.num_open, found.median) == (1, 2, None)
    table = target_table(field, [Target("test_accuracy", 0.75)], "epoch")
    assert table.rows[0][-1] == "– (1/3 · 2 open)"
    assert row_objects(table)[0]["open_test_accuracy>=0.75"] == 2


def test_what_comes_later_can_be_hidden(home: Home) -> None:
    """A replay does not tell the end before it gets there."""
    field = field_of(run_of(home, "fast", FAST))
    target = Target("test_accuracy", 0.75)
    assert costs(field, target, "epoch", until_s=2.9 * SECONDS_PER_EPOCH)[0].median is None
    assert costs(field, target, "epoch", until_s=3.0 * SECONDS_PER_EPOCH)[0].median == 3.0


def cells(table: Table, number: int) -> dict[str, object]:
    """A row by the keys of its columns."""
    return dict(zip([column.key for column in table.columns], table.rows[number], strict=True))


def test_the_table_says_rank_value_and_seeds(home: Home) -> None:
    """Mean ± sd on the screen, full precision in files with the place on the axis; the leader is bold."""
    field = field_of(
        run_of(home, "slow", SLOW, seed=1),
        run_of(home, "fast", FAST, seed=1),
        run_of(home, "fast", [0.1, 0.52, 0.7, 0.8], seed=2),
        run_of(home, "fast", [0.1], seed=3, state="running"),
    )
    table = standing_table(field, ACCURACY, "seconds", SECONDS_PER_EPOCH)
    assert table.title == "Standings at 2.0 seconds, LeNet-5 on Fashion-MNIST"
    assert cells(table, 0) == {"rank": 1, "preset": "fast", "test_accuracy": "51.00 ± 1.41", "n": "2/3"}
    assert cells(table, 1)["n"] == 1
    row = row_objects(table)[0]
    assert (row["n"], row["num_runs"], row["at_seconds"]) == (2, 3, SECONDS_PER_EPOCH)
    assert row["test_accuracy"] == pytest.approx(0.51)
    assert table.best == {(0, 2)}
    assert any("straight lines" in note for note in table.notes)
    assert any(note.startswith("row 1: tui-optim run lenet5-fashion fast --seeds 1..3") for note in table.notes)


def test_the_table_of_targets_names_its_unit(home: Home) -> None:
    """A column per target in the chosen unit; ∞ where missed."""
    targets = [Target("test_accuracy", 0.65), Target("test_loss", 0.15)]
    table = target_table(field_of(run_of(home, "fast", FAST), run_of(home, "slow", SLOW)), targets, "seconds")
    assert cells(table, 0) == {
        "preset": "fast",
        "seconds_to_test_accuracy>=0.65": "4.0 (1/1)",
        "seconds_to_test_loss<=0.15": "∞ (0/1)",
    }
    assert [column.title for column in table.columns][1:] == ["seconds to 65 % test", "seconds to test loss 0.15"]


def test_without_a_measure_each_contest_is_ranked_by_its_own(home: Home) -> None:
    """Runs that hold data out by validation, those on the full training set by test; neither makes the other go away."""
    held_out = make_run(home, make_spec(preset=make_preset("sgd"), epochs=3, holdout=True))
    table = standing_table(field_of(held_out, run_of(home, "fast", FAST), run_of(home, "slow", SLOW)), None, "epoch", 3)
    keys = [column.key for column in table.columns]
    rows = [dict(zip(keys, row, strict=True)) for row in table.rows]
    assert [(row["rank"], row["val_accuracy"], row["test_accuracy"]) for row in rows] == [
        (1, "82.00", None),
        (1, None, f"{100 * SLOW[3]:.2f}"),
        (2, None, f"{100 * FAST[3]:.2f}"),
    ]
    assert table.best == {(1, keys.index("test_accuracy"))}

"""Settings over seeds: which runs belong together, and how settings differ from a reference."""

import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec
from tui_optim.report.cells import Cell, Table, format_cell
from tui_optim.report.comparison import make_settings
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import FORMATS, row_objects
from tui_optim.report.series import load_series
from tui_optim.report.tables import results_table
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.results import Cost
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

SEEDS = (1, 2, 3, 4, 5)
SGD = (0.80, 0.81, 0.82, 0.80, 0.82)
ADAM = (0.83, 0.835, 0.85, 0.84, 0.845)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def runs_of(
    home: Home,
    preset: str,
    accuracies: Sequence[float],
    *,
    seeds: Sequence[int] = SEEDS,
    overrides: dict[str, Value] | None = None,
    scenario: str = "lenet5-fashion",
) -> list[StoredRun]:
    """Finished runs of two epochs with these final test accuracies."""
    runs = []
    for seed, accuracy in zip(seeds, accuracies, strict=True):
        spec = make_spec(scenario, make_preset(preset), seed=seed, overrides=overrides)
        results = [make_result(spec, epoch, test_accuracy=accuracy if epoch == 2 else 0.5) for epoch in range(3)]
        runs.append(make_run(home, spec, results=results))
    return runs


def compare(runs: Sequence[StoredRun], *, reference: str | None = None, targets: Sequence[Target] = ()) -> Table:
    """The table of these runs."""
    series = {run.run_id: load_series(run.folder) for run in runs}
    return comparison_table(runs, series, reference=reference, targets=targets)


def shown(table: Table, number: int) -> dict[str, Cell]:
    """A row by the keys of its columns."""
    return dict(zip([column.key for column in table.columns], table.rows[number], strict=True))


def test_seeds_of_one_setting_make_a_row(home: Home) -> None:
    """Equal numbers but the seed belong together; another rate, number of epochs or hold-out is another setting."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "sgd", SGD[:1], seeds=(1,), overrides={"lr": 0.5})
    runs += [make_run(home, make_spec(preset=make_preset("sgd"), epochs=3))]
    runs += [make_run(home, make_spec(preset=make_preset("sgd"), holdout=True))]
    found = make_settings(runs, {run.run_id: load_series(run.folder) for run in runs})
    assert [len(setting.entries) for setting in found] == [5, 1, 1, 1]


def test_a_value_typed_as_the_preset_has_it_is_the_same_setting(home: Home) -> None:
    """What was typed does not matter, only the numbers that it led to."""
    runs = runs_of(home, "sgd", SGD[:1], seeds=(1,)) + runs_of(
        home, "sgd", SGD[:1], seeds=(2,), overrides={"lr": 0.001}
    )
    assert len(make_settings(runs, {run.run_id: load_series(run.folder) for run in runs})) == 1


def test_mean_and_deviation_over_the_seeds(home: Home) -> None:
    """The cell shows mean ± sd; files have both in full precision."""
    table = compare(runs_of(home, "sgd", SGD))
    assert shown(table, 0)["n"] == 5
    assert shown(table, 0)["test_accuracy"] == "81.00 ± 1.00"
    row = row_objects(table)[0]
    assert row["test_accuracy"] == pytest.approx(statistics.fmean(SGD), abs=1e-15)
    assert row["test_accuracy_sd"] == pytest.approx(statistics.stdev(SGD), abs=1e-15)


def test_p_is_adjusted_over_the_rows_with_one_reference(home: Home) -> None:
    """Two rows of smallest p are both doubled by Holm's method."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM) + runs_of(home, "adamw", ADAM)
    table = compare(runs)
    assert [shown(table, i)["p"] for i in range(3)] == [None, 0.0625, 0.0625]
    assert [shown(table, i)["p_holm"] for i in range(3)] == [None, 0.125, 0.125]
    assert shown(table, 0)["difference"] == "reference"
    assert any("smallest possible is 0.0625 with 5" in note for note in table.notes)
    (column,) = (one for one in table.columns if one.key == "p")
    assert format_cell(column, 0.0625) == "0.0625"


def test_three_seeds_allow_no_inference(home: Home) -> None:
    """Neither interval nor p is shown; a note says why."""
    runs = runs_of(home, "sgd", SGD[:3], seeds=SEEDS[:3]) + runs_of(home, "adam", ADAM[:3], seeds=SEEDS[:3])
    table = compare(runs)
    row = shown(table, 1)
    assert row["difference"] == "2.83"
    assert row["test_accuracy_low"] is None
    assert "p" not in row
    assert any("no interval and no p" in note for note in table.notes)


def test_the_declared_reference_is_used_or_named_as_missing(home: Home) -> None:
    """Any preset may be it; a wrong name gets the nearest."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM)
    assert shown(compare(runs, reference="adam"), 1)["difference"] == "reference"
    with pytest.raises(UsageError, match="adam"):
        compare(runs, reference="adan")


def test_settings_show_what_their_presets_do_not_tell(home: Home) -> None:
    """A sweep of the rate has a column for it, and so have winners of two presets; of presets as they are the name is enough."""
    sweep = runs_of(home, "sgd", SGD) + runs_of(home, "sgd", SGD, overrides={"lr": 0.5})
    assert [shown(compare(sweep), i)["lr"] for i in (0, 1)] == [0.001, 0.5]
    assert "lr" not in shown(compare(runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM)), 0)
    winners = runs_of(home, "sgd", SGD, overrides={"lr": 0.1, "batch_size": 8})
    winners += runs_of(home, "adam", ADAM, overrides={"lr": 0.5, "batch_size": 30})
    table = compare(winners)
    assert [(shown(table, i)["lr"], shown(table, i)["batch_size"]) for i in (0, 1)] == [(0.1, 8), (0.5, 30)]
    assert row_objects(table)[1]["batch_size"] == 30


def test_references_stay_on_their_scenario(home: Home) -> None:
    """An MLP is never compared with a LeNet-5."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM, scenario="mlp-fashion")
    table = compare(runs)
    assert [shown(table, i)["scenario"] for i in (0, 1)] == ["lenet5-fashion", "mlp-fashion"]
    assert "difference" not in shown(table, 0)


def test_targets_tell_median_cost_and_hits(home: Home) -> None:
    """Missed counts as ∞ in the median; its interval over five seeds and the runs that reached it stand behind."""
    target = Target("test_accuracy", 0.815)
    table = compare(runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM), targets=[target])
    key = "epochs_to_test_accuracy>=0.815"
    assert [shown(table, i)[key] for i in (0, 1)] == ["∞ [2.0, ∞] (2/5)", "2.0 (5/5)"]
    assert [row["hits_test_accuracy>=0.815"] for row in row_objects(table)] == [2, 5]
    assert [row_objects(table)[0][f"{key}{end}"] for end in ("", "_low", "_high")] == ["Infinity", 2.0, "Infinity"]
    assert any("95 % bootstrap interval" in note for note in table.notes)


def test_three_seeds_give_the_cost_no_interval(home: Home) -> None:
    """Median and hits only, and no note about brackets."""
    table = compare(runs_of(home, "sgd", SGD[:3], seeds=SEEDS[:3]), targets=[Target("test_accuracy", 0.5)])
    assert shown(table, 0)["epochs_to_test_accuracy>=0.5"] == "0.0 (3/3)"
    assert row_objects(table)[0]["epochs_to_test_accuracy>=0.5_low"] is None
    assert not any("bootstrap" in note for note in table.notes)


def test_without_targets_the_scenarios_own_are_told(home: Home) -> None:
    """LeNet-5: 0.88, 0.89 and 0.9 of the test accuracy; held out: of the validation accuracy."""
    table = compare(runs_of(home, "sgd", SGD))
    assert [key for key in shown(table, 0) if key.startswith("epochs_to")] == [
        f"epochs_to_test_accuracy>={value}" for value in ("0.88", "0.89", "0.9")
    ]
    held_out = compare([make_run(home, make_spec(preset=make_preset("sgd"), holdout=True))])
    assert "epochs_to_val_accuracy>=0.88" in shown(held_out, 0)


def test_the_floor_is_that_of_the_examples_that_were_evaluated(home: Home) -> None:
    """10,000 test images; held out a sixth of the training set; both where both are among the rows."""
    tested, held_out = runs_of(home, "sgd", SGD), make_run(home, make_spec(preset=make_preset("sgd"), holdout=True))
    assert (
        "floor: the standard error of an accuracy of 90 % is 0.30 points on 10,000 test images" in compare(tested).notes
    )
    (floor,) = (note for note in compare([held_out]).notes if note.startswith("floor"))
    assert floor.endswith("0.30 points on 10,000 held-out images")
    circles = make_run(home, make_spec("circles", make_preset("sgd"), holdout=True))
    (floor,) = (note for note in compare([circles, *tested]).notes if note.startswith("floor"))
    assert floor.endswith("5.22 points on 33 held-out points, 0.30 points on 10,000 test images")


def test_a_target_that_a_row_cannot_have_is_neither_met_nor_missed(home: Home) -> None:
    """The test accuracy of a run that never saw the test set; files are empty there, too."""
    runs = [
        *runs_of(home, "sgd", SGD[:1], seeds=(1,)),
        make_run(home, make_spec(preset=make_preset("sgd"), holdout=True)),
    ]
    table = compare(runs, targets=[Target("test_accuracy", 0.9), Target("val_accuracy", 0.9)])
    for key, cells in (("test_accuracy", ["∞ (0/1)", None]), ("val_accuracy", [None, "∞ (0/1)"])):
        assert [shown(table, i)[f"epochs_to_{key}>=0.9"] for i in (0, 1)] == cells
    row = row_objects(table)[1]
    assert (row["epochs_to_test_accuracy>=0.9"], row["hits_test_accuracy>=0.9"]) == (None, None)


def test_a_diverged_run_counts(home: Home) -> None:
    """Chance accuracy, loss NaN, infinite cost, a column that says how many."""
    runs = runs_of(home, "sgd", SGD[:4], seeds=SEEDS[:4])
    runs.append(make_run(home, make_spec(preset=make_preset("sgd"), seed=5), state="diverged", reason="loss"))
    table = compare(runs, targets=[Target("test_accuracy", 0.5)])
    assert shown(table, 0)["diverged"] == 1
    row = row_objects(table)[0]
    assert row["test_accuracy"] == pytest.approx((sum(SGD[:4]) + 0.1) / 5)
    assert row["test_loss"] == "NaN"
    assert row["hits_test_accuracy>=0.5"] == 4
    assert (shown(table, 0)["train_time_s"], shown(table, 0)["effective_epochs"]) == ("∞", "∞")


def test_unfinished_runs_are_left_out_and_told(home: Home) -> None:
    """Running and stopped runs do not count; without any other run there is nothing to compare."""
    stopped = make_run(home, make_spec(preset=make_preset("sgd"), seed=8), state="stopped")
    table = compare([*runs_of(home, "sgd", SGD), stopped])
    assert any(note.startswith("1 run(s) left out") for note in table.notes)
    with pytest.raises(UsageError, match="none of these runs is at its end"):
        compare([stopped])


def test_the_best_means_are_marked_among_comparable_rows(home: Home) -> None:
    """The highest accuracy is bold in LaTeX; rows that read the same are all best."""
    table = compare(runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM))
    column = [one.key for one in table.columns].index("test_accuracy")
    assert (1, column) in table.best
    assert (0, column) not in table.best
    assert r"\textbf{84.00 $\pm$ 0.79}" in FORMATS["latex"](table)


def test_notes_tell_how_to_repeat_a_row(home: Home) -> None:
    """One command per row with all its seeds."""
    table = compare(runs_of(home, "sgd", SGD))
    assert any(
        note.startswith("row 1: tui-optim run lenet5-fashion sgd --seeds 1..5 --epochs 2") for note in table.notes
    )
    assert any(note.startswith("seeds: 1..5") for note in table.notes)


def test_many_seeds_have_no_exact_p(home: Home) -> None:
    """Beyond what can be enumerated p is left empty rather than approximated."""
    seeds = range(1, 22)
    runs = runs_of(home, "sgd", [0.8] * 21, seeds=seeds) + runs_of(home, "adam", [0.9] * 21, seeds=seeds)
    assert "p" not in shown(compare(runs), 1)


def test_a_lost_final_result_is_no_crash(home: Home) -> None:
    """A diverged run without any epoch has chance accuracy and infinite cost, like every other."""
    spec = make_spec(preset=make_preset("sgd"))
    run = make_run(home, spec, state="diverged", results=[], reason="loss")
    row = row_objects(compare([replace(run)]))[0]
    assert row["test_accuracy"] == 0.1
    assert row["train_time_s"] == "Infinity"


def test_only_a_reference_is_called_one(home: Home) -> None:
    """A setting on a scenario without one has no difference, and so has a setting that shares no seed with it."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM, scenario="mlp-fashion")
    runs += runs_of(home, "adamw", ADAM[:2], seeds=(8, 9))
    table = compare(runs)
    assert [shown(table, i)["difference"] for i in range(3)] == ["reference", None, None]
    assert [row["difference"] for row in row_objects(table)] == [None, None, None]


def test_test_is_told_at_the_validation_best_epoch_too(home: Home) -> None:
    """Where a validation set is the scenario's own: validation and test at the last epoch, then test where validation chose."""
    runs = []
    for seed, (chosen, last) in zip(
        SEEDS, [(0.84, 0.80), (0.86, 0.82), (0.85, 0.81), (0.83, 0.79), (0.87, 0.83)], strict=True
    ):
        spec = make_spec("mlp-fashion", make_preset("sgd"), seed=seed)
        results = [make_result(spec, epoch, test_accuracy=(0.1, chosen, last)[epoch]) for epoch in range(3)]
        runs.append(make_run(home, spec, results=results, best=replace(results[1], test_loss=0.4)))
    table = compare(runs)
    row, stored = shown(table, 0), row_objects(table)[0]
    assert row["val_accuracy"] == "82.00 ± 0.00"
    assert (row["test_accuracy"], row["test_accuracy_at_val_best"]) == ("81.00 ± 1.58", "85.00 ± 1.58")
    assert (row["test_loss_at_val_best"], stored["val_best_epoch"]) == ("0.4000 ± 0.0000", 1)
    assert stored["test_accuracy_at_val_best"] == pytest.approx(0.85)
    assert any("at val-best: at each run's epoch with the lowest validation loss" in note for note in table.notes)

    lost = make_run(
        home, make_spec("mlp-fashion", make_preset("sgd"), seed=6), state="diverged", best=runs[0].status.best
    )
    row = row_objects(compare([*runs, lost]))[0]
    assert row["test_accuracy_at_val_best"] == pytest.approx((5 * 0.85 + 0.1) / 6)
    assert "test_accuracy_at_val_best" not in shown(compare(runs_of(home, "sgd", SGD)), 0)


def test_memory_is_a_cost_over_seeds(home: Home) -> None:
    """Mean ± sd of the peaks; a diverged run took some like any other; tables of runs that measured none have no such column."""
    runs = []
    for seed, peak in ((1, 500.0), (2, 504.0)):
        spec = make_spec(preset=make_preset("sgd"), seed=seed)
        final = replace(make_result(spec, 2), peak_memory_mib=peak)
        runs.append(make_run(home, spec, state="diverged" if seed == 2 else "finished", final=final))
    table = compare(runs)
    assert shown(table, 0)["peak_memory_mib"] == "502 ± 3"
    assert any(note.startswith("memory: the peak since the run's start") for note in table.notes)
    assert [shown(results_table(runs), i)["peak_memory_mib"] for i in (0, 1)] == [500.0, 504.0]
    assert "peak_memory_mib" not in shown(compare(runs_of(home, "sgd", SGD)), 0)


def test_rows_that_end_at_another_cost_are_told(home: Home) -> None:
    """A method that steps over its budget is not ahead for that alone; files have what was counted."""
    runs = runs_of(home, "sgd", SGD)
    for seed in SEEDS:
        spec = make_spec("lenet5-fashion", make_preset("adam"), seed=seed)
        results = [make_result(spec, epoch) for epoch in range(3)]
        last = results[-1]
        spent = Cost(examples_forward_backward=3 * last.cost.examples_forward_backward, line_search_evaluations=7)
        results[-1] = replace(last, cost=spent, effective_epochs=3 * last.effective_epochs)
        runs.append(make_run(home, spec, results=results))
    table = compare(runs)
    assert [one for one in table.notes if "off the cost" in one] == [
        "row 2: more than 5% off the cost of the reference at the end; the race and `compare --at` rank at an equal cost"
    ]
    assert [row["line_search_evaluations"] for row in row_objects(table)] == [0, 7]
    assert not any("off the cost" in one for one in compare(runs[:5]).notes)


def test_fewer_pairs_than_seeds_are_told(home: Home) -> None:
    """Δ and p are over the seeds that the reference has too: a note says of which rows, files have a column for it."""
    runs = runs_of(home, "sgd", SGD) + runs_of(home, "adam", ADAM, seeds=(3, 4, 5, 6, 7))
    runs += runs_of(home, "rmsprop", ADAM)
    table = compare(runs, reference="sgd")

    assert [note for note in table.notes if "seeds, those" in note] == [
        "Δ and p of row 2: over 3 of 5 seeds, those that the reference has too"
    ]
    assert [row["pairs"] for row in row_objects(table)] == [None, 3, 5]

"""Files of tables whose rows stand for several runs: what is needed to trust and repeat each row is in them."""

import csv
import io
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.factories import make_preset, make_result, make_run, make_spec
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.report.bands import group_seeds
from tui_optim.report.cells import Table
from tui_optim.report.comparison import make_settings
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import FORMATS
from tui_optim.report.profile import make_profile
from tui_optim.report.profile_table import profile_table
from tui_optim.report.race_table import standing_table, target_table
from tui_optim.report.series import RunSeries, load_series
from tui_optim.report.sweep_object import sweep_object, sweep_text
from tui_optim.report.targets import Target
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

SEEDS = (1, 2, 3, 4, 5)
TARGET = Target("test_accuracy", 0.5)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def runs_of(
    home: Home, preset: str, *, scenario: str = "lenet5-fashion", seeds: Sequence[int] = SEEDS
) -> list[StoredRun]:
    """Finished runs with an accuracy of their own."""
    specs = [make_spec(scenario, make_preset(preset), seed=seed) for seed in seeds]
    figures = [
        [make_result(spec, epoch, test_accuracy=0.8 + 0.001 * spec.seed) for epoch in range(3)] for spec in specs
    ]
    return [make_run(home, spec, results=results) for spec, results in zip(specs, figures, strict=True)]


def logs(runs: Sequence[StoredRun]) -> dict[str, RunSeries]:
    """Their logs by id."""
    return {run.run_id: load_series(run.folder) for run in runs}


def rows_of(table: Table) -> list[dict[str, str]]:
    """The rows of its CSV file."""
    return list(csv.DictReader(io.StringIO(FORMATS["csv"](table))))


def check_provenance(row: dict[str, str], runs: Sequence[StoredRun]) -> None:
    """A row names its runs, on what they ran and were judged, and a command that makes them again."""
    assert row["seeds"] == "1..5"
    assert row["run_ids"].split() == [run.run_id for run in runs]
    assert (row["scenario"], row["data"], row["split"], row["planned_epochs"]) == (
        "lenet5-fashion",
        "full",
        "test",
        "2",
    )
    assert (row["device"], row["threads"]) == ("cpu (Test CPU)", "2")
    assert row["versions"] == "python 3.11.7, torch 2.14.1, tui-optim 0.1.0"
    words = shlex.split(row["command"])
    assert words[:4] == ["tui-optim", "run", "lenet5-fashion", runs[0].info.spec.preset]
    assert {"1..5", "2"} <= set(words)
    assert "--threads" in words


def test_a_comparison_says_who_is_compared_with_whom_and_by_which_methods(home: Home) -> None:
    """The reference of each row by its name, its own in its own row; the methods of intervals and p, where there are any."""
    sgd, adam, few = runs_of(home, "sgd"), runs_of(home, "adam"), runs_of(home, "adamw", seeds=(1, 2))
    rows = rows_of(comparison_table([*sgd, *adam, *few], logs([*sgd, *adam, *few]), targets=[TARGET]))
    check_provenance(rows[0], sgd)
    check_provenance(rows[1], adam)
    assert [(row["setting"], row["reference"]) for row in rows] == [("sgd", "sgd"), ("adam", "sgd"), ("adamw", "sgd")]
    assert ["Student's t" in row["ci_method"] for row in rows] == [True, True, False]
    assert ["sign flips" in row["p_method"] for row in rows] == [False, True, False]
    assert ["bootstrap" in row["median_ci_method"] for row in rows] == [True, True, False]


def test_a_row_without_a_reference_names_none(home: Home) -> None:
    """On a scenario of its own there is nobody to be compared with."""
    (row,) = rows_of(comparison_table(runs := runs_of(home, "adam"), logs(runs)))
    assert (row["reference"], row["p_method"]) == ("", "")


def test_both_tables_of_a_race_can_be_repeated(home: Home) -> None:
    """The standings, whose order is not that of the runs, and the costs of targets."""
    by_preset = {name: runs_of(home, name) for name in ("sgd", "adam")}
    runs = [run for found in by_preset.values() for run in found]
    field = group_seeds(runs, logs(runs))
    standings, costs = standing_table(field, None, "epoch", 2), target_table(field, [TARGET], "epoch")
    for row in (*rows_of(standings), *rows_of(costs)):
        check_provenance(row, by_preset[row["preset"]])
    assert "median_ci_method" not in rows_of(standings)[0]
    assert "bootstrap" in rows_of(costs)[0]["median_ci_method"]


def test_a_profile_says_of_each_scenario_what_differs(home: Home) -> None:
    """A row stands for settings on all of them: its commands follow each other, what they share stands once."""
    runs = [run for name in ("sgd", "adam") for run in runs_of(home, name)]
    runs += [run for name in ("sgd", "adam") for run in runs_of(home, name, scenario="mlp-fashion", seeds=(1, 2, 3))]
    row = rows_of(profile_table(make_profile(make_settings(runs, logs(runs)), targets=[TARGET])))[0]
    assert row["seeds"] == "lenet5-fashion: 1..5; mlp-fashion: 1..3"
    assert row["planned_epochs"] == "2"
    first, second = row["command"].split("; ")
    assert first.startswith("tui-optim run lenet5-fashion ")
    assert second.startswith("tui-optim run mlp-fashion ")


def test_a_sweep_says_its_rule_and_how_each_point_was_tried(home: Home) -> None:
    """Metric, search, seeds, runs and the choice; the split is that of the metric. JSON has the same rows."""
    plan = make_plan(presets=("sgd",), space={"lr": (0.1, 1.0, 2.0)}, seeds=(7, 8))
    view = write_sweep(home, [0.5, 0.6, 0.3, 0.4], plan=plan)
    best, other = csv.DictReader(io.StringIO(sweep_text(view, format="csv")))
    assert (best["lr"], best["is_chosen"], other["is_chosen"]) == ("1.0", "true", "false")
    assert (best["sweep"], best["metric"], best["search"]) == (view.sweep.sweep_id, "val_loss", "grid")
    assert (best["scenario"], best["seeds"], best["split"], best["planned_epochs"]) == (
        "mlp-fashion",
        "7,8",
        "val",
        "5",
    )
    assert best["run_ids"].split() == [trial.run_id for trial in view.trials[2:]]
    assert best["split_hash"] == "0123456789abcdef"
    assert best["command"].startswith("tui-optim run mlp-fashion sgd ")
    assert {"--holdout", "7,8"} <= set(shlex.split(best["command"]))
    assert best["sweep_command"] == view.sweep.spec.command
    points = sweep_object(view)["points"]
    assert [(point["seeds"], point["is_chosen"]) for point in points] == [("7,8", True), ("7,8", False)]

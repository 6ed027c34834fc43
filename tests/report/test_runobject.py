"""The JSON object of a run."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_result, make_run, make_spec
from tui_optim.report.formats import row_objects
from tui_optim.report.runobject import run_object, runs_object
from tui_optim.report.series import load_series
from tui_optim.report.tables import results_table
from tui_optim.store.eventlog import read_events
from tui_optim.store.home import Home, open_home

CONTRACT = {
    "run_id", "scenario", "preset", "seed", "state", "epochs", "steps", "gradient_evaluations", "effective_epochs",
    "train_time_s", "device", "data", "history", "final", "reason", "hyperparameters", "batch_size", "schedule",
    "averaging", "threads", "versions", "command", "holdout", "best", "created",
}  # fmt: skip
ROW = {
    "epoch", "elapsed_s", "train_time_s", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "test_loss",
    "test_accuracy",
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_a_finished_run_has_every_key_of_the_contract(home: Home) -> None:
    """A script can rely on the names, on fractions for accuracies and on null for an absent split."""
    run = make_run(home)
    body = run_object(run, read_events(run.folder.events))
    assert set(body) >= CONTRACT
    assert (body["scenario"], body["preset"], body["seed"]) == ("lenet5-fashion", "sgd-baseline", 42)
    assert (body["state"], body["epochs"], body["steps"]) == ("finished", 2, 20)
    assert (body["gradient_evaluations"], body["effective_epochs"]) == (120_000.0, 2.0)
    assert (body["device"], body["threads"], body["data"]) == ("cpu", 2, "full")
    assert body["versions"] == {"tui-optim": "0.1.0", "python": "3.11.7", "torch": "2.14.1"}
    assert [row["epoch"] for row in body["history"]] == [0, 1, 2]
    assert all(set(row) >= ROW for row in [*body["history"], body["final"]])
    assert body["final"]["test_accuracy"] == 0.8
    assert body["final"]["train_loss"] == 0.44
    assert body["final"]["val_loss"] is None


def test_columns_of_the_assignment_appear_only_there(home: Home) -> None:
    """Handout loss belongs to the assignment, penalty and sparsity to its regularised forms."""
    runs = {name: make_run(home, make_spec(name)) for name in ("lenet5-fashion", "lenet5-fashion-fc", "mlp-fashion")}
    rows = {name: run_object(run, read_events(run.folder.events))["final"] for name, run in runs.items()}
    assert "handout_loss" in rows["lenet5-fashion"]
    assert "penalty" not in rows["lenet5-fashion"]
    assert {"handout_loss", "penalty", "sparsity"} <= set(rows["lenet5-fashion-fc"])
    assert not {"handout_loss", "penalty", "sparsity"} & set(rows["mlp-fashion"])


def test_a_diverged_run_is_valid_json(home: Home) -> None:
    """NaN is a result; JSON has none, so it is the string 'NaN'."""
    spec = make_spec()
    nan = math.nan
    final = replace(make_result(spec, 1), train_loss=nan, test_loss=nan, test_accuracy=0.1, handout_loss=nan)
    run = make_run(home, spec, state="diverged", results=[make_result(spec, 0)], final=final, reason="not finite")
    body = json.loads(json.dumps(run_object(run, read_events(run.folder.events)), allow_nan=False))
    assert (body["state"], body["reason"]) == ("diverged", "not finite")
    assert (body["final"]["test_loss"], body["final"]["test_accuracy"]) == ("NaN", 0.1)


def test_a_diverged_run_has_the_same_figures_in_every_export(home: Home) -> None:
    """Its weights are evaluated, whatever they are: that they guess better than chance is no result of its method."""
    spec = make_spec()
    run = make_run(home, spec, state="diverged", results=[make_result(spec, 0)], final=make_result(spec, 1))
    final = runs_object([run])["runs"][0]["final"]
    (row,) = row_objects(results_table([run]))
    for name in ("test_accuracy", "test_loss", "train_accuracy", "train_time_s"):
        assert final[name] == row[name]
    assert (final["test_accuracy"], final["test_loss"], final["train_time_s"]) == (0.1, "NaN", 2.0)


def test_a_queued_run_has_no_figures_yet(home: Home) -> None:
    """A run that waits is an object with zero costs and no final row."""
    run = make_run(home, state="queued")
    body = run_object(run, [])
    assert (body["state"], body["epochs"], body["gradient_evaluations"], body["final"]) == ("queued", 0, 0.0, None)
    assert body["history"] == []


def test_a_running_run_reports_its_latest_epoch(home: Home) -> None:
    """Costs are those of the latest result, and there is no final row."""
    spec = make_spec(epochs=5)
    run = make_run(home, spec, state="running", results=[make_result(spec, 0), make_result(spec, 1)])
    body = run_object(run, read_events(run.folder.events))
    assert (body["epochs"], body["planned_epochs"], body["steps"], body["final"]) == (1, 5, 10, None)


def test_several_runs_are_one_object(home: Home) -> None:
    """Logs that were read already are used, the others are read."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in (1, 2)]
    body = runs_object(runs, series={runs[0].run_id: load_series(runs[0].folder)})
    assert [run["seed"] for run in body["runs"]] == [1, 2]
    assert body["runs"][1] == run_object(runs[1], read_events(runs[1].folder.events))

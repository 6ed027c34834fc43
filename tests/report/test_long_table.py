"""The long shape: a row for each run, epoch, split and measure, equal to what the runs have stored."""

import csv
import io
import math
from pathlib import Path

import pytest

from tests.factories import make_result, make_run, make_spec
from tui_optim.report.formats import export_text
from tui_optim.report.runobject import runs_object
from tui_optim.spec.results import decode_number
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def long_rows(runs: list[StoredRun]) -> list[dict[str, str]]:
    """The rows of the file."""
    return list(csv.DictReader(io.StringIO(export_text(runs, format="csv-long"))))


def test_every_figure_is_there_once_and_to_the_last_digit(home: Home) -> None:
    """Put together again by run, stage, epoch, split and measure, the file says what the JSON export says."""
    runs = [
        make_run(home, make_spec(seed=1)),
        make_run(home, make_spec("mlp-fashion", seed=2)),
        make_run(home, make_spec("lenet5-fashion-fc", seed=3, holdout=True)),
    ]
    found: dict[tuple[str, str, int, str], float] = {}
    for row in long_rows(runs):
        name = f"{row['split']}_{row['measure']}" if row["measure"] in ("loss", "accuracy") else row["measure"]
        key = (row["run_id"], row["stage"], int(row["epoch"]), name)
        assert key not in found
        found[key] = float(row["value"])
    names = [f"{split}_{quantity}" for split in ("train", "val", "test") for quantity in ("loss", "accuracy")]
    expected = {
        (run["run_id"], stage, result["epoch"], name): decode_number(result[name])
        for run in runs_object(runs)["runs"]
        for stage, results in (("epoch", run["history"]), ("final", [run["final"]]))
        for result in results
        for name in (*names, "handout_loss", "penalty", "sparsity")
        if result.get(name) is not None
    }
    assert found == expected


def test_a_row_says_where_it_stands_and_how_to_repeat_it(home: Home) -> None:
    """Cost so far, rate, settings that differ, data, device, command; one split is not the other's."""
    spec = make_spec(kind="sample", overrides={"lr": 0.1})
    rows = long_rows([make_run(home, spec), make_run(home, make_spec(kind="sample", overrides={"lr": 0.2}))])
    row = next(row for row in rows if (row["epoch"], row["split"], row["measure"]) == ("2", "test", "accuracy"))
    assert (row["stage"], row["step"], row["effective_epochs"], row["train_time_s"]) == ("epoch", "20", "2.0", "4.0")
    assert (row["gradient_evaluations"], row["lr"], row["current_lr"]) == ("12000.0", "0.1", "0.001")
    assert (row["data"], row["device"], row["command"]) == ("sample", "cpu (Test CPU)", spec.command)
    assert (row["examples_forward_backward"], row["hessian_products"]) == ("12000", "0")
    assert float(row["value"]) == 0.8


def test_a_diverged_run_ends_with_its_failure(home: Home) -> None:
    """NaN and chance accuracy in the last stage; a run without an end has no last stage, one not begun no row."""
    spec = make_spec()
    diverged = make_run(home, spec, state="diverged", results=[make_result(spec, 0)], reason="loss")
    going = make_run(home, make_spec(seed=1), state="running", results=[make_result(spec, 0)])
    waiting = make_run(home, make_spec(seed=2), state="queued")
    rows = long_rows([diverged, going, waiting])
    final = {(row["split"], row["measure"]): float(row["value"]) for row in rows if row["stage"] == "final"}
    assert math.isnan(final["test", "loss"])
    assert final["test", "accuracy"] == 0.1
    assert {row["run_id"] for row in rows if row["stage"] == "final"} == {diverged.run_id}
    assert waiting.run_id not in {row["run_id"] for row in rows}

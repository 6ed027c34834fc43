"""The small problems from the command line, trained by a real worker."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.cli.calling import Caller


@pytest.fixture
def caller(call: Caller, home: Path) -> Iterator[Caller]:
    """A command line whose processes end with the test."""
    yield call
    for process in psutil.process_iter(["cmdline"]):
        if str(home) in (process.info["cmdline"] or []):
            process.kill()


def test_runs_sweeps_and_divergence(caller: Caller) -> None:
    """Nulls for accuracies, every iteration in the history, exit code 1 for divergence, a sweep with a scenario's name."""
    answer = caller("run", "quadratic-f1", "batch-gd", "adam", "--epochs", "300", "--threads", "1", "--json")
    assert answer.code == 0
    runs = json.loads(answer.out)["runs"]
    for run in runs:
        assert [row["epoch"] for row in run["history"]] == list(range(301))
        assert (
            {row["test_accuracy"] for row in run["history"]}
            == {row["train_accuracy"] for row in run["history"]}
            == {None}
        )
        assert run["history"][0]["gap"] == pytest.approx(1.1)
        assert run["final"]["gap"] == run["history"][-1]["gap"] < 1.0
        assert (run["data"], run["batch_size"]) == ("full", "full" if run["preset"] == "batch-gd" else 1)
    assert (
        caller("run", "quadratic-f1", "adam", "--epochs", "300", "--plain", "--threads", "1").out.count("epoch ") < 100
    )

    wild = ("run", "circles", "sgd-by-hand", "--set", "batch_size=1", "--set", "lr=5", "--threads", "1", "--json")
    diverged = caller(*wild)
    assert diverged.code == 1
    (run,) = json.loads(diverged.out)["runs"]
    assert run["state"] == "diverged"
    assert "gap" not in run["final"]
    assert run["final"]["test_accuracy"] is not None

    listed = caller("compare", "--json")
    assert listed.code == 0
    assert caller("sweep", "circles", "--dry-run").out.count("sgd-by-hand") >= 30
    refused = caller("sweep", "scalar-mean", "--preset", "sgd", "--grid", "lr=0.1", "--dry-run")
    assert (refused.code, "--no-holdout --metric train_loss" in refused.err) == (2, True)

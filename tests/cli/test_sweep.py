"""`tui-optim sweep` from its plan to its table, and what it refuses."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.runs.lab import Lab

PLAN = (
    "sweep",
    "mlp-fashion",
    "--preset",
    "sgd",
    "--grid",
    "lr=0.01,0.1",
    "--epochs",
    "1",
    "--sample",
    "--device",
    "cpu",
)


def test_a_plan_is_told_before_its_start(call: Caller, home: Path) -> None:
    """`--dry-run`: every point in its order and the command; nothing is made."""
    answer = call(*PLAN, "--grid", "batch_size=64,128", "--final-seeds", "101..103", "--dry-run")
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert [line.split(maxsplit=2)[2] for line in lines[:4]] == [
        f"sgd lr={lr} batch_size={size}" for lr in ("0.01", "0.1") for size in (64, 128)
    ]
    assert lines[4].startswith("tui-optim sweep mlp-fashion --preset sgd --grid lr=0.01,0.1 --grid batch_size=64,128")
    assert "4 runs (lr 2 × batch_size 2), then 3 of the winner" in answer.err
    assert not list(home.glob("sweeps/*"))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["sweep", "mlp-fashio", "--preset", "sgd"], "did you mean 'mlp-fashion'?"),
        (["sweep", "mlp-fashion"], "name at least one preset"),
        (["sweep", "mlp-fashion", "--preset", "sdg"], "did you mean 'sgd'?"),
        ([*PLAN, "--search", "gird"], "did you mean 'grid'?"),
        ([*PLAN, "--metric", "test_loss"], "unknown metric 'test_loss'"),
        ([*PLAN, "--prune", "meidan"], "did you mean 'median'?"),
        ([*PLAN, "--grid", "lr=1"], "a key stands twice"),
        ([*PLAN, "--trials", "many"], "not a whole number"),
        ([*PLAN, "--jobs", "0", "--dry-run"], "worker slots (--jobs) = 0: expected a whole number in [1, 64]"),
        ([*PLAN, "--tune", "lr"], "--tune is for --search rate"),
        ([*PLAN, "--patience", "0"], "--patience 0: expected a whole number of epochs"),
        ([*PLAN, "--final-epochs", "3"], "final epochs without final seeds"),
        (
            ["sweep", "circles", "--search", "random", "--trials", "5"],
            "says by itself what --search, --trials would; to search",
        ),
        (["sweep", "circles", "--metric", "val_accuracy", "--dry-run"], "what --metric would"),
        (["sweep", "circles", "--prune", "median", "--search-seed", "9"], "what --search-seed, --prune would"),
        (["sweep", "mlp-fashion-grid", "--no-holdout", "--tune", "lr"], "what --tune, --holdout, --no-holdout would"),
        (["sweep", "quadratics", "--preset", "sgd"], "what --preset would"),
        (["sweep", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["resume", "sweep"], "no sweep 'sweep'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(call: Caller, home: Path, words: list[str], hint: str) -> None:
    """Exit code 2, nothing made."""
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert hint in answer.err
    assert answer.err.count("\n") == 1
    assert not list(home.glob("sweeps/*"))
    assert not list(home.glob("runs/*"))


def test_without_its_extra_tpe_is_refused(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the line that installs it."""
    monkeypatch.setattr("tui_optim.spec.extras.find_spec", lambda _: None)
    answer = call(*PLAN[:4], "--grid", "lr=0.1..1", "--search", "tpe", "--trials", "3", "--sample")
    assert answer.code == 2
    assert "pip install -e '.[tune]'" in answer.err


def test_a_sweep_ends_in_its_tables(call: Caller, home: Path) -> None:
    """Two trials and the winner on two fresh seeds: the points ranked, the winner's runs compared, the same as JSON."""
    try:
        answer = call(*PLAN, "--final-seeds", "101,102", "--plain")
        listed = call("list", "sweeps", "--json")
        shown = call("show", "sweep", "--json")
        again = call("resume", "sweep")
        written = {form: call("export", "sweep", "--format", form) for form in ("csv", "csv-long", "latex", "json")}
    finally:
        Lab(home).close()
    assert answer.code == 0
    assert "chosen: sgd lr=0.1" in answer.out
    assert "test acc. %" in answer.out
    (own,) = (row for row in json.loads(listed.out)["sweeps"] if row["state"] != "ready-made")
    body = json.loads(shown.out)
    assert body["sweep"]["sweep_id"] == own["id"]
    assert [trial["state"] for trial in body["trials"]] == ["finished"] * 4
    assert [run["seed"] for run in body["runs"]] == [101, 102]
    assert body["winners"][0]["values"] == {"lr": 0.1}
    assert all(run["final"]["test_accuracy"] is not None for run in body["runs"])
    assert json.loads(written["json"].out) == body
    assert written["csv"].out.splitlines()[0].startswith("preset,lr,val_loss,val_accuracy,state")
    assert len(written["csv"].out.splitlines()) == 1 + 2
    assert "booktabs" in written["latex"].out or "\\toprule" in written["latex"].out
    assert len(written["csv-long"].out.splitlines()) > 4
    assert (again.code, "only a paused or stopped sweep resumes" in again.err) == (2, True)


def test_a_ready_made_sweep_takes_other_lengths(call: Caller) -> None:
    """Seeds and epochs may be given besides."""
    answer = call("sweep", "circles", "--seeds", "1,2", "--epochs", "3", "--dry-run")
    assert answer.code == 0
    assert "60 runs (batch_size 5 × lr 6 × 2 seeds)" in answer.err
    assert "5 stacks of models, 1 at once" in answer.err
    assert "--epochs 3" in answer.out


def test_runs_of_which_no_two_are_alike_are_not_called_stacks(call: Caller) -> None:
    """Four methods on two functions: each run could be in a stack, with none of the others."""
    answer = call("sweep", "quadratics", "--dry-run")
    assert "8 runs (8 arms); 1 at once" in answer.err


def test_a_sweep_that_fails_says_why(call: Caller, home: Path) -> None:
    """Every trial diverges: there is nothing to choose."""
    words = (
        "--no-holdout",
        "--metric",
        "train_loss",
        "--preset",
        "sgd",
        "--grid",
        "lr=1000",
        "--epochs",
        "9",
        "--plain",
    )
    try:
        answer = call("sweep", "quadratic-f1", *words, "--set", "momentum=0.99", "--epochs", "500")
    finally:
        Lab(home).close()
    assert answer.code == 1
    assert "has failed: no trial came to its end: see their reasons" in answer.err

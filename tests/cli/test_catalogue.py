"""`list`: what may be chosen, as rows for people and as one object for scripts."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tui_optim.store.home import open_home

FIELDS = {
    "scenarios": {"id", "title", "dataset", "loss", "parameters", "epochs", "description"},
    "presets": {"id", "name", "family", "optimizer", "hyperparameters", "batch_size", "schedule"}
    | {"averaging", "formula", "source", "advice", "missing"},
    "optimizers": {
        "id",
        "name",
        "family",
        "stores",
        "step_cost",
        "helps",
        "hurts",
        "hyperparameters",
        "formula",
        "source",
        "missing",
    },
    "schedules": {"id", "name", "formula", "source", "parameters"},
}


@pytest.mark.parametrize("kind", FIELDS)
def test_rows_have_the_documented_fields(call: Caller, kind: str) -> None:
    """Each row of the JSON object has all of them, and each id stands in the table."""
    rows = json.loads(call("list", kind, "--json").out)[kind]
    table = call("list", kind).out

    assert rows
    assert all(set(row) == FIELDS[kind] for row in rows)
    assert all(row["id"] in table for row in rows)


def test_values_are_the_registrys(call: Caller) -> None:
    """A hyper-parameter comes with its default, a preset with its own value."""
    optimizers = json.loads(call("list", "optimizers", "--json").out)["optimizers"]
    presets = json.loads(call("list", "presets", "--json").out)["presets"]

    assert next(row for row in optimizers if row["id"] == "adam")["hyperparameters"]["beta1"] == 0.9
    assert next(row for row in presets if row["id"] == "sgd-baseline")["hyperparameters"] == {"lr": 0.001}


def test_what_cannot_be_read_is_left_out_and_told(call: Caller, tmp_path: Path) -> None:
    """A broken preset of the user is a line on standard error; the list is complete without it."""
    folder = tmp_path / "config" / "presets"
    folder.mkdir(parents=True)
    (folder / "broken.toml").write_text("name = 3", encoding="utf-8")

    answer = call("list", "presets")

    assert answer.code == 0
    assert answer.err.startswith(f"tui-optim: left out: {folder / 'broken.toml'}: ")
    assert "sgd-baseline" in answer.out


def test_show_names_the_averaging(call: Caller, home: Path) -> None:
    """A run's averaging stands below its schedule, a preset's too; without one there is no line."""
    with_it = make_run(open_home(home), make_spec(overrides={"averaging.kind": "ema"}))
    without = make_run(open_home(home), make_spec())

    assert "averaging ema decay=0.999" in call("show", with_it.run_id).out
    assert "averaging" not in call("show", without.run_id).out
    assert "averaging: kind=swa  start=0.5" in call("preset", "show", "sgd-swa").out


def test_a_row_is_a_line_in_a_pipe(call: Caller) -> None:
    """Where it may be searched: a preset's id and its advice stand together."""
    lines = call("list", "presets").out.splitlines()
    presets = json.loads(call("list", "presets", "--json").out)["presets"]
    assert len(lines) == 1 + len(presets)
    assert all(any(line.startswith(row["id"]) and row["advice"] in line for line in lines) for row in presets)


def test_a_name_that_is_like_no_other_has_no_nearest(call: Caller) -> None:
    """Some of many valid names are listed instead."""
    answer = call("run", "circles", "nope")
    assert "unknown preset 'nope': valid: " in answer.err
    assert "in all)" in answer.err
    assert len(answer.err) < 500

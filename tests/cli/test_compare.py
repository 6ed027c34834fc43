"""`compare` at equal cost: ranks at some place on an axis, and targets in its unit."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import SECONDS_PER_EPOCH, make_preset, make_result, make_run, make_spec
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.store.home import open_home


@pytest.fixture
def two_presets(home: Path) -> None:
    """Two seeds of each of two presets; adam leads at first, sgd in the end."""
    for seed in (1, 2):
        write(home, "sgd", [0.1, 0.5, 0.8 + 0.01 * seed], seed=seed)
        write(home, "adam", [0.1, 0.7, 0.75], seed=seed)


def write(home: Path, preset: str, accuracies: Sequence[float], *, seed: int, scenario: str = "lenet5-fashion") -> None:
    """A finished run with these test accuracies."""
    spec = make_spec(scenario, make_preset(preset), seed=seed)
    results = [make_result(spec, epoch, test_accuracy=value) for epoch, value in enumerate(accuracies)]
    make_run(open_home(home), spec, results=results)


@pytest.mark.usefixtures("two_presets")
def test_at_ranks_the_settings_at_equal_cost(call: Caller) -> None:
    """After an epoch's seconds adam leads, at the end sgd; the note says what was read off where."""
    rows = list(csv.DictReader(io.StringIO(call("compare", "--axis", "seconds", "--at", "2", "-f", "csv").out)))
    assert [(row["rank"], row["preset"], row["n"]) for row in rows] == [("1", "adam", "2"), ("2", "sgd", "2")]
    assert float(rows[0]["test_accuracy"]) == pytest.approx(0.7)
    body = json.loads(call("compare", "--at", "2", "--measure", "test_accuracy", "--json").out)
    assert [row["preset"] for row in body["comparison"]] == ["sgd", "adam"]
    assert len(body["runs"]) == 4
    shown = " ".join(call("compare", "--axis", "gradient-evaluations", "--at", "60000").out.split())
    assert "Standings at 60000 gradient evaluations" in shown
    assert "straight lines between evaluations" in shown


@pytest.mark.usefixtures("two_presets")
@pytest.mark.parametrize("form", ["csv", "csv-long"])
def test_the_rows_told_are_those_of_the_file(call: Caller, form: str) -> None:
    """The long shape has many for each setting."""
    answer = call("compare", "-f", form, "-o", "rows.csv")
    rows = list(csv.DictReader(io.StringIO(Path("rows.csv").read_text(encoding="utf-8"))))
    assert len(rows) == 2 if form == "csv" else len(rows) > 20
    assert answer.err == f"wrote {len(rows)} row(s) to rows.csv\n"


@pytest.mark.usefixtures("two_presets")
def test_targets_cost_what_the_axis_counts(call: Caller) -> None:
    """The comparison at the end and the ranks have the same column, in seconds where asked."""
    key = "seconds_to_test_accuracy>=0.78"
    for more in ((), ("--at", "4")):
        words = ("compare", "--axis", "seconds", "--target", "test_accuracy>=0.78", *more, "-f", "csv")
        rows = {row["preset"]: row for row in csv.DictReader(io.StringIO(call(*words).out))}
        assert float(rows["sgd"][key]) == 2 * SECONDS_PER_EPOCH
        assert rows["adam"][key] == "Infinity"


@pytest.mark.usefixtures("two_presets")
def test_a_replay_in_a_pipe_tells_each_change(call: Caller) -> None:
    """Who leads from when on, against the clock of training, without waiting; the speed is for terminals."""
    answer = call("compare", "--replay", "--speed", "8")
    assert (answer.code, answer.out.splitlines()) == (
        0,
        [
            "clock 0.00 of 4.00 s   1. sgd 10.00   1. adam 10.00",
            "clock 2.00 of 4.00 s   1. adam 70.00   2. sgd 50.00",
            "clock 4.00 of 4.00 s   1. sgd 81.50   2. adam 75.00",
        ],
    )
    assert "1. sgd 0.5" in call("compare", "--replay", "--measure", "test_loss").out


@pytest.mark.usefixtures("two_presets")
def test_a_replay_tells_apart_what_may_not_be_compared(call: Caller, home: Path) -> None:
    """Runs on another scenario have ranks of their own, behind a bar; where there is validation data that decides."""
    write(home, "momentum", [0.1, 0.3, 0.9], seed=1, scenario="mlp-fashion")
    last = call("compare", "--replay").out.splitlines()[-1]
    here, there = last.split("  |  ")
    assert ("1. " in here, "2. " in here) == (True, True)
    assert there.startswith("1. momentum ")
    assert "2. " not in there


@pytest.mark.usefixtures("two_presets")
def test_a_measure_that_no_run_has_is_named(call: Caller) -> None:
    """The answer lists those that they have."""
    answer = call("compare", "--at", "1", "--measure", "val_loss")
    assert answer.code == 2
    assert "they have test_accuracy, test_loss" in answer.err


@pytest.mark.usefixtures("two_presets")
def test_profile_compares_over_scenarios(call: Caller, home: Path) -> None:
    """On two scenarios there is one; on one there is a sentence."""
    alone = call("compare", "--profile")
    assert (alone.code, "two scenarios or more" in alone.err) == (2, True)
    write(home, "sgd", [0.1, 0.3, 0.9], seed=1, scenario="mlp-fashion")
    write(home, "adam", [0.1, 0.9, 0.9], seed=1, scenario="mlp-fashion")
    rows = json.loads(call("compare", "--profile", "--target", "test_accuracy>=0.6", "--json").out)["profile"]
    assert [(row["preset"], row["share_within_1"]) for row in rows] == [("adam", 1.0), ("sgd", 0.0)]
    wrong = call("compare", "--profile", "--at", "3")
    assert (wrong.code, "leave --at" in wrong.err) == (2, True)


@pytest.mark.usefixtures("two_presets")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("",), "an empty name means no run; leave it out for all runs"),
        (("--json", "-f", "csv"), "--json and --format csv contradict each other"),
        (("--target", "test_accuracy>=90"), "accuracies are fractions"),
        (
            ("--reference", "sgd lr=0.5"),
            "reference 'sgd lr=0.5' is not among the compared presets: valid: sgd",
        ),
        (("sweep",), "no sweep 'sweep': there are no sweeps yet"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, words: tuple[str, ...], expected: str) -> None:
    """Exit code 2, and what to do instead."""
    answer = call("compare", *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert expected in answer.err


@pytest.mark.usefixtures("two_presets")
def test_a_sweep_is_compared_by_all_its_runs(call: Caller, home: Path) -> None:
    """As with show, export, plot and report; runs that are not its own stay away."""
    view = write_sweep(open_home(home), [0.4, 0.3, 0.9], plan=make_plan(presets=("sgd",)), state="finished")
    for name in ("sweep", view.sweep.sweep_id):
        rows = list(csv.DictReader(io.StringIO(call("compare", name, "-f", "csv").out)))
        assert [(row["preset"], row["lr"], row["n"]) for row in rows] == [
            ("sgd", "0.01", "1"), ("sgd", "0.1", "1"), ("sgd", "1.0", "1"),
        ]  # fmt: skip


def test_a_sweeps_trials_do_not_decide_how_other_runs_are_ranked(call: Caller, home: Path) -> None:
    """Held-out runs have no test accuracy, full ones no validation accuracy: each is ranked by what it has."""
    write_sweep(open_home(home), [0.4], plan=make_plan(presets=("sgd",), space={"lr": (0.1,)}), state="finished")
    write(home, "sgd", [0.1, 0.5, 0.8], seed=1)
    rows = list(csv.DictReader(io.StringIO(call("compare", "--sweeps", "--at", "20", "-f", "csv").out)))
    assert [(row["rank"], row["val_accuracy"], row["test_accuracy"]) for row in rows] == [
        ("1", "0.83", ""), ("1", "", "0.8"),
    ]  # fmt: skip


def test_runs_of_sweeps_are_left_out_unless_they_are_asked_for(call: Caller, home: Path) -> None:
    """Without a name, or with scenarios: a line says how many and which word takes them in; so do a sweep's name and a filter."""
    view = write_sweep(open_home(home), [0.5, 0.4], plan=make_plan(presets=("sgd",)))
    alone = call("compare", "--json")
    assert (alone.code, "all 2 run(s) belong to sweeps" in alone.err) == (2, True)

    write(home, "adam", [0.1, 0.7, 0.75], seed=1)
    for scenarios in ((), ("lenet5-fashion", "mlp-fashion")):
        plain = call("compare", *scenarios, "--json")
        assert [row["preset"] for row in json.loads(plain.out)["comparison"]] == ["adam"]
        assert plain.err == "tui-optim: left out: 2 run(s) of sweeps; --sweeps takes them in\n"
    for words in (("--sweeps",), ("sweep", "adam"), ("--filter", f"sweep={view.sweep.sweep_id}")):
        answer = call("compare", *words, "--json")
        assert sum(row["preset"] == "sgd" for row in json.loads(answer.out)["comparison"]) == 2
        assert "sweeps takes" not in answer.err

"""`step`: the calculator on the command line."""

import json

import pytest

from tests.cli.calling import Caller

SHEET = (
    *("step", "adam", "--state", "m=0.5", "--state", "v=0.2", "--grad", "2"),
    *("--set", "lr=0.01", "--set", "beta1=0.9", "--set", "beta2=0.99", "--no-bias-correction"),
)


def test_the_exercise_is_printed_line_by_line(call: Caller) -> None:
    """Each line with letters, with numbers and with its value; at the end the outcome."""
    answer = call(*SHEET)
    assert answer.code == 0
    written = [[part.strip() for part in line.split("   ") if part.strip()] for line in answer.out.splitlines()]
    assert ["m ← β₁ m + (1 − β₁) g", "= 0.9 · 0.5 + (1 − 0.9) · 2", "= 0.65"] in written
    assert ["v ← β₂ v + (1 − β₂) g²", "= 0.99 · 0.2 + (1 − 0.99) · 2²", "= 0.238"] in written
    assert ["Δw = −η m / (√v + ε)", "= −0.01 · 0.65 / (√0.238 + 1e-8)", "= −0.01332"] in written
    assert ["then:", "m 0.65", "v 0.238", "Δw −0.01332", "w −0.01332"] in written


def test_two_states_stand_side_by_side(call: Caller) -> None:
    """v 0.2 against v 20: a tenth of the step."""
    out = call(*SHEET, "--against", "v=20").out
    step = next(line for line in out.splitlines() if line.startswith("Δw"))
    assert "= −0.01332" in step
    assert "= −0.001459" in step
    assert "with v = 20:   m 0.65   v 19.84   Δw −0.001459   w −0.001459" in out


def test_steps_that_take_different_turns_stand_one_after_the_other(call: Caller) -> None:
    """RAdam's first step does without v, its ninth does not: the lines differ, and both are printed."""
    out = call("step", "radam", "--against", "step=9").out
    assert out.count("ρ∞ = 2 / (1 − β₂) − 1") == 2
    assert "ρₜ ≤ 5" in out


def test_several_steps_are_a_table(call: Caller) -> None:
    """With momentum each step is longer than the one before."""
    out = call("step", "heavy-ball", "--steps", "3").out
    rows = [line.split() for line in out.splitlines() if line[:1].isdigit()]
    changes = [float(row[2]) for row in rows]
    assert len(changes) == 3
    assert changes == sorted(changes, reverse=True)


def test_a_presets_values_are_taken(call: Caller) -> None:
    """`nesterov` is SGD with the preset's momentum."""
    calculation = json.loads(call("step", "nesterov", "--json").out)["calculations"][0]
    assert calculation["optimizer"] == "sgd"
    assert calculation["hyperparameters"]["nesterov"] is True


def test_the_object_has_every_line(call: Caller) -> None:
    """`--json` gives full precision, one calculation for each column."""
    first, second = json.loads(call(*SHEET, "--against", "v=20", "--json").out)["calculations"]
    values = {line["name"]: line["value"] for line in first["steps"][0]["lines"]}
    assert values["m"] == pytest.approx(0.65)
    assert first["bias_correction"] is False
    assert (first["state"]["v"], second["state"]["v"]) == (0.2, 20.0)
    assert second["steps"][0]["change"] == pytest.approx(-0.00145929, rel=1e-5)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("adm",), "unknown optimizer 'adm': did you mean 'adam'?"),
        (("nesterow",), "did you mean 'nesterov'?"),
        (("ADAM",), "did you mean 'adam'?"),
        (("muon",), "Muon + AdamW has no step for one weight alone: a weight's step depends on"),
        (("adam", "--grad", "x"), "--grad"),
        (("adam", "--grad", "nan"), "grad = nan: expected a number"),
        (("adam", "--state", "v"), "--state 'v': expected key=value, for example --state v=0.2"),
        (("adam", "--state", "vv=1"), "state vv: optimizer 'adam' has no such key; did you mean 'v'?"),
        (("adam", "--set", "lrr=1"), "lrr: optimizer 'adam' has no such key; did you mean 'lr'?"),
        (("adam", "--against", "bta1=0.5"), "bta1: adam has no such value; did you mean 'beta1'?"),
        (("adam", "--steps", "0"), "steps = 0: expected a whole number in [1, 1000]"),
        (("sgd", "--no-bias-correction"), "sgd has no bias correction to turn on or off"),
        ((), "Missing argument 'optimizer'"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, words: tuple[str, ...], expected: str) -> None:
    """The nearest name or what was expected, and exit code 2."""
    answer = call("step", *words)
    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1
    assert answer.out == ""

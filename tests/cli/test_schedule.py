"""`schedule`: the rate over a run before it starts."""

import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.own_scenarios import MOONS, write_scenario


def test_the_rate_is_drawn_and_tabulated(call: Caller) -> None:
    """The schedule with its numbers and formula, a drawing, and a row for each epoch."""
    answer = call(
        "schedule", "lenet5-fashion", "sgd", "--set", "lr=0.2", "--set", "schedule.kind=step", "--epochs", "6"
    )
    assert answer.code == 0
    assert "sgd on lenet5-fashion: Step decay (every 3, gamma 0.5)" in answer.out
    assert "6 epochs, each the work of 938 mini-batches" in answer.out
    assert "η(e) = η₀ γ^⌊e / k⌋" in answer.out
    assert "0.2 ┤⠉⠉" in answer.out
    rows = [line.split() for line in answer.out.splitlines() if line.strip()[:1].isdigit() and "┤" not in line]
    assert [row[2] for row in rows[-6:]] == ["0.2", "0.2", "0.2", "0.1", "0.1", "0.1"]


def test_a_constant_rate_is_a_sentence(call: Caller) -> None:
    """There is nothing to draw."""
    out = call("schedule", "lenet5-fashion", "sgd-baseline").out
    assert "Rate: 0.001 in every step." in out
    assert "┤" not in out


def test_the_object_has_the_points(call: Caller) -> None:
    """`--json` gives the schedule, its parameters and the rate at equal distances."""
    found = json.loads(call("schedule", "mlp-fashion", "sgd-cosine", "--epochs", "3", "--json").out)
    assert (found["schedule"], found["epochs"], found["steps_per_epoch"]) == ("cosine", 3, 782)
    assert found["points"][0]["epoch"] == 0.0
    assert max(point["rate"] for point in found["points"]) == pytest.approx(found["lr"])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("lenet5-fashon", "sgd"), "did you mean 'lenet5-fashion'?"),
        (("lenet5-fashion", "sdg"), "did you mean 'sgd'?"),
        (("lenet5-fashion", "sgd", "--set", "schedule.kind=cosin"), "did you mean 'cosine'?"),
        (
            ("lenet5-fashion", "sgd", "--set", "schedule.kind=cosine", "--set", "schedule.warm=1"),
            "did you mean 'warmup'?",
        ),
        (("lenet5-fashion", "sgd", "--epochs", "0"), "epochs = 0: expected a whole number in [1, 100000]"),
        (("lenet5-fashion",), "Missing argument 'preset'"),
    ],
)
def test_wrong_use_is_one_line(call: Caller, words: tuple[str, ...], expected: str) -> None:
    """The nearest name or the bounds, and exit code 2."""
    answer = call("schedule", *words)
    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1


def test_a_scenario_in_a_file_is_previewed_and_explained(call: Caller, tmp_path: Path) -> None:
    """As on `run`, with --plugin; without it neither knows the name."""
    path = str(write_scenario(tmp_path, MOONS, name="two_moons.py"))
    assert call("schedule", "two-moons", "sgd").code == 2
    assert "sgd on two-moons" in call("schedule", "two-moons", "sgd", "--plugin", path).out
    assert "Two moons" in call("explain", "two-moons", "--plugin", path).out

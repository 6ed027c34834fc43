"""`explain`: what a name means, and commands that really start what shows it."""

import json
import shlex

import pytest

from tests.cli.calling import Caller
from tui_optim.runs.client import Client
from tui_optim.spec.run import RunSpec


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        (("adam",), ["Adam (adam; presets)", "m̂ = m / (1 − β₁ᵗ)", "Look at: ", "Kingma & Ba 2015"]),
        (("cosine",), ["η(s) = η₀", "1 ┤⠉⠉", "--set schedule.kind=cosine", "tui-optim run mlp-fashion sgd-cosine sgd"]),
        (("lenet5-fashion",), ["44,426", "tui-optim run lenet5-fashion sgd-baseline nesterov-cosine"]),
        (("val_loss",), ["no gradient has seen", "overfitting"]),
        (("test",), ["used once"]),
        (("effective", "epochs"), ["a forward pass alone ⅓"]),
        (("held-out",), ["--holdout", "does not evaluate the test set"]),
        (("band",), ["standard deviation", "CI = x̄ ± t"]),
        (("momentum-ema",), ["m ← β m + (1 − β) g"]),
        (("rmsprop",), ["v ← α v + (1 − α) g²"]),
    ],
)
def test_a_name_is_explained(call: Caller, words: tuple[str, ...], parts: list[str]) -> None:
    """Formula, what to look at, the commands, the source."""
    answer = call("explain", *words)
    assert answer.code == 0
    assert all(part in answer.out for part in parts)


def test_without_a_name_all_are_listed(call: Caller) -> None:
    """By kind."""
    out = call("explain").out
    assert out.startswith("Presets: batch-gd, ")
    assert "Splits of the data: train, val, test" in out
    assert "Words: epoch, " in out


def test_objects(call: Caller) -> None:
    """`--json` gives one topic, or all."""
    one = json.loads(call("explain", "svrg", "--json").out)
    assert one["experiment"] == [
        f"tui-optim run scalar-mean {preset} --epochs 30 --set lr=0.05 --set batch_size=1" for preset in ("svrg", "sgd")
    ]
    every = json.loads(call("explain", "--json").out)["topics"]
    assert one in every


def test_an_unknown_name_is_one_line(call: Caller) -> None:
    """With the nearest one."""
    answer = call("explain", "ovrfitting")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "tui-optim: nothing is known about 'ovrfitting': did you mean 'overfitting'?\n"


@pytest.mark.parametrize(
    "name", ["sgd", "heavy-ball", "lenet5-fashion-fc", "band", "lookahead", "gauss-newton", "test"]
)
def test_the_commands_can_be_typed(call: Caller, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each is taken by `run`, with the presets, seeds and values that it names."""
    queued: list[RunSpec] = []

    def submit(_: Client, specs: list[RunSpec], **_options: object) -> list[str]:
        queued.extend(specs)
        return [spec.preset for spec in specs]

    monkeypatch.setattr(Client, "submit", submit)
    for command in json.loads(call("explain", name, "--json").out)["experiment"]:
        _, *words = shlex.split(command)
        before = len(queued)
        answer = call(*words, "--detach")
        assert answer.code == 0, answer.err
        assert {spec.preset for spec in queued[before:]} <= set(words)

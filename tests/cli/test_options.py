"""Reading seeds and settings."""

import pytest

from tests.cli.calling import Caller
from tui_optim.cli.options import parse_settings
from tui_optim.runs.client import Client
from tui_optim.spec.errors import UsageError
from tui_optim.spec.seeds import parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("42", [42]), ("42,43", [42, 43]), ("42..46", [42, 43, 44, 45, 46]), ("1..3,9, 2", [1, 2, 3, 9]), ("0", [0])],
)
def test_seeds(text: str, seeds: list[int]) -> None:
    """Numbers, lists and ranges; doubles count once."""
    assert parse_seeds(text) == seeds


@pytest.mark.parametrize("text", ["", "-1", "1..", "..2", "1-3", "1..99999999", "5..3", "a", "1,,2"])
def test_bad_seeds(text: str) -> None:
    """Anything else is refused."""
    with pytest.raises(UsageError, match="seeds"):
        parse_seeds(text)


def test_settings_have_types() -> None:
    """Numbers, switches and words are told apart."""
    values = parse_settings(["lr=0.05", "ns_steps=5", "nesterov=True", "schedule.kind=cosine", "batch_size=full"])
    assert values == {"lr": 0.05, "ns_steps": 5, "nesterov": True, "schedule.kind": "cosine", "batch_size": "full"}


def test_a_preset_named_twice_runs_once(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a seed that is named twice does."""
    monkeypatch.setattr(Client, "submit", lambda _, specs, **__: [f"{one.preset} s{one.seed}" for one in specs])
    answer = call("run", "circles", "sgd", "adam", "sgd", "--seeds", "1,2,1", "--detach")
    assert answer.out.splitlines() == ["sgd s1", "adam s1", "sgd s2", "adam s2"]

"""Hostile words in every file that a command reads: none of them reaches the terminal, whatever command shows them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.calling import call, check_calm
from tests.attacks.sandbox import Sandbox
from tests.attacks.test_homes import READING
from tests.report.hostile import EVERYTHING
from tui_optim.spec.errors import PresetError
from tui_optim.spec.presets import load_preset

SHOWING = (
    *READING,
    ("list", "scenarios"),
    ("list", "presets"),
    ("list", "presets", "--json"),
    ("list", "optimizers"),
    ("preset", "show", "mine"),
    ("preset", "show", "mine", "--json"),
    ("explain",),
    ("explain", "--json"),
    ("config", "list"),
    ("config", "list", "--json"),
    ("config", "keys"),
    ("system", "--json"),
    ("data", "list"),
    ("sweep", "mine.toml", "--dry-run"),
    ("run", "moons", "sgd", "--detach"),
)
LOUD = f"""
import sys
print({EVERYTHING!r})
sys.stderr.write({EVERYTHING!r})
raise ValueError({EVERYTHING!r})
"""
SWEEP = f"""
title = {json.dumps(EVERYTHING)}
about = {json.dumps(EVERYTHING)}
scenarios = ["circles"]
presets = ["sgd-by-hand"]
metric = "train_loss"
holdout = false
[space]
lr = [0.1, 0.2]
"""
TEXT_KEYS = {
    "reason",
    "commands",
    "device_name",
    "text",
    "preset",
    "title",
    "about",
    "note",
    "preset_file",
    "layer",
}
"""Keys of a home's files whose values are words of somebody."""


def poison(body: Any, words: str = EVERYTHING) -> Any:
    """With hostile words wherever there are words."""
    if isinstance(body, dict):
        return {
            name: words if name in TEXT_KEYS and isinstance(value, str) else poison(value, words)
            for name, value in body.items()
        }
    return [poison(one, words) for one in body] if isinstance(body, list) else body


@pytest.fixture
def poisoned(sandbox: Sandbox) -> Sandbox:
    """A home, presets, a sweep's file, settings and a file of Python, all hostile."""
    root, home = sandbox.root, sandbox.home.root
    for path in [*home.glob("runs/*/*.json"), *home.glob("sweeps/*/*.json")]:
        path.write_text(json.dumps(poison(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
    for path in [*home.glob("runs/*/events.jsonl"), *home.glob("sweeps/*/trials.jsonl")]:
        lines = [json.dumps(poison(json.loads(line))) for line in path.read_text(encoding="utf-8").splitlines()]
        lines.append(json.dumps({"v": 1, "seq": 999, "t": 999, "type": "notice", "text": EVERYTHING}))
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    for path in home.glob("runs/*/status.json"):
        status = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({**status, "device": EVERYTHING}), encoding="utf-8")
    pace = {"about": EVERYTHING, "num_runs": 2, "slots": 1, "stack_s": 1.0, "alone_s": 2.0}
    (home / "paces.json").write_text(json.dumps({EVERYTHING: pace}), encoding="utf-8")
    for folder in ("optimizers", "scenarios"):
        (root / "config" / folder).mkdir()
        (root / "config" / folder / "loud.py").write_text(LOUD, encoding="utf-8")
    (root / "config" / "settings.toml").write_text(
        f"{json.dumps(EVERYTHING)} = {json.dumps(EVERYTHING)}", encoding="utf-8"
    )
    (sandbox.work / "mine.toml").write_text(SWEEP, encoding="utf-8")
    return sandbox


@pytest.mark.parametrize("draws", [False, pytest.param(True, marks=pytest.mark.attack)])
def test_no_command_lets_them_through(poisoned: Sandbox, draws: bool) -> None:
    """Neither on standard output nor on standard error, nor in what is written to a file; figures take seconds each."""
    for words in SHOWING:
        if draws or words[0] not in ("report", "plot"):
            check_calm(call(words))
    listed = json.loads(call(("list", "runs", "--json")).out)["runs"]
    assert sum(EVERYTHING in run["preset"] for run in listed) >= 5  # none was refused as damaged
    for path in poisoned.work.iterdir():
        if path.suffix in (".png", ".pdf"):
            continue
        text = path.read_text(encoding="utf-8")
        assert path.name == "mine.toml" or all(one in "\n\t" or one.isprintable() for one in text), path.name


@pytest.mark.parametrize("key", ["name", "advice", "source", "formula"])
@pytest.mark.parametrize("text", ["\x1b[31m", "\u202eend", "\u200b", "\x9b2J"])
def test_a_preset_says_nothing_that_cannot_be_seen(tmp_path: Path, key: str, text: str) -> None:
    """A mark that turns the reading direction, or takes no room, is refused as a control character is."""
    path = tmp_path / "mine.toml"
    texts = {"name": "m", "advice": "x", key: f"a{text}b"}
    lines = [f"{name} = {json.dumps(value)}" for name, value in texts.items()]
    path.write_text("\n".join([*lines, 'family = "basic"', 'optimizer = "sgd"', ""]), encoding="utf-8")
    with pytest.raises(PresetError, match=key):
        load_preset(path)

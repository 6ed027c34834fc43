"""Runs whose losses and norms are no numbers, infinite, denormal or the largest floats: every command answers calmly."""

import json
import math

import pytest

from tests.attacks.calling import call, check_calm
from tests.attacks.sandbox import Sandbox
from tests.attacks.wild_numbers import SCENARIOS, WILD, write_wild
from tests.attacks.withstanding import num_cases
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.spec.events import RunState

COMMANDS = (
    ("list", "runs", "--json"),
    ("show", "last", "--json"),
    ("show", "sweep", "--json"),
    ("compare", "--json"),
    ("compare", "circles"),
    ("compare", "quadratic-f1", "--at", "1", "--measure", "train_loss"),
    ("compare", "circles", "--target", "train_loss<=0.5", "--axis", "seconds"),
    *(("export", "--format", name) for name in ("csv", "csv-long", "latex", "html", "json")),
    ("export", "circles", "--format", "tensorboard", "-o", "board"),
    ("plot", "circles", "-o", "c.svg"),
    ("plot", "quadratic-f1", "-o", "log.svg", "--log-x", "--measure", "train_loss"),
    ("plot", "lenet5-fashion", "-o", "x.svg", "--kind", "xray"),
)
QUICK = (
    ("list", "runs", "--json"),
    ("show", "last", "--json"),
    ("compare", "--json"),
    ("compare", "circles", "--target", "train_loss<=0.5", "--axis", "seconds"),
    ("export", "--format", "html"),
)
"""Those that take little time."""


def refuse(word: str) -> None:
    """What is no number is none in JSON."""
    raise ValueError(f"{word} is no JSON")


@pytest.mark.filterwarnings("error::RuntimeWarning")
@num_cases(1, 16)
def test_every_command_answers(sandbox: Sandbox, num_cases: int) -> None:
    """Two seeds each, finished and diverged, and a sweep of such losses; JSON is valid JSON."""
    for turn in range(num_cases):
        sandbox.restore()
        write_all(sandbox, turn)
        for words in COMMANDS if num_cases > 1 else QUICK:
            answer = call(words)
            check_calm(answer)
            assert answer.code != 2, answer
            if words[-1].endswith("json"):
                json.loads(answer.out, parse_constant=refuse)


def write_all(sandbox: Sandbox, turn: int) -> None:
    """In each turn every scenario has other figures."""
    kinds = ((1e308, -1e308, 1e308), (1e-310, 5e-324, 0.0), (-math.inf,), WILD)
    for number, scenario in enumerate(SCENARIOS):
        for seed in (1, 2, 3):
            figures = kinds[(number * (1 + turn // 4) + turn) % len(kinds)]
            state: RunState = "diverged" if seed == 3 else "finished"
            write_wild(sandbox.home, figures, scenario=scenario, seed=seed, state=state)
    write_sweep(sandbox.home, WILD[:6], plan=make_plan(epochs=5), state="finished")

"""What a plugin's `build` returns is checked before training; what its steps do, after the first of them."""

from pathlib import Path

import pytest
from torch import nn

from tests.engine.runs_for_tests import make_run, train_here
from tests.spec.test_plugins import SIGN_SGD
from tui_optim.engine.optimizers import build_method
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.run import RunSpec

HEAD = SIGN_SGD.split("def build")[0]
IDLE = """
def build(model, hyperparameters):
    import torch
    from tui_optim.engine.objective import Seen
    from tui_optim.engine.optimizers.method import GradientStep

    class Idle(GradientStep):
        def step(self, objective, batches):
            inputs, labels = batches.next()
            return Seen(torch.zeros(()), torch.zeros(len(labels), 10), labels)

    return Idle(torch.optim.SGD(model.parameters(), lr=0.1))
"""


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("return 5", "build returned 5; expected a torch.optim.Optimizer or a Method"),
        ("pass", "build returned None; expected a torch.optim.Optimizer or a Method"),
        (
            "import torch; return type('Own', (torch.optim.Optimizer,), {})(model.parameters(), {})",
            "a parameter group has no 'lr', which schedules set",
        ),
    ],
)
def test_what_is_no_optimizer_is_named(source: DataSource, tmp_path: Path, body: str, part: str) -> None:
    """A number, nothing, and an optimizer without a rate."""
    run = _run(source, tmp_path, f"def build(model, hyperparameters):\n    {body}\n")
    with pytest.raises(UsageError, match=f"plugin {tmp_path}/own.py: {part}"):
        build_method(run, nn.Linear(2, 2))


def test_steps_that_count_no_work_do_not_go_on_for_ever(source: DataSource, tmp_path: Path) -> None:
    """A method that asks the objective for nothing would never end an epoch."""
    with pytest.raises(UsageError, match=r"sign-sgd: its steps ask .* an epoch would never end"):
        train_here(_run(source, tmp_path, IDLE))


def _run(source: DataSource, folder: Path, build: str) -> RunSpec:
    """A run of a plugin with this `build`."""
    path = folder / "own.py"
    path.write_text(HEAD + build, encoding="utf-8")
    return make_run(source, scenario="mlp-fashion").model_copy(
        update={"optimizer": "sign-sgd", "optimizer_origin": str(path), "hyperparameters": {"lr": 0.1}}
    )

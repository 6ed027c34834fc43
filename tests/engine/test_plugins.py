"""What a plugin's `build` returns is checked before training; what its steps do, after the first of them."""

import subprocess
import sys
from pathlib import Path

import pytest
from torch import nn

from tests.engine.runs_for_tests import make_run, numbers, train_here
from tests.spec.test_plugins import SIGN_SGD, example
from tui_optim.engine.optimizers import build_method
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.plugin_file import file_hash
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


SGD = "torch.optim.SGD(model.parameters(), lr=0.1)"
OWN = """
import torch

class Own(torch.optim.Optimizer):
    def step(self{arguments}):
        {step}

def build(model, hyperparameters):
    return Own({parameters}, {{"lr": 0.1}})
"""
METHOD = """
import types
import torch
from tui_optim.engine.objective import Seen
from tui_optim.engine.optimizers.method import GradientStep

class Own(GradientStep):
    def step(self, objective, batches):
        {step}
    {more}

def build(model, hyperparameters):
    return Own(torch.optim.SGD(model.parameters(), lr=0.1))
"""


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ("return 5", "build returned 5; expected a torch.optim.Optimizer or a Method"),
        ("pass", "build returned None; expected a torch.optim.Optimizer or a Method"),
        ("return model", r"build returned Linear\(.* without param_groups and step; expected a torch.optim.Optimizer"),
        ("import torch; return torch.optim.SGD", "build returned the class SGD; .*: call the class, with model.param"),
        (
            "from tui_optim.engine.optimizers.method import VectorMethod; return VectorMethod",
            "build returned the class VectorMethod; .*: call the class",
        ),
        ("return model.nothing", r"build raised AttributeError: .* no attribute 'nothing' \(line \d+\)"),
        ("raise SystemExit(4)", r"build raised SystemExit: 4 \(line \d+\)"),
        ("raise KeyboardInterrupt", r"build raised KeyboardInterrupt: +\(line \d+\)"),
        ("raise type('Own', (BaseException,), {})(5)", r"build raised Own: 5 \(line \d+\)"),
        (
            "import torch; return type('Own', (torch.optim.Optimizer,), {})(model.parameters(), {})",
            "a parameter group has no 'lr', which schedules set",
        ),
        ("import torch; return torch.optim.SGD([], lr=0.1)", "build raised ValueError: optimizer got an empty param"),
        (
            "import torch; return type('Own', (torch.optim.Optimizer,), {})(model.parameters(), {'lr': 1})",
            "build returned a Own that has no step of its own",
        ),
        (
            "import copy, torch; return torch.optim.SGD(copy.deepcopy(model).parameters(), lr=0.1)",
            "build gave its optimizer parameters that are not the model's; expected model.parameters()",
        ),
        (
            "import torch; return torch.optim.LBFGS(model.parameters())",
            "its step needs closure; .* any other is a Method",
        ),
        (f"import torch; own = {SGD}; own.param_groups = None; return own", "param_groups = None: expected a list of"),
        (
            f"import torch; own = {SGD}; own.param_groups[0]['lr'] = 'a'; return own",
            "a parameter group has lr = 'a': expected a number",
        ),
    ],
)
def test_what_is_no_optimizer_is_named(source: DataSource, tmp_path: Path, body: str, part: str) -> None:
    """A number, nothing, a class, what fails, what has no step or no rate, and what would move something else."""
    run = _run(source, tmp_path, f"def build(model, hyperparameters):\n    {body}\n")
    with pytest.raises(UsageError, match=f"^plugin {tmp_path}/own.py: {part}"):
        build_method(run, nn.Linear(2, 2))


def test_a_step_that_was_edited_is_another_optimizer(source: DataSource, tmp_path: Path) -> None:
    """A run is not gone on with after its optimizer's file has changed; put back, it is."""
    body = f"def build(model, hyperparameters):\n    import torch\n    return {SGD}\n"
    path = tmp_path / "own.py"
    run = _run(source, tmp_path, body)
    run = run.model_copy(update={"optimizer_sha256": file_hash(str(path))})
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept.replace("0.1", "0.2"), encoding="utf-8")
    with pytest.raises(UsageError, match=f"^plugin {path}: the file has changed since this run was made; put back"):
        build_method(run, nn.Linear(2, 2))
    path.unlink()
    with pytest.raises(UsageError, match=f"^plugin {path}: it is not there any more; put it back"):
        build_method(run, nn.Linear(2, 2))
    path.write_text(kept, encoding="utf-8")
    assert build_method(run, nn.Linear(2, 2)).param_groups[0]["lr"] == 0.1


def test_the_line_of_a_failure_is_that_of_the_users_file(source: DataSource, tmp_path: Path) -> None:
    """Where torch raises it, the line that called torch is named."""
    run = _run(
        source, tmp_path, f"def build(model, hyperparameters):\n    import torch\n    {SGD.replace('0.1', '-1')}\n"
    )
    line = HEAD.count("\n") + 3
    with pytest.raises(UsageError, match=rf"build raised ValueError: Invalid learning rate: -1 \(line {line}\)$"):
        build_method(run, nn.Linear(2, 2))


def test_build_takes_the_model_and_the_values(source: DataSource, tmp_path: Path) -> None:
    """A `build` of one argument is told which arguments there are."""
    run = _run(source, tmp_path, "def build(model):\n    return None\n")
    with pytest.raises(
        UsageError, match=r"own.py: build raised TypeError: build\(\) takes 1 positional argument but 2"
    ):
        build_method(run, nn.Linear(2, 2))


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (
            OWN.format(arguments="", step="raise ValueError('no')", parameters="model.parameters()"),
            r"step raised ValueError: no \(line \d+\)",
        ),
        (METHOD.format(step="return 1 / 0", more=""), r"step raised ZeroDivisionError: division by zero \(line \d+\)"),
        (
            METHOD.format(step="objective.backward(batches.next())", more=""),
            "step returned None; expected the Seen that",
        ),
        (METHOD.format(step="return float('nan')", more=""), "step returned nan; expected the Seen that"),
        (
            METHOD.format(step="return Seen(0.5, *objective.backward(batches.next())[1:])", more=""),
            "step returned a Seen with something else than tensors",
        ),
        (
            METHOD.format(
                step="seen = objective.backward(batches.next()); return seen._replace(loss=seen.outputs)", more=""
            ),
            r"step returned a Seen of shapes \[64, 10\], \[64, 10\], \[64\]; expected loss \[\]",
        ),
        (
            METHOD.format(
                step="return super().step(objective, batches)",
                more="def state_dict(self): return {'f': types.SimpleNamespace()}",
            ),
            "state_dict returned what a checkpoint cannot hold; expected a dict of tensors, numbers",
        ),
        (
            METHOD.format(
                step="return super().step(objective, batches)",
                more="def evaluation_weights(self, objective): return None",
            ),
            "evaluation_weights raised TypeError",
        ),
    ],
)
def test_what_a_step_does_wrong_is_named(source: DataSource, tmp_path: Path, file: str, part: str) -> None:
    """Steps that fail or return something else, and states that no checkpoint can hold, end the run with the file's name."""
    with pytest.raises(UsageError, match=f"^plugin {tmp_path}/own.py: {part}"):
        train_here(_run(source, tmp_path, file))


def test_steps_to_nowhere_are_a_divergence_that_names_the_file(source: DataSource, tmp_path: Path) -> None:
    """Parameters that are no numbers any more are a result like that of a rate that is too large."""
    step = "[p.mul_(float('nan')) for group in self.param_groups for p in group['params']]"
    file = OWN.format(arguments=", closure=None", step=step, parameters="model.parameters()")
    ended, _ = train_here(_run(source, tmp_path, file))
    assert ended.state == "diverged"
    assert ended.reason == (
        "the training loss is not finite from step 2 on; try a smaller lr, or look at the steps of own.py"
    )


def test_a_step_that_is_set_on_the_object_is_taken(source: DataSource, tmp_path: Path) -> None:
    """Some packages put their step over that of an optimizer of torch."""
    body = f"import torch; own = {SGD}; own.step = own.zero_grad; return own"
    _, heard = train_here(_run(source, tmp_path, f"def build(model, hyperparameters):\n    {body}\n"))
    untrained, trained = heard.epochs
    assert trained.test_loss == untrained.test_loss


def test_a_part_of_the_model_may_be_trained(source: DataSource, tmp_path: Path) -> None:
    """An optimizer of the last layer alone is no mistake; a resumed run goes on in the same bits."""
    body = "import torch; return torch.optim.SGD(list(model.parameters())[-2:], lr=0.1, momentum=0.9)"
    run = _run(source, tmp_path, f"def build(model, hyperparameters):\n    {body}\n")
    _, whole = train_here(run.model_copy(update={"epochs": 2}))
    _, resumed = train_here(run.model_copy(update={"epochs": 2}), checkpoint=whole.checkpoints[0])
    assert numbers(resumed.epochs[-1]) == numbers(whole.epochs[-1])


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


def test_the_test_of_the_readme_passes(tmp_path: Path) -> None:
    """One file, one preset, one test: the README's example is taken as a user would write it, and run."""
    (tmp_path / "sign_sgd.py").write_text(SIGN_SGD, encoding="utf-8")
    (tmp_path / "test_sign_sgd.py").write_text(example("plugin test", "python"), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_sign_sgd.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert "1 passed" in done.stdout, done.stdout

"""Scenarios of a user's own, as files: the README's example of classes, and one of numbers."""

from pathlib import Path
from typing import Any

from tests.engine.runs_for_tests import make_run
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.own_scenario import load_scenario
from tui_optim.spec.plugins import add_plugin_files
from tui_optim.spec.run import RunSpec

ROOT = Path(__file__).resolve().parents[1]
MOONS = (
    (ROOT / "README.md")
    .read_text(encoding="utf-8")
    .split("<!-- own scenario -->")[1]
    .split("```")[1]
    .removeprefix("python\n")
)
"""Two classes."""


def sized(num_train: int, num_test: int) -> str:
    """The example of classes with other numbers of examples."""
    points = f"points[:{num_train}], labels[:{num_train}]"
    if num_test:
        points += f", points[300 : {300 + num_test}], labels[300 : {300 + num_test}]"
    return MOONS.replace("num_train=300, num_test=300", f"num_train={num_train}, num_test={num_test}").replace(
        "points[:300], labels[:300], points[300:], labels[300:]", points
    )


SINE = """
from tui_optim.spec.scenarios import Examples, Layer, Scenario

SCENARIO = Scenario(
    id="sine",
    title="A noisy sine",
    description="One number in, one number out.",
    examples=Examples(num_train=256, num_test=128),
    layers=(
        Layer(name="fc1", kind="Linear 1→16, tanh", output="16", parameters=32, weights=16),
        Layer(name="fc2", kind="Linear 16→1", output="1", parameters=17, weights=16),
    ),
    batch_size=16,
    epochs=3,
)


def build_model():
    from torch import nn

    return nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1))


def load_data():
    import torch

    x = 6 * torch.rand(384, 1) - 3
    y = torch.sin(x) + 0.1 * torch.randn(384, 1)
    return x[:256], y[:256], x[256:], y[256:]


def loss(outputs, targets):
    return (outputs - targets).square().mean()
"""
"""Numbers to predict: no classes, a loss of its own."""


def write_scenario(folder: Path, text: str, *, name: str = "own.py") -> Path:
    """A file with this scenario."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def own_run(
    path: Path,
    *,
    optimizer: str = "sgd",
    epochs: int = 2,
    holdout: bool = False,
    batch_size: int | str = 10,
    lr: float = 0.1,
    **hyperparameters: Any,
) -> RunSpec:
    """A run on the scenario of a file."""
    add_plugin_files([path])
    scenario = load_scenario(str(path)).scenario
    run = make_run(
        generated_source(scenario.dataset),
        scenario=scenario.id,
        optimizer=optimizer,
        epochs=epochs,
        holdout=holdout,
        batch_size=batch_size,
        lr=lr,
        **hyperparameters,
    )
    return run.model_copy(update={"own_scenario": scenario, "threads": 1})

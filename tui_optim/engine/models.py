"""The models, built in the order in which the sources build them, with PyTorch's default initialisation."""

from collections.abc import Callable
from functools import partial

import torch
from torch import nn

from tui_optim.engine.hand_written import CirclesNetwork, Residuals
from tui_optim.engine.max_pooling import max_pool_2x2
from tui_optim.spec.scenarios import ModelId
from tui_optim.spec.scenarios.small import F1, F2, MEAN


class LeNet5(nn.Module):
    """LeNet-5 with tanh and max-pooling (LeCun et al. 1998), 44,426 parameters. Input [n, 1, 28, 28], output [n, 10]."""

    def __init__(self) -> None:
        """Layers are built in the order of the assignment: the initial weights depend on it."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(256, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores (logits)."""
        x = max_pool_2x2(torch.tanh(self.conv1(x)))
        x = max_pool_2x2(torch.tanh(self.conv2(x)))
        x = torch.tanh(self.fc1(x.flatten(1)))
        x = torch.tanh(self.fc2(x))
        return self.fc3(x)  # type: ignore[no-any-return] # nn.Module.__call__ is typed Any


class MLP(nn.Module):
    """784-128-10 with ReLU, 101,770 parameters. Input [n, 1, 28, 28], output [n, 10]."""

    def __init__(self) -> None:
        """Default initialisation."""
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores (logits)."""
        return self.fc2(torch.relu(self.fc1(x.flatten(1))))  # type: ignore[no-any-return] # as above


class DeepMLP(nn.Module):
    """784-128-64-10 with ReLU, 109,386 parameters. Input [n, 1, 28, 28], output [n, 10]."""

    def __init__(self) -> None:
        """Default initialisation."""
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores (logits)."""
        x = torch.relu(self.fc1(x.flatten(1)))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)  # type: ignore[no-any-return] # as above


class BatchNormMLP(nn.Module):
    """`DeepMLP` with BatchNorm (Ioffe & Szegedy 2015) before each ReLU, 109,770 parameters."""

    def __init__(self) -> None:
        """Default initialisation; the linear layers draw what those of `DeepMLP` draw."""
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.bn1 = nn.BatchNorm1d(128)
        self.fc2 = nn.Linear(128, 64)
        self.bn2 = nn.BatchNorm1d(64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Class scores (logits)."""
        x = torch.relu(self.bn1(self.fc1(x.flatten(1))))
        x = torch.relu(self.bn2(self.fc2(x)))
        return self.fc3(x)  # type: ignore[no-any-return] # as above


MODELS: dict[ModelId, Callable[[], nn.Module]] = {
    "lenet5": LeNet5,
    "mlp-784-128-10": MLP,
    "mlp-784-128-64-10": DeepMLP,
    "mlp-784-128-64-10-batchnorm": BatchNormMLP,
    "scalar-mean": partial(Residuals, MEAN),
    "quadratic-f1": partial(Residuals, F1),
    "quadratic-f2": partial(Residuals, F2),
    "mlp-2-10-2": CirclesNetwork,
}
"""Builders by the name that scenarios use."""

"""The assignment's procedure as a user would write it: torchvision data set, DataLoader, a plain loop.

It shares no line with the engine. Tests compare bits with it, benchmarks compare time with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from tui_optim.spec.datasets import DATASETS, FILE_NAMES, DataSource
from tui_optim.spec.idx import read_idx


class ScriptLeNet5(nn.Module):
    """LeNet-5 as in the assignment."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels=1, out_channels=6, kernel_size=5)
        self.conv2 = nn.Conv2d(in_channels=6, out_channels=16, kernel_size=5)
        self.pool = nn.MaxPool2d(kernel_size=2)
        self.fc1 = nn.Linear(16 * 4 * 4, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.tanh = nn.Tanh()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.tanh(self.conv1(x)))
        x = self.pool(self.tanh(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = self.tanh(self.fc1(x))
        x = self.tanh(self.fc2(x))
        logits: torch.Tensor = self.fc3(x)
        return logits


@dataclass(frozen=True, slots=True)
class ScriptEpoch:
    """What the script prints after an epoch."""

    num_correct: int
    handout_loss: float


def write_torchvision_root(source: DataSource, root: Path) -> Path:
    """Lay the four files out as torchvision wants them: unzipped, below FashionMNIST/raw."""
    folder = root / DATASETS[source.dataset].torchvision_folder
    folder.mkdir(parents=True)
    for role, path in source.files.items():
        (folder / FILE_NAMES[role]).write_bytes(read_idx(path).content)
    return root


def lenet_script(root: Path, *, seed: int, lr: float, epochs: int) -> Iterator[ScriptEpoch]:
    """Train LeNet-5 with mini-batch SGD; yields after each epoch."""
    torch.manual_seed(seed)
    train_data = datasets.FashionMNIST(root, train=True, transform=transforms.ToTensor())
    test_data = datasets.FashionMNIST(root, train=False, transform=transforms.ToTensor())
    train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
    test_loader = DataLoader(test_data, batch_size=64)
    next(iter(test_loader))  # the source prints the shape of one batch
    model = ScriptLeNet5()
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for inputs, labels in train_loader:
            loss = loss_function(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        yield _test(model, test_loader, loss_function)


def mlp_script(root: Path, *, seed: int, lr: float, epochs: int) -> Iterator[ScriptEpoch]:
    """Train the exercise sheet's MLP: normalised pixels, a random split of the training set, plain SGD."""
    torch.manual_seed(seed)
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.286,), (0.353,))])
    whole = datasets.FashionMNIST(root, train=True, transform=transform)
    test_data = datasets.FashionMNIST(root, train=False, transform=transform)
    num_val = len(whole) // 6
    train_data, val_data = torch.utils.data.random_split(whole, [len(whole) - num_val, num_val])
    train_loader = DataLoader(train_data, batch_size=64, shuffle=True)
    val_loader, test_loader = DataLoader(val_data, batch_size=64), DataLoader(test_data, batch_size=64)
    model = nn.Sequential(nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    loss_function = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for inputs, labels in train_loader:
            loss = loss_function(model(inputs), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        _test(model, val_loader, loss_function)
        yield _test(model, test_loader, loss_function)


def _test(model: nn.Module, loader: "DataLoader[tuple[torch.Tensor, torch.Tensor]]", loss: nn.Module) -> ScriptEpoch:
    total, num_correct, num_examples = 0.0, 0.0, 0
    with torch.no_grad():
        for inputs, labels in loader:
            outputs = model(inputs)
            total += loss(outputs, labels).item()
            num_correct += (outputs.argmax(1) == labels).type(torch.float).sum().item()
            num_examples += len(labels)
    return ScriptEpoch(int(num_correct), total / num_examples)

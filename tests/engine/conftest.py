"""What the engine's tests share: one thread, the sample data, and a listener."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.engine.dataloader_script import write_torchvision_root
from tests.engine.runs_for_tests import sample_source
from tui_optim.spec.datasets import DataSource


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One torch thread per test process: tests run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def source() -> DataSource:
    """The packaged sample of Fashion-MNIST."""
    return sample_source()


@pytest.fixture(scope="session")
def torchvision_root(tmp_path_factory: pytest.TempPathFactory, source: DataSource) -> Path:
    """The sample laid out for torchvision."""
    return write_torchvision_root(source, tmp_path_factory.mktemp("torchvision"))

"""A home with real workers, and the laboratory that a script would open on it."""

from collections.abc import Iterator

import pytest

from tests.runs.lab import Lab as Processes
from tui_optim import Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """No process is left after the module."""
    processes = Processes(tmp_path_factory.mktemp("home"))
    yield Lab(processes.home.root)
    processes.close()

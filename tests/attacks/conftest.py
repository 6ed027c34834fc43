"""Where attacks happen."""

from pathlib import Path

import pytest

from tests.attacks.sandbox import sandbox
from tui_optim.store.home import Home, open_home

__all__ = ["sandbox"]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")

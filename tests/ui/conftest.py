"""A home and a client for each test; no animations, one time zone, no colours of the caller's terminal."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.stage import FakeClient
from tui_optim.store.home import Home, open_home


@pytest.fixture(autouse=True)
def _calm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.setenv("SSH_CONNECTION", "no animations")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("TUI_OPTIM_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


@pytest.fixture
def client(home: Home) -> FakeClient:
    """A client that only remembers."""
    return FakeClient(home)

"""A home, a configuration and a cache of the test's own; the packaged sample as data."""

from pathlib import Path

import pytest

from tests.cli.calling import Caller


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet; nothing of the user's own is seen."""
    monkeypatch.delenv("TUI_OPTIM_DATA", raising=False)
    for name in ("HOME", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"TUI_OPTIM_{name}", str(tmp_path / name.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Path) -> Caller:
    """Calls the command line against that home."""
    del home
    return Caller(monkeypatch, capsys)

"""Where a Ray cluster of this machine keeps its files; no cluster is started."""

import atexit
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_optim.runs.executors import ray_cluster


def test_nobody_else_gets_at_the_files_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ray opens its folder to all: the one above is closed, and goes with the process. A place of the user's own is kept."""
    leavings: list[Callable[[], None]] = []
    monkeypatch.delenv("RAY_TMPDIR", raising=False)
    monkeypatch.setattr(atexit, "register", leavings.append)
    place = Path(ray_cluster._private_place()["_temp_dir"])
    place.mkdir()
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert len(str(place)) < 40
    (leave,) = leavings
    leave()
    assert not place.parent.exists()
    monkeypatch.setenv("RAY_TMPDIR", "/somewhere")
    assert ray_cluster._private_place() == {}

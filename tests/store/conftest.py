"""Files of another user."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_optim.spec import regular_file
from tui_optim.store import home

STRANGER = 4321


@pytest.fixture
def give_away(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Lets a file or folder belong to another user: really where root runs the tests, else as far as the store can see."""
    given: set[int] = set()
    judged = regular_file.is_strangers

    def is_strangers(found: os.stat_result) -> bool:
        return found.st_ino in given or judged(found)

    def give(path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, STRANGER, -1, follow_symlinks=False)
        else:
            given.add(path.lstat().st_ino)

    for module in (regular_file, home):
        monkeypatch.setattr(module, "is_strangers", is_strangers)
    return give

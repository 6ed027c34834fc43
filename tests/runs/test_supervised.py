"""Whether somebody supervises a home is asked without anybody being taken for a supervisor."""

from pathlib import Path

from tui_optim.runs.client import Client
from tui_optim.store.files import FileLock, held_lock
from tui_optim.store.home import open_home


def test_who_asks_at_the_same_moment_is_no_supervisor(tmp_path: Path) -> None:
    """Another client holds the lock for an instant while it asks; only who keeps it to itself supervises."""
    home = open_home(tmp_path)
    other = FileLock(home.supervisor_lock)
    assert other.acquire(is_shared=True)
    assert not Client(home).is_supervised()
    other.release()
    with held_lock(home.supervisor_lock):
        assert Client(home).is_supervised()
    assert not Client(home).is_supervised()

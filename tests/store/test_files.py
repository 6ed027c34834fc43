"""Replacing files in one step, and locks."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tui_optim.spec.errors import StoreError
from tui_optim.store.files import FileLock, held_lock, replace_file, write_export, write_exports


def test_a_file_is_replaced_and_private(tmp_path: Path) -> None:
    """New content stands where the old stood, readable by its owner only, with nothing left beside it."""
    path = tmp_path / "status.json"
    path.write_bytes(b"old")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_failed_replacement_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """A full disk costs the new content, never the old, and leaves no temporary file."""
    path = tmp_path / "status.json"
    path.write_bytes(b"old")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(StoreError, match=r"cannot write .*status\.json: No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_folder_is_one_calm_line(tmp_path: Path) -> None:
    """The error names the file and the reason."""
    with pytest.raises(StoreError, match=r"cannot write .*x\.json: No such file or directory"):
        replace_file(tmp_path / "missing" / "x.json", b"")


def test_a_lock_has_one_holder(tmp_path: Path) -> None:
    """The second comer is told so at once; after release it is free."""
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()
    second.release()


def test_shared_locks_stand_side_by_side_and_shut_the_exclusive_one_out(tmp_path: Path) -> None:
    """Two open apps keep the supervisor; it sees both go."""
    apps = [FileLock(tmp_path / "apps.lock") for _ in range(2)]
    assert all(app.acquire(is_shared=True) for app in apps)
    supervisor = FileLock(tmp_path / "apps.lock")
    assert not supervisor.acquire()
    apps[0].release()
    assert not supervisor.acquire()
    apps[1].release()
    assert supervisor.acquire()
    supervisor.release()


def test_a_held_lock_ends_with_its_block(tmp_path: Path) -> None:
    """The value says whether the lock was to be had."""
    with held_lock(tmp_path / "lock") as is_held:
        assert is_held
        with held_lock(tmp_path / "lock") as is_held_twice:
            assert not is_held_twice
    with held_lock(tmp_path / "lock") as is_held:
        assert is_held


def test_who_waits_gets_the_lock_once_it_is_let_go(tmp_path: Path) -> None:
    """For as long as it waits, and no longer."""
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.acquire()
    assert not second.acquire(wait_s=0.05)
    threading.Timer(0.05, first.release).start()
    assert second.acquire(wait_s=60.0)
    second.release()


def test_a_lock_dies_with_its_process(tmp_path: Path) -> None:
    """After kill -9 of the holder the lock is free, even before anyone has reaped it."""
    code = (
        "import sys, pathlib; from tui_optim.store.files import FileLock\n"
        "lock = FileLock(pathlib.Path(sys.argv[1])); print(lock.acquire(), flush=True); sys.stdin.read()"
    )
    lock = FileLock(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", code, str(lock.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        assert not lock.acquire()
        holder.kill()
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        assert lock.acquire()
    lock.release()


@pytest.mark.parametrize("is_made_anew", [False, True])
def test_a_lock_is_lost_with_its_file(tmp_path: Path, is_made_anew: bool) -> None:
    """Its holder keeps nobody out any more, whether or not another file stands there; who holds none has lost none."""
    lock = FileLock(tmp_path / "home" / "lock")
    lock.path.parent.mkdir()
    assert not lock.is_lost()
    assert lock.acquire()
    assert not lock.is_lost()
    lock.path.unlink()
    if is_made_anew:
        lock.path.touch()
    else:
        lock.path.parent.rmdir()
    assert lock.is_lost()
    lock.release()
    assert not lock.is_lost()


def test_a_lock_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """Not to be confused with a lock that somebody holds."""
    with pytest.raises(StoreError, match="cannot open"):
        FileLock(tmp_path / "missing" / "lock").acquire()


def test_an_export_goes_through_links(tmp_path: Path) -> None:
    """A link stays a link, and what it names has the new content."""
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_export(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_an_export_replaces_no_special_file(tmp_path: Path) -> None:
    """A FIFO, and so a device, stays what it is."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(StoreError, match="not a regular file"):
        write_export(path, b"new")
    assert path.is_fifo()


def test_an_export_of_several_files_makes_its_folders(tmp_path: Path) -> None:
    """Names may have folders in them; one that cannot be made is named."""
    write_exports(tmp_path, {"a.md": b"text", "board/run/events": b"bytes"})
    assert (tmp_path / "a.md").read_bytes() == b"text"
    assert (tmp_path / "board" / "run" / "events").read_bytes() == b"bytes"
    with pytest.raises(StoreError, match=r"cannot make the folder .*a\.md"):
        write_exports(tmp_path, {"a.md/run/events": b""})

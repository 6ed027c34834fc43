"""Run folders: commands; what is in run.json."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import VERSIONS, make_spec
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.store import control
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import create_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_commands_arrive_in_order(home: Home) -> None:
    """The worker reads what any app has left, the first first."""
    folder = create_run(home, make_spec(), versions={})
    folder.send("pause")
    folder.send("stop")
    requests = folder.requests()
    assert [request.command for request in requests] == ["pause", "stop"]
    requests[0].path.unlink()
    assert [request.command for request in folder.requests()] == ["stop"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"command": "dance"}', b"[1]", b'{"command": ["stop"]}', b"[" * 99_999]
)
def test_a_command_that_makes_no_sense_is_removed(home: Home, content: bytes) -> None:
    """It neither stops the run nor is read again and again."""
    folder = create_run(home, make_spec(), versions={})
    (folder.control / "1.json").write_bytes(content)
    assert folder.requests() == []
    assert list(folder.control.iterdir()) == []


def test_a_command_that_ends_something_needs_no_space(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk its name says it; what has a reason or a value, or asks for what needs space itself, is refused."""
    folder = create_run(home, make_spec(), versions={})

    def refuse(*_: object, **__: object) -> None:
        raise DiskFullError("cannot write: No space left on device")

    with monkeypatch.context() as full:
        full.setattr(control, "replace_file", refuse)
        for command in ("pause", "stop", "kill"):
            folder.order(Order(command=command))
        for order in (
            Order(command="stop", reason="its sweep was told to"),
            Order(command="rate", value=0.5),
            Order(command="checkpoint"),
        ):
            with pytest.raises(DiskFullError):
                folder.order(order)
    folder.send("stop", reason="it may")
    requests = folder.requests()
    assert [(one.command, one.reason) for one in requests] == [
        ("pause", ""),
        ("stop", ""),
        ("kill", ""),
        ("stop", "it may"),
    ]
    assert [one.path.stat().st_size for one in requests[:3]] == [0, 0, 0]


@pytest.mark.parametrize(
    "name", ["1-00000000.rate", "1-00000000.checkpoint", "1-00000000.dance", "1-00000000.json", "stop", "1.stop"]
)
def test_a_name_that_is_no_command_is_removed(home: Home, name: str) -> None:
    """Only what ends something is said by a name alone, and only by one that was made for it."""
    folder = create_run(home, make_spec(), versions={})
    (folder.control / name).touch()
    assert folder.requests() == []
    assert list(folder.control.iterdir()) == []


def test_what_another_user_names_is_no_command(home: Home, give_away: Callable[[Path], None]) -> None:
    """Nor is a link, or a name for something that has a content."""
    folder = create_run(home, make_spec(), versions={})
    theirs, link, full = (folder.control / f"{number}-00000000.stop" for number in (1, 2, 3))
    theirs.touch()
    give_away(theirs)
    (home.root / "empty").touch()
    link.symlink_to(home.root / "empty")
    full.write_bytes(b"x")
    assert folder.requests() == []
    assert list(folder.control.iterdir()) == []


def test_a_command_that_cannot_be_read_just_now_stays(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too many files open nothing can be read, and nothing is taken for rubbish: it is heard at the next look."""
    folder = create_run(home, make_spec(), versions={})
    folder.send("stop")

    def refuse(*_: object, **__: object) -> bytes:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    with monkeypatch.context() as busy:
        busy.setattr(control, "read_regular", refuse)
        assert folder.requests() == []
    assert [request.command for request in folder.requests()] == ["stop"]


def test_a_folder_among_the_commands_is_passed_over(home: Home) -> None:
    """Something that cannot be removed does not hurt the worker."""
    folder = create_run(home, make_spec(), versions={})
    (folder.control / "1.json").mkdir()
    folder.send("stop")
    assert [request.command for request in folder.requests()] == ["stop"]


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"created": 1, "spec": {}, "versions": {}}', b"[" * 99_999])
def test_a_damaged_run_file_is_one_line(home: Home, content: bytes) -> None:
    """The message names the file."""
    folder = create_run(home, make_spec(), versions={})
    (folder.path / "run.json").write_bytes(content)
    with pytest.raises(StoreError, match=r"run\.json: damaged"):
        folder.read_info()


def test_a_missing_run_file_says_so(home: Home) -> None:
    """With the reason of the system."""
    folder = create_run(home, make_spec(), versions={})
    (folder.path / "run.json").unlink()
    with pytest.raises(StoreError, match="No such file"):
        folder.read_info()


def test_a_removed_control_folder_means_no_commands(home: Home) -> None:
    """A worker whose folder is being deleted goes on."""
    folder = create_run(home, make_spec(), versions={})
    folder.control.rmdir()
    assert folder.requests() == []


def test_what_another_user_leaves_is_no_command(home: Home, give_away: Callable[[Path], None]) -> None:
    """A file of theirs, or a link, is removed; this user's own commands are heard."""
    folder = create_run(home, make_spec(), versions=VERSIONS)
    folder.order(Order(command="pause"))
    folder.order(Order(command="stop"))
    theirs = sorted(folder.control.iterdir())[1]
    give_away(theirs)
    elsewhere = home.root / "elsewhere.json"
    elsewhere.write_bytes(b'{"command": "stop"}')
    (folder.control / "link.json").symlink_to(elsewhere)
    assert [request.command for request in folder.requests()] == ["pause"]
    assert len(list(folder.control.iterdir())) == 1
    assert elsewhere.exists()

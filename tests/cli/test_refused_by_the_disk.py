"""A disk that refuses to be written: a sentence that says where and why, and nothing of before is damaged."""

import errno
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.cli.calling import Caller
from tests.crash.faults import install, refusing
from tests.factories import make_run, make_spec
from tui_optim.cli.live_table import live_table
from tui_optim.cli.main import main
from tui_optim.runs.recorder import WAITS
from tui_optim.spec.events import RunState
from tui_optim.store.home import open_home
from tui_optim.store.liveness import current_identity
from tui_optim.store.status import write_status

REFUSALS = {errno.ENOSPC: "No space left on device", errno.EDQUOT: "Disk quota exceeded", errno.EROFS: "Read-only"}
EXPORTS = {
    "table.csv": ("export", "last", "--format", "csv"),
    "table.html": ("export", "last", "--format", "html"),
    "curve.png": ("plot", "last"),
    "report.html": ("report", "last"),
}


@contextmanager
def refused(root: Path, code: int) -> Iterator[None]:
    """Writing below `root` fails with this error."""
    restore = install(str(root), refusing(code, "write"))
    try:
        yield
    finally:
        restore()


@pytest.mark.parametrize("code", REFUSALS)
def test_an_export_that_is_refused_leaves_the_one_before(call: Caller, home: Path, tmp_path: Path, code: int) -> None:
    """A table, a page, a picture: one line that names the file and the reason, exit code 2, no half of a file."""
    make_run(open_home(home), make_spec())
    target = tmp_path / "exports"
    target.mkdir()
    for name, words in EXPORTS.items():
        (target / name).write_bytes(b"of before")
        with refused(target, code):
            answer = call(*words, "-o", str(target / name))
        assert answer.code == 2, answer
        assert str(target) in answer.err
        assert REFUSALS[code] in answer.err
        assert "Traceback" not in answer.err
        assert (target / name).read_bytes() == b"of before"
    assert sorted(path.name for path in target.iterdir()) == sorted(EXPORTS)


def test_boards_that_are_refused_are_told(call: Caller, home: Path, tmp_path: Path) -> None:
    """A folder for TensorBoard is made of several files: the first that is refused is named."""
    make_run(open_home(home), make_spec())
    with refused(tmp_path / "board", errno.EDQUOT):
        answer = call("export", "last", "--format", "tensorboard", "-o", str(tmp_path / "board"))
    assert answer.code == 2
    assert "cannot write" in answer.err
    assert "Disk quota exceeded" in answer.err


@pytest.mark.parametrize("code", REFUSALS)
def test_a_run_that_cannot_be_made_is_told(call: Caller, home: Path, code: int) -> None:
    """Neither half a run nor a place in the queue is left; what is there can be read."""
    kept = make_run(open_home(home), make_spec())
    with refused(home, code):
        submitted = call("run", "circles", "sgd", "--detach")
        labelled = call("note", kept.run_id, "mine")
        listed = call("list", "runs")
    for answer in (submitted, labelled):
        assert answer.code == 2
        assert REFUSALS[code] in answer.err
        assert "Traceback" not in answer.err
    assert listed.code == 0
    assert [path.name for path in (home / "runs").iterdir()] == [kept.run_id]
    assert list((home / "queue").iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
@pytest.mark.parametrize("words", [("list", "presets"), ("--help",), ("status", "--json")])
def test_output_that_finds_no_space_is_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """`tui-optim … > file` on a full disk: one line, no matter when Python writes what was printed."""
    monkeypatch.setattr(sys, "argv", ["tui-optim", *words])
    with io.TextIOWrapper(io.FileIO("/dev/full", "w")) as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit, match="2"):
            main()
    expected = "tui-optim: cannot write the output: No space left on device; free some space and ask again\n"
    assert capfd.readouterr().err == expected


def test_a_home_that_may_only_be_read_is_read(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run was left without its supervisor, and none can be started: `status` says so, and all that there is to read."""
    opened = open_home(home)
    run = make_run(opened, make_spec())
    write_status(run.folder.status, replace(run.folder.read_status(), state="interrupted"))
    opened.supervisor_lock.touch()
    really_open = os.open

    def open_to_read(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and str(path).startswith(str(home)):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)
        return really_open(path, flags, *rest, **named)

    monkeypatch.setattr(os, "open", open_to_read)
    answer = call("status")
    assert answer.code == 0
    assert "supervisor not running" in answer.out
    assert f"{run.run_id}  interrupted" in answer.out
    assert answer.err == f"tui-optim: cannot write {opened.supervisor_log}: Read-only file system\n"


@pytest.mark.parametrize(("state", "reason"), [("running", WAITS), ("failed", "the disk was full for 10 minutes")])
def test_why_a_run_does_not_go_on_is_seen(call: Caller, home: Path, state: RunState, reason: str) -> None:
    """In the list, in `status` while it waits, and in `show`."""
    run = make_run(open_home(home), make_spec())
    owner = current_identity() if state == "running" else None
    write_status(run.folder.status, replace(run.folder.read_status(), state=state, reason=reason, owner=owner))
    assert reason in call("list", "runs").out
    assert f"{run.run_id}: {state}: {reason}" in call("show", "last").out
    assert json.loads(call("show", "last", "--json").out)["runs"][0]["reason"] == reason
    if state == "running":
        assert f": {reason}\n" in call("status").out


def test_a_reason_leaves_a_live_table_its_columns(home: Path) -> None:
    """At 80 columns the sentence is whole, below the table."""
    reason = "out of memory on the device: lower batch_size, let fewer runs train at once, or free the device"
    run = make_run(open_home(home), make_spec(), state="failed", reason=reason)
    console = Console(width=80, file=io.StringIO())
    console.print(live_table([run]))
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert "fail" in lines[1]
    assert " ".join(" ".join(lines[2:]).split()) == f"{run.info.spec.preset}, seed {run.info.spec.seed}: {reason}"

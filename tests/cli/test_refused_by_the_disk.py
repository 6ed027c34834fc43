"""A disk that refuses to be written: a sentence that says where and why, and nothing of before is damaged."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.crash.faults import install, refusing
from tests.factories import make_run, make_spec
from tui_optim.store.home import open_home

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

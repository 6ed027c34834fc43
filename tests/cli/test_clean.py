"""`clean` says what takes room, asks, and removes; `show` says what a run takes."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tui_optim.store.checkpoints import Checkpoint, save_checkpoint
from tui_optim.store.home import open_home


def test_clean_says_what_would_go_and_asks(call: Caller, home: Path) -> None:
    """A look changes nothing, a script has to be sure, and afterwards there is nothing left to do."""
    run = make_run(open_home(home), make_spec(epochs=2))
    kept = Checkpoint(seq=1, content=bytes(5000), step=20, epoch=2)
    save_checkpoint(run.folder.checkpoints, kept, is_best=True, stays=True)
    assert "last (epoch 2, step 20), best (epoch 2, step 20), step-000020" in call("show", "last").out

    looked = call("clean", "--dry-run")
    assert "nothing needs 3 checkpoints of 1 run at its end: " in looked.out
    assert "cache of data" in looked.out
    asked = call("clean")
    assert (asked.code, "in a script say --yes" in asked.err) == (2, True)
    assert (run.folder.checkpoints / "last.pt").exists()
    only = json.loads(call("clean", "--keep-best", "--dry-run", "--json").out)
    assert (only["removable"]["num_files"], only["removed"]) == (2, None)

    done = call("clean", "--yes")
    assert (done.code, "removed 3 checkpoints of 1 run at its end" in done.out) == (0, True)
    assert list(run.folder.checkpoints.iterdir()) == []
    assert "no checkpoint that nothing needs" in call("clean").out
    assert ", no checkpoint" in call("show", "last").out


def test_an_input_that_ends_removes_nothing(call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+d is no yes."""
    run = make_run(open_home(home), make_spec(epochs=2))
    save_checkpoint(run.folder.checkpoints, Checkpoint(seq=1, content=b"kept", step=20, epoch=2), is_best=False)
    monkeypatch.setattr("tui_optim.cli.clean.has_terminal", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    answer = call("clean")
    assert (answer.code, answer.err) == (0, "tui-optim: nothing was removed\n")
    assert (run.folder.checkpoints / "last.pt").exists()

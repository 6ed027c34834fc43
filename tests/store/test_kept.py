"""The checkpoints that a run has kept, as they are listed."""

from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tui_optim.spec.errors import StoreError
from tui_optim.store.checkpoints import Checkpoint, link_or_copy, load_checkpoint, save_best, save_checkpoint
from tui_optim.store.home import open_home
from tui_optim.store.kept import kept_checkpoints
from tui_optim.store.runfolder import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """That of a run of two epochs of ten steps."""
    return make_run(open_home(tmp_path), make_spec(epochs=2), state="paused").folder


def at(step: int, epoch: int, *, seq: int = 5) -> Checkpoint:
    """A checkpoint of this place."""
    return Checkpoint(seq=seq, content=f"state at {step}".encode(), step=step, epoch=epoch)


def test_kept_checkpoints_are_listed_from_the_newest_with_step_and_epoch(folder: RunFolder) -> None:
    """One that stays is named by its step and outlives those that follow; what is damaged or foreign is left out."""
    assert kept_checkpoints(folder) == []
    save_checkpoint(folder.checkpoints, at(5, 0), is_best=False, stays=True)
    save_checkpoint(folder.checkpoints, at(10, 1), is_best=True)
    save_checkpoint(folder.checkpoints, at(20, 2), is_best=False)
    (folder.checkpoints / "step-000007.pt").write_bytes(b"half a line")
    (folder.checkpoints / "notes.pt").write_bytes(b"{}")

    kept = kept_checkpoints(folder)

    assert [(one.name, one.step, one.epoch, one.stays) for one in kept] == [
        ("last", 20, 2, False),
        ("best", 10, 1, False),
        ("step-000005", 5, 0, True),
    ]
    assert all(one.size_bytes == one.path.stat().st_size for one in kept)
    last = load_checkpoint(folder.checkpoints)
    assert last is not None
    assert (last.step, last.epoch) == (20, 2)


def test_a_checkpoint_of_an_earlier_version_takes_its_place_from_the_log(folder: RunFolder) -> None:
    """Its first line names the event alone."""
    save_best(folder.checkpoints, at(0, 0))
    path = folder.checkpoints / "best.pt"
    path.write_bytes(path.read_bytes().replace(b', "step": 0, "epoch": 0', b""))

    (kept,) = kept_checkpoints(folder)

    assert (kept.step, kept.epoch) == (10, 1)


def test_a_file_may_take_the_name_of_another_and_its_own(tmp_path: Path) -> None:
    """The name then has the new bytes; a file that is not there is said to be so."""
    first, second = tmp_path / "first.pt", tmp_path / "second.pt"
    first.write_bytes(b"1")
    second.write_bytes(b"2")
    link_or_copy(first, second)
    link_or_copy(first, second)
    assert second.read_bytes() == b"1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.pt", "second.pt"]
    with pytest.raises(StoreError, match=r"missing\.pt: cannot be read"):
        link_or_copy(tmp_path / "missing.pt", second)

"""Checkpoints that nothing needs are removed, and no others."""

import os
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tui_optim.runs import queue
from tui_optim.runs.cleaning import clean, cleaning
from tui_optim.spec.events import STATES, RunState
from tui_optim.store.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home, open_home
from tui_optim.store.runfolder import RunFolder

SIZE = 1 << 16


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def with_checkpoints(home: Home, state: RunState, *, seed: int = 42) -> RunFolder:
    """A run that keeps its last, the one before, its best, and one that stays."""
    folder = make_run(home, make_spec(seed=seed), state=state).folder
    for step in (5, 10, 20):
        kept = Checkpoint(seq=1, content=os.urandom(SIZE), step=step, epoch=0)
        save_checkpoint(folder.checkpoints, kept, is_best=step == 10, stays=step == 5)
    return folder


def names(folder: RunFolder) -> list[str]:
    """Of its checkpoints."""
    return sorted(path.stem for path in folder.checkpoints.iterdir())


ALL = ["best", "last", "previous", "step-000005"]


def test_only_runs_at_their_end_lose_theirs(home: Home) -> None:
    """Of each state one; logs and results stay, and nothing is left to be removed."""
    folders = {state: with_checkpoints(home, state, seed=number) for number, state in enumerate(STATES)}
    planned = cleaning(home)
    assert names(folders["finished"]) == ALL

    gone = clean(home)

    assert gone == planned
    assert set(gone.run_ids) == {folders["finished"].run_id, folders["diverged"].run_id}
    assert (gone.num_files, gone.freed_bytes >= 8 * SIZE) == (8, True)
    for state, folder in folders.items():
        assert names(folder) == ([] if state in ("finished", "diverged") else ALL), state
        assert folder.status.exists()
    assert cleaning(home).num_files == 0


def test_the_best_one_can_be_kept(home: Home) -> None:
    """It is what an early end leaves behind; the one before the last has other bytes than the best."""
    folder = with_checkpoints(home, "finished")
    assert clean(home, keeps_best=True).num_files == 3
    assert names(folder) == ["best"]


def test_what_has_been_taken_up_meanwhile_is_left_alone(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that waits again, one that a worker holds, and one that was extended after the look at it."""
    waiting, held, extended = (with_checkpoints(home, "finished", seed=seed) for seed in range(3))
    queue.enqueue(home, waiting.run_id)
    planned = cleaning(home)
    assert waiting.run_id not in planned.run_ids
    monkeypatch.setattr("tui_optim.runs.cleaning.cleaning", lambda _, **__: planned)
    queue.enqueue(home, extended.run_id)
    with held_lock(held.lock):
        assert clean(home).num_files == 0
    assert all(names(folder) == ALL for folder in (waiting, held, extended))


def test_a_fork_under_way_keeps_where_it_begins(home: Home) -> None:
    """Its file shares the parent's bytes, which therefore are not freed."""
    parent, child = with_checkpoints(home, "finished"), make_run(home, make_spec(seed=1), state="queued").folder
    os.link(parent.checkpoints / "step-000005.pt", child.checkpoints / "branch.pt")
    before = cleaning(home)

    gone = clean(home)

    assert gone.freed_bytes == before.freed_bytes < 4 * SIZE
    begin = load_checkpoint(child.checkpoints)
    assert begin is not None
    assert begin.step == 5

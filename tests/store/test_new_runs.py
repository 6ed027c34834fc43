"""New runs: whole or not at all."""

import json
from pathlib import Path

import pytest

from tests.factories import VERSIONS, make_spec
from tui_optim.spec.errors import StoreError
from tui_optim.store import new_runs
from tui_optim.store.home import Home, open_home
from tui_optim.store.new_runs import NewRun, create_run, create_runs
from tui_optim.store.status import Status, write_status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_a_new_run_is_queued_and_reads_back(home: Home) -> None:
    """run.json gives the specification back, with versions and the command that repeats it."""
    spec = make_spec("lenet5-fashion-fc", overrides={"lr": 0.05, "penalty.kind": "l1", "batch_size": "full"})
    folder = create_run(home, spec, versions=VERSIONS)
    info = folder.read_info()
    assert info.spec == spec
    assert (info.run_id, info.versions) == (folder.run_id, VERSIONS)
    assert (folder.read_status().state, folder.read_status().epochs) == ("queued", 2)
    assert json.loads((folder.path / "run.json").read_bytes())["command"] == spec.command
    assert folder.path.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in home.runs.iterdir()] == [folder.run_id]


def test_runs_made_in_the_same_second_differ(home: Home) -> None:
    """Ten identical runs are ten folders."""
    spec = make_spec()
    assert len({create_run(home, spec, versions={}).run_id for _ in range(10)}) == 10


def test_a_home_that_cannot_hold_runs_gets_no_half_of_one(tmp_path: Path) -> None:
    """The error is one line; nothing was made."""
    (tmp_path / "file").write_text("")
    home = Home(tmp_path / "file")
    with pytest.raises(StoreError, match="cannot make a run folder in"):
        create_run(home, make_spec(), versions={})
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_disk_that_fills_up_leaves_no_half_made_run(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last file of the folder cannot be written: the folder goes away again."""

    def refuse(path: Path, status: Status) -> None:
        raise StoreError(f"cannot write {path}: No space left on device ({status.state})")

    monkeypatch.setattr(new_runs, "write_status", refuse)
    with pytest.raises(StoreError, match="No space left"):
        create_run(home, make_spec(), versions={})
    assert list(home.runs.iterdir()) == []


def test_of_runs_that_are_made_together_all_are_or_none(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third of four cannot be written: whoever is told so finds no others that begin to train after a while."""
    runs = [NewRun(spec=make_spec(seed=seed), run_id=f"run-{seed}") for seed in range(1, 5)]

    def refuse(path: Path, status: Status) -> None:
        if "run-3" in str(path):
            raise StoreError(f"cannot write {path}: No space left on device")
        write_status(path, status)

    with monkeypatch.context() as full:
        full.setattr(new_runs, "write_status", refuse)
        with pytest.raises(StoreError, match="No space left"):
            create_runs(home, runs, versions={})
    assert list(home.runs.iterdir()) == []
    assert [folder.run_id for folder in create_runs(home, runs, versions={})] == [run.run_id for run in runs]

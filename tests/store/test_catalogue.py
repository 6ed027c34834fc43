"""The catalogue: finding runs, surviving damaged folders, reading each only once."""

import errno
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from tests.factories import make_run, make_spec
from tests.oddities import ALL_ARE_READ, NEED_PERMISSIONS, ODDITIES, add_oddity
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.store import runfolder
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.home import Home, open_home
from tui_optim.store.liveness import current_identity
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status, write_status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def set_created(run: StoredRun, created: float) -> None:
    """Change when a run was made."""
    path = run.folder.path / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "created": created}))


def test_runs_come_oldest_first(home: Home) -> None:
    """By the time in run.json, whatever the folders are called."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in range(3)]
    for run, created in zip(runs, (30.0, 10.0, 20.0), strict=True):
        set_created(run, created)
    assert [run.info.spec.seed for run in Catalogue(home).runs()] == [1, 2, 0]


def test_names_of_several_runs_mean_all_of_them(home: Home) -> None:
    """A scenario, or a part that several ids have; each run once, oldest first."""
    runs = [
        make_run(home, make_spec(seed=1)),
        make_run(home, make_spec(seed=2)),
        make_run(home, make_spec("mlp-fashion")),
    ]
    for run, created in zip(runs, (3.0, 2.0, 1.0), strict=True):
        set_created(run, created)
    catalogue = Catalogue(home)

    def found(*names: str) -> list[str]:
        return [run.run_id for run in catalogue.find_all(names)]

    assert found("lenet5-fashion") == [runs[1].run_id, runs[0].run_id]
    assert found("sgd-baseline", "last") == [run.run_id for run in reversed(runs)]
    assert found("-s1-", "-s1-") == [runs[0].run_id]
    with pytest.raises(UsageError, match="unknown run 'adam'"):
        catalogue.find_all(["-s1-", "adam"])


def test_a_run_is_found_by_a_part_of_its_id(home: Home) -> None:
    """Id, a part that only one run has, or 'last'."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in (7, 8)]
    set_created(runs[0], 2.0**40)
    catalogue = Catalogue(home)
    assert catalogue.find(runs[0].run_id).run_id == runs[0].run_id
    assert catalogue.find("-s8-").run_id == runs[1].run_id
    assert catalogue.find("last").run_id == runs[0].run_id


def test_a_part_of_several_ids_is_refused(home: Home) -> None:
    """The message names them."""
    runs = [make_run(home) for _ in range(2)]
    with pytest.raises(UsageError, match="names 2 runs") as caught:
        Catalogue(home).find("sgd-baseline")
    assert all(run.run_id in str(caught.value) for run in runs)


def test_an_unknown_run_is_refused_with_the_nearest(home: Home) -> None:
    """And an empty home says that it is empty."""
    catalogue = Catalogue(home)
    with pytest.raises(UsageError, match="there are no runs yet"):
        catalogue.find("last")
    run = make_run(home)
    with pytest.raises(UsageError, match="did you mean") as caught:
        catalogue.find(run.run_id[:-1] + "~")
    assert run.run_id in str(caught.value)


def test_damaged_folders_are_reported_and_the_others_read(home: Home) -> None:
    """One broken run hides no other."""
    good, no_status, bad_info = (make_run(home) for _ in range(3))
    no_status.folder.status.unlink()
    (bad_info.folder.path / "run.json").write_bytes(b"{")
    (home.runs / "stray").write_text("not a run")
    (home.runs / ".new-half").mkdir()
    catalogue = Catalogue(home)
    assert [run.run_id for run in catalogue.runs()] == [good.run_id]
    assert set(catalogue.damaged) == {no_status.run_id, bad_info.run_id, "stray"}


def test_a_repaired_folder_is_no_longer_damaged(home: Home) -> None:
    """Damage is looked at again."""
    run = make_run(home)
    content = run.folder.status.read_bytes()
    run.folder.status.write_bytes(b"")
    catalogue = Catalogue(home)
    assert catalogue.runs() == []
    run.folder.status.write_bytes(content)
    assert [found.run_id for found in catalogue.runs()] == [run.run_id]
    assert catalogue.damaged == {}


def test_unchanged_folders_are_not_read_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look at a thousand finished runs costs a stat each; only the changed one is read."""
    runs = [make_run(home) for _ in range(3)]
    catalogue = Catalogue(home)
    before = catalogue.runs()
    read: list[str] = []
    read_status = RunFolder.read_status

    def note_and_read(folder: RunFolder) -> Status:
        read.append(folder.run_id)
        return read_status(folder)

    monkeypatch.setattr(RunFolder, "read_status", note_and_read)
    assert all(a is b for a, b in zip(catalogue.runs(), before, strict=True))
    assert read == []
    write_status(runs[1].folder.status, replace(runs[1].status, state="failed"))
    assert catalogue.find(runs[1].run_id).status.state == "failed"
    assert read == [runs[1].run_id]


def test_a_worker_that_dies_in_silence_is_noticed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A running run's status is looked at each time, since its file does not change when its worker is killed."""
    run = make_run(home, state="running")
    write_status(run.folder.status, replace(run.status, owner=current_identity()))
    catalogue = Catalogue(home)
    assert catalogue.find("last").status.state == "running"
    monkeypatch.setattr("tui_optim.store.status.is_alive", lambda *_, **__: False)
    assert catalogue.find("last").status.state == "interrupted"


def test_a_removed_run_is_forgotten(home: Home) -> None:
    """And a home without a runs folder has no runs."""
    run = make_run(home)
    catalogue = Catalogue(home)
    assert len(catalogue.runs()) == 1
    run.folder.path.rename(home.root / "elsewhere")
    assert catalogue.runs() == []
    os.rmdir(home.runs)  # noqa: PTH106 - as an outsider would
    assert catalogue.runs() == []


@pytest.mark.parametrize("kind", ODDITIES)
def test_what_is_no_whole_run_is_named_and_the_others_read(home: Home, kind: str) -> None:
    """Whatever lies among the runs: a sentence of one line about it, none about others, and no reader held up."""
    if kind in NEED_PERMISSIONS and ALL_ARE_READ:
        pytest.skip("this user may read everything")
    good = make_run(home)
    said = add_oddity(home, kind)
    catalogue = Catalogue(home)
    for _ in range(2):
        assert [run.run_id for run in catalogue.runs()] == [good.run_id]
        (sentence,) = catalogue.damaged.values()
        assert said in sentence
        assert sentence.isprintable()


@pytest.mark.parametrize("kind", ["a huge run.json", "rubbish as run.json", "a newer format", "rubbish as status"])
def test_damage_is_not_read_again(home: Home, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app looks four times a second: what was no run stays none until a file changes."""
    add_oddity(home, kind)
    catalogue = Catalogue(home)
    catalogue.runs()
    before = dict(catalogue.damaged)
    monkeypatch.setattr(RunFolder, "read_info", _never)
    monkeypatch.setattr(RunFolder, "read_status", _never)
    assert catalogue.runs() == []
    assert catalogue.damaged == before


def test_an_error_that_may_pass_is_tried_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files: no file changes when there are fewer again."""
    run = make_run(home)
    catalogue = Catalogue(home)
    with monkeypatch.context() as patch:
        patch.setattr(runfolder, "read_regular", _too_many_open_files)
        assert catalogue.runs() == []
        assert "Too many open files" in catalogue.damaged[run.run_id]
    assert [found.run_id for found in catalogue.runs()] == [run.run_id]


def test_a_folder_that_vanishes_while_it_is_read_is_no_damage(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody deletes runs: those that are gone are not told about, those that stay are read."""
    kept, gone = make_run(home), make_run(home, make_spec(seed=7))
    read_info = RunFolder.read_info

    def delete_and_read(folder: RunFolder) -> RunInfo:
        shutil.rmtree(gone.folder.path, ignore_errors=True)
        return read_info(folder)

    monkeypatch.setattr(RunFolder, "read_info", delete_and_read)
    catalogue = Catalogue(home)
    assert [run.run_id for run in catalogue.runs()] == [kept.run_id]
    assert catalogue.damaged == {}


def test_a_glance_sees_what_goes_on(home: Home) -> None:
    """New runs and the state of those under way; that a run at its end was queued again shows at the next whole look."""
    ended, queued = make_run(home), make_run(home, state="queued")
    catalogue = Catalogue(home)
    catalogue.runs()
    new = make_run(home, make_spec(seed=9))
    write_status(ended.folder.status, replace(ended.status, state="queued"))
    write_status(queued.folder.status, replace(queued.status, state="stopped"))

    def states(*, is_glance: bool) -> dict[str, str]:
        return {run.run_id: run.status.state for run in catalogue.runs(is_glance=is_glance)}

    seen = {ended.run_id: "finished", queued.run_id: "stopped", new.run_id: "finished"}
    assert states(is_glance=True) == seen
    assert states(is_glance=False) == {**seen, ended.run_id: "queued"}


def test_one_run_is_read_without_the_others(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """For those who follow a few runs of a large home; a whole look afterwards knows all."""
    run, other = make_run(home), make_run(home, make_spec(seed=7))
    catalogue = Catalogue(home)
    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", _never)
        assert catalogue.read(run.run_id).status == run.status
    write_status(run.folder.status, replace(run.status, state="failed"))
    assert catalogue.read(run.run_id).status.state == "failed"
    assert {found.run_id: found.status.state for found in catalogue.runs()} == {
        run.run_id: "failed",
        other.run_id: "finished",
    }
    with pytest.raises(StoreError, match="nobody: not a run"):
        catalogue.read("nobody")


def test_a_damaged_run_that_is_asked_for_says_what_is_wrong(home: Home) -> None:
    """Not that there is none of this name."""
    make_run(home)
    damaged = make_run(home, make_spec(seed=7))
    damaged.folder.status.write_bytes(b"{")
    with pytest.raises(UsageError, match=r"status\.json: damaged"):
        Catalogue(home).find(damaged.run_id)


def _never(*_: object) -> NoReturn:
    raise AssertionError("nobody had to do this")


def _too_many_open_files(*_: object, **__: object) -> NoReturn:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

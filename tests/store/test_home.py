"""Where things are kept."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.factories import VERSIONS, make_spec
from tests.sweep_factories import make_sweep_spec
from tui_optim.runs import queue
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import is_strangers
from tui_optim.store.eventlog import EventWriter
from tui_optim.store.files import held_lock, write_export
from tui_optim.store.home import Home, cache_folder, config_folder, home_folder, open_home
from tui_optim.store.label import relabel
from tui_optim.store.new_runs import NewRun, create_runs
from tui_optim.store.sweepfolder import create_sweep


def test_a_home_is_made_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder of the environment is made with all that is in it, for its owner only."""
    monkeypatch.setenv("TUI_OPTIM_HOME", str(tmp_path / "a" / "home"))
    home = open_home()
    assert home.root == tmp_path / "a" / "home"
    assert home.runs.is_dir()
    assert home.queue.is_dir()
    assert home.root.stat().st_mode & 0o777 == 0o700
    assert open_home() == home


def test_folders_follow_their_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Home, configuration and cache can each be moved; a relative name does not move with the working directory."""
    monkeypatch.chdir(tmp_path)
    for name, folder in (("HOME", home_folder), ("CONFIG", config_folder), ("CACHE", cache_folder)):
        monkeypatch.setenv(f"TUI_OPTIM_{name}", "here")
        assert folder() == tmp_path / "here"
        monkeypatch.delenv(f"TUI_OPTIM_{name}")
        assert folder().name == "tui-optim"


def test_a_home_below_a_file_is_refused(tmp_path: Path) -> None:
    """The message names the folder and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="set TUI_OPTIM_HOME to a folder that you can write"):
        open_home(tmp_path / "file" / "home")


def test_a_home_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is started in it."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StoreError, match="no permission to write"):
        open_home(tmp_path)


def test_looking_needs_no_permission_to_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists and exports work in a home that is only readable; starting runs does not."""
    open_home(tmp_path)
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert open_home(tmp_path, is_read_only=True).root == tmp_path
    with pytest.raises(StoreError, match="no permission to write"):
        open_home(tmp_path)


def modes(home: Home) -> list[int]:
    """Of the folder itself, then of runs, queue and sweeps."""
    return [stat.S_IMODE(one.stat().st_mode) for one in (home.root, home.runs, home.queue, home.sweeps)]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_a_home_and_all_that_clients_write_in_it_are_private(tmp_path: Path, umask: int) -> None:
    """Whatever the umask: folders 0700, files 0600; an export too, which elsewhere is as readable as any file."""
    before = os.umask(umask)
    try:
        home = open_home(tmp_path / "home")
        (folder,) = create_runs(home, [NewRun(spec=make_spec(), run_id="a-run")], versions=VERSIONS)
        folder.order(Order(command="stop"))
        relabel(folder.label, name="mine")
        queue.enqueue_all(home, [folder.run_id])
        queue.write_slots(home, 2)
        with held_lock(home.supervisor_lock):
            pass
        EventWriter(folder.events).close()
        create_sweep(home, make_sweep_spec(), versions=VERSIONS)
        export = tmp_path / "table.csv"
        write_export(export, b"")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TUI_OPTIM_HOME", str(home.root))
            write_export(home.root / "table.csv", b"")
    finally:
        os.umask(before)
    found = {path.relative_to(tmp_path): stat.S_IMODE(path.stat().st_mode) for path in home.root.rglob("*")}
    expected = {name: 0o700 if (tmp_path / name).is_dir() else 0o600 for name in found}
    assert len(found) > 15
    assert found == expected
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(export.stat().st_mode) == 0o666 & ~umask


def test_an_older_home_is_closed_to_others(tmp_path: Path) -> None:
    """Once it is worked in: what is in its folders is nobody's business, and nobody else may put anything there."""
    home = open_home(tmp_path / "home")
    home.sweeps.mkdir()
    for folder in (home.root, home.runs, home.queue, home.sweeps):
        folder.chmod(0o777)
    open_home(home.root, is_read_only=True)
    assert modes(home) == [0o777, 0o777, 0o777, 0o777]
    open_home(home.root)
    assert modes(home) == [0o755, 0o700, 0o700, 0o700]


@pytest.mark.parametrize("part", ["", "runs", "queue", "sweeps"])
def test_a_strangers_home_is_looked_at_and_not_worked_in(
    tmp_path: Path, give_away: Callable[[Path], None], part: str
) -> None:
    """Nor one in which a folder is another user's: the runs there may name code of theirs."""
    home = open_home(tmp_path / "home")
    home.sweeps.mkdir()
    give_away(home.root / part)
    assert open_home(home.root, is_read_only=True) == home
    with pytest.raises(StoreError, match=r"belongs to another user.*set TUI_OPTIM_HOME to a folder of your own"):
        open_home(home.root)


def test_who_is_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this user nor root, who can do as this user anyhow."""
    found = tmp_path.stat()
    assert not is_strangers(found)
    theirs = os.stat_result((*found[:4], 4321, *found[5:10]))
    assert is_strangers(theirs)
    monkeypatch.setattr(os, "geteuid", lambda: 4321)
    assert not is_strangers(theirs)
    assert not is_strangers(os.stat_result((*found[:4], 0, *found[5:10])))

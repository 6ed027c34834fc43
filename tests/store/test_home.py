"""Where things are kept."""

import os
from pathlib import Path

import pytest

from tui_optim.spec.errors import StoreError
from tui_optim.store.home import cache_folder, config_folder, home_folder, open_home


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

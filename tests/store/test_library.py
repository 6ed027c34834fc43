"""The preset library: the packaged presets and the user's own."""

import os
from pathlib import Path

import pytest

from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers import FAMILIES
from tui_optim.store import library
from tui_optim.store.library import load_library, packaged_presets_folder, preset_path

PRESET = 'name = "{name}"\nfamily = "{family}"\noptimizer = "sgd"\nadvice = "for tests"\n'


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Empty folders for packaged presets (of the family 'basic') and for the user's."""
    packaged, user = tmp_path / "package" / "optimizers" / "basic", tmp_path / "config" / "presets"
    packaged.mkdir(parents=True)
    user.mkdir(parents=True)
    monkeypatch.setattr(library, "packaged_presets_folder", lambda: tmp_path / "package")
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(tmp_path / "config"))
    return packaged, user


def write(folder: Path, preset_id: str, name: str, family: str = "basic") -> None:
    """Write a valid preset."""
    (folder / f"{preset_id}.toml").write_text(PRESET.format(name=name, family=family))


def test_presets_are_ordered_by_family_then_name(folders: tuple[Path, Path]) -> None:
    """As the panel groups them, whatever the files are called."""
    write(folders[0], "a", "Zeta")
    write(folders[0], "b", "Alpha")
    write(folders[0], "c", "Momentum", "momentum")
    write(folders[1], "d", "Mine", "basic")
    presets = load_library().presets
    assert list(presets) == ["b", "d", "a", "c"]
    assert [preset.family for preset in presets.values()] == sorted(
        (p.family for p in presets.values()), key=FAMILIES.index
    )


def test_a_users_preset_replaces_the_packaged_one(folders: tuple[Path, Path]) -> None:
    """The same id in the config folder wins."""
    write(folders[0], "sgd", "Packaged")
    write(folders[1], "sgd", "Mine")
    assert load_library().find("sgd").name == "Mine"


def test_a_damaged_preset_is_a_problem_and_hides_no_other(folders: tuple[Path, Path]) -> None:
    """The problem names the file."""
    write(folders[0], "good", "Good")
    (folders[1] / "bad.toml").write_text("name = 3")
    found = load_library()
    assert list(found.presets) == ["good"]
    assert len(found.problems) == 1
    assert "bad.toml" in found.problems[0]


def test_a_fifo_among_the_presets_is_a_problem_and_holds_nothing_up(folders: tuple[Path, Path]) -> None:
    """The packaged preset of the same name is the one that is used, and copied."""
    write(folders[0], "sgd", "Packaged")
    os.mkfifo(folders[1] / "sgd.toml")
    assert "sgd.toml: cannot be read (it is a FIFO" in load_library().problems[0]
    assert preset_path("sgd") == folders[0] / "sgd.toml"


def test_an_unknown_preset_is_refused_with_the_nearest(folders: tuple[Path, Path]) -> None:
    """One line with a hint."""
    write(folders[0], "nesterov", "Nesterov")
    with pytest.raises(UsageError, match="unknown preset 'nestrov': did you mean 'nesterov'"):
        load_library().find("nestrov")


def test_missing_folders_hold_no_presets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a config folder is the normal case."""
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(tmp_path / "nowhere"))
    monkeypatch.setattr(library, "packaged_presets_folder", lambda: tmp_path / "nowhere")
    assert load_library().presets == {}


def test_the_packaged_presets_are_found_from_a_checkout() -> None:
    """Beside the package, or inside it once installed."""
    assert (packaged_presets_folder() / "optimizers").is_dir()


def test_a_broken_preset_is_not_unknown(folders: tuple[Path, Path]) -> None:
    """Who asks for it by name hears what is wrong with its file."""
    (folders[1] / "mine.toml").write_text("name = ", encoding="utf-8")
    with pytest.raises(UsageError, match=r"mine\.toml: not valid TOML"):
        load_library().find("mine")

"""What a user gets with `pip install`: the presets and the sample are inside the wheel."""

import zipfile
from pathlib import Path

import pytest

from tui_optim.store.library import packaged_presets_folder

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_presets_and_sample(tmp_path: Path) -> None:
    """Every preset of the checkout lies below `_presets`, every sample file beside the package; nothing of the tests does."""
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling builds the wheel")
    (wheel,) = builders.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    names = set(zipfile.ZipFile(wheel).namelist())
    presets = {path.relative_to(ROOT / "presets").as_posix() for path in (ROOT / "presets").rglob("*.toml")}
    sample = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tui_optim" / "sample").rglob("*.gz")}
    assert {f"tui_optim/_presets/{name}" for name in presets} <= names
    assert sample <= names
    assert len(sample) == 8
    assert not any(name.startswith("tests/") for name in names)


def test_an_editable_install_finds_the_presets() -> None:
    """In a checkout the presets are read from where they are edited."""
    assert packaged_presets_folder() == ROOT / "presets"

"""The file of settings: what is right in it counts, what is wrong is said, and the user's own words stay."""

from pathlib import Path

import pytest

from tui_optim.spec.errors import UsageError
from tui_optim.spec.settings import FIELDS, Settings, choices, expected, help_text
from tui_optim.store.remembered import Remembered, keep_remembered, load_remembered
from tui_optim.store.settings import load_settings, store_setting


def test_without_a_file_there_are_the_defaults(tmp_path: Path) -> None:
    """And each of them can be explained."""
    stored = load_settings(tmp_path / "none.toml")
    assert stored.settings == Settings()
    assert stored.problems == ()
    assert all(help_text(name) and expected(name) for name in FIELDS)
    assert all(str(getattr(Settings(), name)).lower() in choices(name) for name in FIELDS if choices(name))


def test_a_wrong_value_is_one_sentence_and_the_others_count(tmp_path: Path) -> None:
    """The sentence names the file, what was expected and the nearest valid word."""
    path = tmp_path / "settings.toml"
    path.write_text(
        'theme = "safe-drak"\nbell = true\nrefresh_hz = 99\ncolour = 1\n[keys]\nchart.zoom-in = "Z"\nrace = "x"\n'
    )
    stored = load_settings(path)
    assert stored.settings == Settings(bell=True, keys={"chart.zoom-in": "Z", "race": "x"})
    theme, rate, unknown = stored.problems
    assert theme.startswith(f"{path}: theme = 'safe-drak'")
    assert "did you mean 'safe-dark'?; the default is used" in theme
    assert "expected a number from 0.2 to 4" in rate
    assert "unknown setting 'colour'" in unknown


@pytest.mark.parametrize("content", [b"theme = ", b"\xff\xfe", b"[keys\n"])
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    """The defaults hold; a change is refused, so that nothing of the user's is lost."""
    path = tmp_path / "settings.toml"
    path.write_bytes(content)
    stored = load_settings(path)
    assert stored.settings == Settings()
    assert len(stored.problems) == 1
    assert "the defaults are used" in stored.problems[0]
    with pytest.raises(UsageError, match="mend or remove it first"):
        store_setting("bell", "true", path=path)
    assert path.read_bytes() == content


def test_a_change_leaves_the_users_words(tmp_path: Path) -> None:
    """Comments stay, values are written as their kind, and what is taken back is gone."""
    path = tmp_path / "deeper" / "settings.toml"
    store_setting("marker", "dots", path=path)
    path.write_text(f"# mine\n{path.read_text()}")
    store_setting("refresh_hz", "0.5", path=path)
    store_setting("mouse", "off", path=path)
    store_setting("keys.race", "ctrl+r", path=path)
    assert path.read_text().startswith('# mine\nmarker = "dots"\n')
    assert load_settings(path).settings == Settings(marker="dots", refresh_hz=0.5, mouse=False, keys={"race": "ctrl+r"})
    store_setting("keys.race", None, path=path)
    store_setting("marker", None, path=path)
    assert load_settings(path).settings == Settings(refresh_hz=0.5, mouse=False)
    with pytest.raises(UsageError, match="expected one of braille, dots, blocks, ascii; did you mean 'dots'"):
        store_setting("marker", "dot", path=path)


def test_the_layout_is_no_more_than_a_convenience(tmp_path: Path) -> None:
    """What was kept is there again; a damaged or foreign file is as none, and a folder that cannot be written stops nobody."""
    path = tmp_path / "layout.json"
    kept = Remembered(scenario="circles", is_left_hidden=True, axis="seconds", smoothing=0.9)
    keep_remembered(kept, path)
    assert load_remembered(path) == kept
    path.write_text('{"axis": "seconds", "later": 1}')
    assert load_remembered(path) == Remembered(axis="seconds")
    path.write_text("{")
    assert load_remembered(path) == load_remembered(tmp_path / "none") == Remembered()
    keep_remembered(kept, path / "below a file" / "layout.json")

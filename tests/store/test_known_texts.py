"""What was parsed once is read back, and a file that says nonsense costs no more than the time that it would have saved."""

import tomllib
from pathlib import Path

import pytest

from tui_optim.store import library
from tui_optim.store.known_texts import KnownTexts

TEXT = 'name = "Ä"\nrates = [0.1, inf]\nis_on = true\n[scenarios.a]\nbatch_size = 9007199254740993\n'


def test_a_kept_text_says_the_same_without_being_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Values and their types come back, also huge whole numbers and infinity; another text is parsed."""
    path = tmp_path / "cache" / "presets.json"
    first = KnownTexts(path)
    expected = first.parse(TEXT)
    first.keep()
    with monkeypatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda _: pytest.fail("parsed again"))
        assert (
            KnownTexts(path).parse(TEXT)
            == expected
            == {
                "name": "Ä",
                "rates": [0.1, float("inf")],
                "is_on": True,
                "scenarios": {"a": {"batch_size": 9007199254740993}},
            }
        )
    assert KnownTexts(path).parse("name = 1\n") == {"name": 1}


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b"[" * 100_000, b'{"a": 1}', b"null"])
def test_what_cannot_be_read_is_parsed_anew_and_replaced(tmp_path: Path, content: bytes) -> None:
    """Whatever another program, or a torn write, has left there."""
    path = tmp_path / "presets.json"
    path.write_bytes(content)
    texts = KnownTexts(path)
    assert texts.parse("name = 1\n") == {"name": 1}
    texts.keep()
    assert KnownTexts(path)._kept.keys() == texts._used.keys()


def test_a_text_that_json_cannot_hold_stops_nothing(tmp_path: Path) -> None:
    """A date is no value of a preset, which its own check says."""
    path = tmp_path / "presets.json"
    texts = KnownTexts(path)
    texts.parse("day = 2026-11-28\n")
    texts.keep()
    assert not path.exists()


def test_the_library_is_the_same_from_kept_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Presets in their order with all their numbers; nothing is written again where nothing has changed."""
    monkeypatch.setenv("TUI_OPTIM_CACHE", str(tmp_path))
    parsed = library.load_library()
    written = (tmp_path / "presets.json").stat().st_mtime_ns
    with monkeypatch.context() as patch:
        patch.setattr(tomllib, "loads", lambda _: pytest.fail("parsed again"))
        kept = library.load_library()
    assert list(kept.presets.items()) == list(parsed.presets.items())
    assert (tmp_path / "presets.json").stat().st_mtime_ns == written

"""`tui-optim config`: the settings without the app."""

import json
from pathlib import Path

from tests.cli.calling import Caller


def test_settings_are_read_and_changed(call: Caller, home: Path) -> None:
    """Listed, asked for one by one, set, and taken back; the file is where `path` says."""
    path = Path(call("config", "path").out.strip())
    assert path == home.parent / "config" / "settings.toml"
    assert call("config", "get", "theme").out == "auto\n"
    assert call("config", "set", "theme", "safe-dark").out == f"theme = safe-dark, in {path}\n"
    call("config", "set", "keys.race", "ctrl+e")
    assert call("config", "get", "theme").out == "safe-dark\n"
    assert call("config", "get", "keys.race").out == "ctrl+e\n"
    assert call("config", "get", "keys.quit").out == "q\n"
    kept = json.loads(call("config", "list", "--json").out)
    assert (kept["path"], kept["settings"]["keys"], kept["problems"]) == (str(path), {"race": "ctrl+e"}, [])
    assert "keys.race = ctrl+e" in call("config", "list").out
    races = [one for one in json.loads(call("config", "keys", "--json").out)["keys"] if one["id"] == "race"]
    assert races[0]["keys"] == "ctrl+e"
    call("config", "unset", "theme")
    assert "theme" not in path.read_text()


def test_what_is_wrong_is_one_line(call: Caller, home: Path) -> None:
    """With what was expected or the nearest name; nothing is written."""
    wrong = [
        (("set", "theme", "safe-drak"), "did you mean 'safe-dark'"),
        (("set", "refresh_hz", "fast"), "expected a number from 0.2 to 4"),
        (("set", "them", "dark"), "did you mean 'theme'"),
        (("set", "keys.race", "q"), "is the key of quit already"),
        (("set", "keys.raze", "x"), "did you mean 'race'"),
        (("set", "keys.race", "nokey"), "is no key"),
        (("set", "keys", "x"), "name one by its id"),
        (("get", "keys.raze"), "did you mean 'race'"),
        (("unset", "them"), "did you mean 'theme'"),
    ]
    for words, said in wrong:
        done = call("config", *words)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert said in done.err
    assert not (home.parent / "config").exists()

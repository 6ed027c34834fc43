"""What the app is told of the terminal that it is opened in."""

import gc

import pytest

from tests.cli.calling import Caller
from tui_optim.ui.look.surroundings import Surroundings


def test_the_app_is_told_what_the_terminal_can_show(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--ascii` asks for ASCII; the ground comes from `COLORFGBG` where no terminal answers, the characters from the locale."""
    monkeypatch.setattr(gc, "disable", lambda: None)
    seen: list[Surroundings] = []
    monkeypatch.setattr("tui_optim.cli.opening.has_terminal", lambda: True)
    monkeypatch.setattr("tui_optim.ui.run_app.run_app", lambda surroundings, **_: seen.append(surroundings))
    monkeypatch.setattr("tui_optim.ui.look.surroundings.initial_environment", lambda _: {"LANG": "C"})
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert call("--ascii").code == 0
    monkeypatch.setattr("tui_optim.ui.look.surroundings.initial_environment", lambda _: {"LANG": "C.UTF-8"})
    monkeypatch.delenv("COLORFGBG")
    assert call("--data-dir", ".").code == 0
    assert seen == [
        Surroundings(is_dark=False, is_utf8=False, is_ascii_asked=True),
        Surroundings(is_dark=None, is_utf8=True, is_ascii_asked=False),
    ]

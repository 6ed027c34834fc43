"""Calling the command line in this process."""

import sys
from dataclasses import dataclass

import pytest

from tui_optim.cli.main import main


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str


class Caller:
    """Calls `tui-optim WORDS…`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> Answer:
        self._monkeypatch.setattr(sys, "argv", ["tui-optim", *words])
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as leaving:
            main()
        printed = self._capsys.readouterr()
        assert isinstance(leaving.value.code, int)
        return Answer(leaving.value.code, printed.out, printed.err)

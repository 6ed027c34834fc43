"""A preset whose file has a hostile name moves no cursor and is no markup, whatever command shows it."""

from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_preset, make_run, make_spec
from tests.report.hostile import FILE_NAME
from tui_optim.runs.client import Client
from tui_optim.store.home import open_home


@pytest.mark.parametrize(
    "words",
    [
        ("list", "runs"),
        ("show", "last"),
        ("compare",),
        ("status",),
        ("status", "--tmux"),
        ("export",),
        ("export", "--format", "csv-long"),
    ],
    ids=" ".join,
)
def test_commands_print_it_escaped(
    call: Caller, home: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Its letters are there, as they were written; nothing that a terminal would obey is."""
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)  # nobody trains the run that runs
    preset = make_preset().model_copy(update={"id": FILE_NAME})
    make_run(open_home(home), make_spec(preset=preset, seed=1))
    make_run(open_home(home), make_spec(preset=preset, seed=2), state="diverged", reason="\x1b[31mred\x07 [bold]x")
    make_run(open_home(home), make_spec(preset=preset, seed=3), state="running")

    answer = call(*words)

    assert answer.code == 0
    assert "alert" in "".join(answer.out.split())
    assert all(character == "\n" or character.isprintable() for character in answer.out)

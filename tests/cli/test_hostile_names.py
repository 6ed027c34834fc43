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


@pytest.mark.parametrize(
    "words",
    [
        ("config", "path"),
        ("config", "set", "keys.run.stop", "ctrl+t"),
        ("data", "list"),
        ("preset", "new", "mine", "--from", "sgd"),
        ("export", "-o", "table.csv"),
        ("status",),
    ],
    ids=" ".join,
)
def test_folders_with_hostile_names_are_printed_escaped(
    call: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """The home, the configuration and the file that is written lie in a folder whose name would move the cursor."""
    folder = tmp_path / "a\x1b[2J\u202eb\x9bc"
    folder.mkdir()
    for name in ("HOME", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"TUI_OPTIM_{name}", str(folder / name.lower()))
    monkeypatch.setattr(Client, "ensure_supervisor", lambda _: False)
    make_run(open_home(folder / "home"), make_spec(seed=1))
    if "-o" in words:
        words = (*words[:-1], str(folder / words[-1]))

    answer = call(*words)

    assert answer.code == 0, answer.err
    said = answer.out + answer.err
    assert "a?[2J?b?c" in said
    assert all(character == "\n" or character.isprintable() for character in said)

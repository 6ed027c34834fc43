"""What a process says, from where it says it to the supervisor's log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui_optim.runs.executors import words
from tui_optim.runs.executors.words import Words


@pytest.fixture
def said(tmp_path: Path) -> Words:
    """A file that nobody can see."""
    found = Words(tmp_path)
    assert list(tmp_path.iterdir()) == []
    return found


def test_letters_that_come_in_parts_are_whole_and_nothing_steers(
    said: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in (b"caf\xc3", b"\xa9 \x1b[2J\n", b"\xff", b"\xe2\x82"):
        os.write(said.file.fileno(), part)
        said.pass_on()
    said.close()

    assert capsys.readouterr().err == "café \\x1b[2J\n\\xff\\xe2\\x82"


def test_of_too_much_the_number_of_bytes_is_said(
    said: Words, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the file is emptied: what comes next is there, by whichever descriptor."""
    monkeypatch.setattr(words, "KEPT_BYTES", 100_000)
    code = "import os; os.write(1, b'x' * 200_000)"
    subprocess.run([sys.executable, "-c", code], stdout=said.file, check=True)
    said.pass_on()
    assert os.fstat(said.file.fileno()).st_size == 0
    subprocess.run([sys.executable, "-c", "print('next')"], stdout=said.file, check=True)
    said.close()

    assert capsys.readouterr().err == "x" * words.LOOK_BYTES + "\n[134,464 bytes more are left out]\nnext\n"

"""Calling the command line in this process, with streams as strict as a terminal's, and what an answer has to be."""

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.cli.main import main

CODES = (0, 1, 2, 130)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    words: tuple[str, ...]
    code: object
    out: str
    err: str


def call(words: Sequence[str]) -> Answer:
    """`tui-optim WORDS…`; whatever but SystemExit comes through."""
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    sys.argv, sys.stdin, sys.stdout, sys.stderr = ["tui-optim", *words], io.StringIO(), out, err
    code: object = None
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before
    return Answer(tuple(words), code, _written(out), _written(err))


def _written(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


def check_calm(answer: Answer) -> None:
    """A documented exit code, no traceback, nothing that a terminal would obey; wrong use is one line."""
    assert answer.code in CODES, answer
    assert "Traceback" not in answer.err, answer
    assert not any(line.startswith("tui-optim: unexpected ") for line in answer.err.splitlines()), answer
    for text in (answer.out, answer.err):
        assert all(character == "\n" or character.isprintable() for character in text), answer
    if answer.code == 2:
        *told, last = answer.err.splitlines()
        assert last.startswith("tui-optim: "), answer
        assert all(line.startswith(("tui-optim: ", "wrote ")) for line in told), answer

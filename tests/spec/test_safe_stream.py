"""What a user's code prints, where nobody can take it."""

import io
import sys

import pytest

from tui_optim.spec.safe_stream import printing_safely


class Closed(io.TextIOBase):
    """The end of a pipe whose other end has gone, or a file on a full disk."""

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_what_nobody_can_take_is_no_failure_of_the_code_that_prints_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Closed())
    with printing_safely():
        print("unheard", flush=True)
        print("unheard", file=sys.__stderr__, flush=True)
    with pytest.raises(BrokenPipeError):
        print("outside", file=sys.stderr)

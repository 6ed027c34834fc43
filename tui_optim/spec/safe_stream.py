"""What a user's own code prints: text on standard error, where no part of it steers a terminal, nor one that shows it later."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress


def escaped(text: str) -> str:
    """Each character that is neither printable nor the end of a line as its escape."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


class _SafeStream(io.TextIOBase):
    """Passes text on, escaped."""

    def __init__(self, behind: io.TextIOBase) -> None:
        self._behind = behind

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        """No: whoever asks may write colours then."""
        return False

    def write(self, text: str) -> int:
        with suppress(OSError):  # a full disk, or nobody who listens any more: no reason for a run to fail
            self._behind.write(escaped(text))
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._behind.flush()


def print_safely() -> None:
    """Whatever is printed from now on is on standard error, by Python's own names for the streams too."""
    stream = _SafeStream(sys.stderr)  # type: ignore[arg-type]
    sys.stdout = sys.stderr = stream
    sys.__stdout__ = sys.__stderr__ = stream  # type: ignore[assignment,misc]


@contextmanager
def printing_safely() -> Iterator[None]:
    """Whatever is printed inside is on standard error: standard output is for answers, a table or JSON."""
    stream = _SafeStream(sys.stderr)  # type: ignore[arg-type]
    own = sys.__stdout__, sys.__stderr__
    sys.__stdout__ = sys.__stderr__ = stream  # type: ignore[assignment,misc]
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    finally:
        sys.__stdout__, sys.__stderr__ = own  # type: ignore[misc]

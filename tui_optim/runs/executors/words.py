"""What a process that trains, and what it starts, says on standard error and output: in the supervisor's log, escaped."""

import codecs
import contextlib
import fcntl
import os
import sys
import tempfile
from pathlib import Path

from tui_optim.spec.safe_stream import escaped

LOOK_BYTES = 65_536
"""As much of it is passed on at a look; of what is said beyond that, the number of bytes."""
KEPT_BYTES = 1 << 20


class Words:
    """A file without a name, into which the process writes and from which the supervisor reads.

    Compiled code and other programs write there too, which no stream of Python sees. It is no pipe: a process whose supervisor
    has died must neither wait for a reader nor end for want of one.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing has been said. Raises OSError where the folder's disk has no room for a file."""
        self.file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - it lives as long as the process
        fcntl.fcntl(self.file, fcntl.F_SETFL, fcntl.fcntl(self.file, fcntl.F_GETFL) | os.O_APPEND)
        self._num_read = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")

    def pass_on(self) -> None:
        """Print on standard error what has been said since the last look."""
        descriptor = self.file.fileno()
        num_said = os.fstat(descriptor).st_size
        if num_said == self._num_read:
            return
        text = self._decoder.decode(os.pread(descriptor, min(LOOK_BYTES, num_said - self._num_read), self._num_read))
        if (num_unread := num_said - self._num_read - LOOK_BYTES) > 0:
            text += f"\n[{num_unread:,} bytes more are left out]\n"
        self._num_read = num_said
        _print(text)
        if self._num_read > KEPT_BYTES:  # what is said just now may be lost
            os.ftruncate(descriptor, 0)
            self._num_read = 0

    def close(self) -> None:
        """The process has gone: pass on the rest."""
        self.pass_on()
        _print(self._decoder.decode(b"", final=True))
        self.file.close()


def _print(text: str) -> None:
    with contextlib.suppress(OSError):  # a full disk: it stays unsaid
        print(escaped(text), end="", file=sys.stderr, flush=True)

"""The app in a pseudo-terminal of a given size, with everything that it prints read at once."""

import fcntl
import os
import pty
import re
import resource
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.lines import TerminalLines

PATIENCE_S = 120.0
"""An app on a machine on which everything of CI goes on side by side begins after many seconds."""
_COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


class AppInTerminal:
    """`tui-optim` as a person's terminal would run it."""

    def __init__(
        self,
        home: Path,
        *words: str,
        columns: int = 120,
        lines: int = 36,
        variables: Mapping[str, str] | None = None,
        before: Sequence[str] = (),
        errors: Path | None = None,
    ) -> None:
        """`tui-optim WORDS…`; `before` is a command that starts it; `errors` is a file for standard error, as of `2>file`."""
        environment = {**os.environ, "TUI_OPTIM_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment |= variables or {}
        for name in ("COLUMNS", "LINES"):  # would be believed before the terminal itself
            environment.pop(name, None)
        command = [*before, sys.executable, "-m", "tui_optim", *words]
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            if errors is not None:
                os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT, 0o600), 2)
            os.execve(command[0], command, environment)
        self.began = time.perf_counter()  # to fork a process that has torch takes 20 ms, which a shell does not
        os.set_inheritable(self._terminal, False)  # in another app it would keep this one's terminal from hanging up
        self.resize(columns, lines)
        self._lines, self._seen, self._touched = TerminalLines(), b"", ""
        self.has_ended = False

    @property
    def seen(self) -> bytes:
        """What was printed, since it was last emptied or a key was pressed."""
        return self._seen

    @seen.setter
    def seen(self, rest: bytes) -> None:
        self._seen = rest
        self._touched = self._touched if rest else ""

    def take_in(self, data: bytes) -> None:
        """What was printed, and the lines that it has changed."""
        self._seen += data
        self._touched += self._lines.feed(data) + "\n"

    def resize(self, columns: int, lines: int) -> None:
        """Another size of the window."""
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    @property
    def modes(self) -> int:
        """How the terminal treats lines: echo, signals, whole lines (termios' local flags)."""
        flags: int = termios.tcgetattr(self._terminal)[3]
        return flags

    def read_for(self, seconds: float) -> None:
        """Take what it prints for a while."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)

    def wait_for(self, mark: bytes, *, limit_s: float = PATIENCE_S) -> None:
        """Read until something is printed, or a text stands in a line that has changed. Raises TimeoutError."""
        deadline = time.perf_counter() + limit_s
        while mark not in self.seen and mark not in self._touched.encode():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{mark!r} never appeared")
            self._read(0.01)

    def wait_for_words(self, words: str, *, limit_s: float = PATIENCE_S) -> None:
        """Read until a text appears, whatever its colours. Raises TimeoutError."""
        deadline = time.perf_counter() + limit_s
        while words not in self._touched and words.encode() not in _COLOUR.sub(b"", self.seen):
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{words!r} never appeared")
            self._read(0.01)

    def read_until_quiet(self, *, quiet_s: float = 0.02, limit_s: float = 5.0) -> float:
        """Read until it has printed something and then nothing for a while; returns when the last of it came (`perf_counter`)."""
        last = deadline = time.perf_counter() + limit_s
        while (now := time.perf_counter()) < min(deadline, last + quiet_s):
            before = len(self.seen)
            self._read(quiet_s)
            last = time.perf_counter() if len(self.seen) > before else last
        if not self.seen:
            raise TimeoutError("nothing was printed")
        return min(last, now)

    def press(self, key: bytes) -> None:
        """Type a key; what was printed before it is forgotten."""
        self.seen = b""
        os.write(self._terminal, key)

    def wait_for_end(self, *, limit_s: float = PATIENCE_S, reads: bool = True) -> int:
        """Read, or not, until the app has gone; returns its wait status. Raises TimeoutError."""
        deadline = time.perf_counter() + limit_s
        while time.perf_counter() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.has_ended = True
                self.read_for(0.05)
                return status
            self._read(0.01) if reads else time.sleep(0.01)
        raise TimeoutError("the app did not end")

    def hang_up(self) -> resource.struct_rusage:
        """Close the terminal, as a lost connection does, and wait for the app's end; returns what it has used in all."""
        os.close(self._terminal)
        _, _, usage = os.wait4(self.pid, 0)
        self.has_ended = True
        return usage

    def end(self) -> None:
        """Leave nothing behind, whatever has happened."""
        if not self.has_ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.has_ended = True

    def _read(self, limit_s: float) -> None:
        if select.select([self._terminal], [], [], limit_s)[0]:
            with suppress(OSError):  # the app has closed its end
                self.take_in(os.read(self._terminal, 65536))

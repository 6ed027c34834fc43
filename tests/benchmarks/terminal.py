"""The app in a pseudo-terminal of a given size, with everything that it prints read at once."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from pathlib import Path


class AppInTerminal:
    """`tui-optim` as a person's terminal would run it."""

    def __init__(self, home: Path, *, columns: int = 120, lines: int = 36, errors: Path | None = None) -> None:
        """`errors` is a file for standard error, as of `tui-optim 2>file`."""
        environment = {**os.environ, "TUI_OPTIM_HOME": str(home), "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.began = time.perf_counter()
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            if errors is not None:
                os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT, 0o600), 2)
            os.execve(sys.executable, [sys.executable, "-m", "tui_optim"], environment)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.seen = b""

    def read_for(self, seconds: float) -> None:
        """Take what it prints for a while."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._read(left)

    def wait_for(self, mark: bytes, *, limit_s: float = 30.0) -> None:
        """Read until a text appears. Raises TimeoutError."""
        deadline = time.perf_counter() + limit_s
        while mark not in self.seen:
            if time.perf_counter() > deadline:
                raise TimeoutError(f"{mark!r} never appeared")
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

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does, and wait for the app's end."""
        os.close(self._terminal)
        os.waitpid(self.pid, 0)

    def _read(self, limit_s: float) -> None:
        if select.select([self._terminal], [], [], limit_s)[0]:
            self.seen += os.read(self._terminal, 65536)

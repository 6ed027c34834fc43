"""The terminal: where the app draws, and noticing that it is gone: else an input loop spins for ever on a dead one."""

import os
import select
import sys
import termios
import threading
from contextlib import suppress
from typing import Any, TextIO

USUAL_SCREEN = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?1049l\x1b[?25h"
"""The shell's screen again, with its cursor; mouse, pasting and focus are no longer reported."""


def draw_on_terminal() -> None:
    """Let Textual draw on standard output where standard error, on which it draws, goes to a file: `tui-optim 2>log`.

    What is told as an error goes to the file all the same.
    """
    if _is_terminal(sys.__stdout__) and not _is_terminal(sys.__stderr__):
        sys.__stderr__ = sys.__stdout__  # type: ignore[misc]  # the one place where Textual looks


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and not stream.closed and stream.isatty()


class TerminalWatch:
    """Remembers the parent and the terminal at the start and tells when either is gone."""

    def __init__(self) -> None:
        """Looks at the calling process and its standard input."""
        self._parent = os.getppid()
        self._descriptor: int | None = None
        with suppress(OSError, ValueError, AttributeError):
            descriptor = sys.__stdin__.fileno() if sys.__stdin__ else -1
            self._descriptor = descriptor if os.isatty(descriptor) else None
        self._modes = _modes(self._descriptor)

    @property
    def is_gone(self) -> bool:
        """Whether the parent has died or the terminal has hung up; never true where there was no terminal."""
        if self._descriptor is None:
            return False
        return self.is_orphaned or has_hung_up(self._descriptor)

    @property
    def is_orphaned(self) -> bool:
        """Whether the parent has died: all that there is to see where a browser stands for the terminal."""
        return os.getppid() != self._parent

    def end_by(self, limit_s: float, exit_code: int) -> None:
        """End the process in this time whatever hangs, as a driver does that waits for a terminal that takes nothing."""
        limit = threading.Timer(limit_s, self._end_now, [exit_code])
        limit.daemon = True
        limit.start()

    def _end_now(self, exit_code: int) -> None:
        if self._descriptor is not None and self._modes is not None:
            with suppress(OSError):
                _write_at_once(self._descriptor, USUAL_SCREEN)
            with suppress(termios.error):
                termios.tcsetattr(self._descriptor, termios.TCSANOW, self._modes)
        os._exit(exit_code)


def _write_at_once(descriptor: int, content: bytes) -> None:
    """Write as much as a terminal takes without waiting; the shell, which shares it, finds it as it was. Raises OSError."""
    was_blocking = os.get_blocking(descriptor)
    os.set_blocking(descriptor, False)
    try:
        os.write(descriptor, content)
    finally:
        os.set_blocking(descriptor, was_blocking)


def has_hung_up(descriptor: int) -> bool:
    """Whether the other end of a terminal is closed; nothing is read."""
    poll = select.poll()
    poll.register(descriptor, 0)
    try:
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))
    except OSError:
        return True


def _modes(descriptor: int | None) -> list[Any] | None:
    """How the terminal treats what is typed, before the app changes it."""
    if descriptor is None:
        return None
    try:
        return termios.tcgetattr(descriptor)
    except termios.error:
        return None

"""Asking the terminal whether its ground is dark or light, before the app takes it over.

Two questions go out together: OSC 11 (the colour of the ground) and DA1 (what are you), which every terminal answers, and
answers in order. Once DA1 has come there is nothing more to wait for; a terminal that answers neither costs the limit, which
the imports take anyway. Nothing is guessed: no answer is no answer.
"""

import contextlib
import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Mapping

QUESTIONS = b"\x1b]11;?\x1b\\\x1b[c"
LIMIT_S = 0.25
SSH_LIMIT_S = 1.0
_COLOUR = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_LAST = re.compile(rb"\x1b\[\?[0-9;]*c")


class GroundQuestion:
    """The question, asked when made; `answer` waits for what is left of the limit and gives the terminal back."""

    def __init__(self, descriptor: int, *, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`descriptor` is the terminal's."""
        self._descriptor = descriptor
        self._clock = clock
        self._until = clock() + limit_s
        self._before = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor, termios.TCSANOW)  # the answer is not echoed, and comes without a line's end
        os.write(descriptor, QUESTIONS)

    def answer(self) -> bool | None:
        """Whether the ground is dark; None where the terminal does not say."""
        said = b""
        try:
            while not _LAST.search(said):
                left = max(0.0, self._until - self._clock())  # what has come meanwhile is read, however late it is
                if not select.select([self._descriptor], [], [], left)[0]:
                    break
                said += os.read(self._descriptor, 1024)
        except OSError:
            return None
        finally:
            self.withdraw()
        return is_dark_answer(said)

    def withdraw(self) -> None:
        """Give the terminal back as it was."""
        with contextlib.suppress(termios.error):
            termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)


def ask_ground(environ: Mapping[str, str]) -> GroundQuestion | None:
    """Ask the terminal at stdin; None where there is none, or where it cannot be asked."""
    try:
        descriptor = sys.stdin.fileno()
        if os.getpgrp() != os.tcgetpgrp(descriptor):  # in the background: writing would stop the process
            return None
        return GroundQuestion(descriptor, limit_s=SSH_LIMIT_S if environ.get("SSH_CONNECTION") else LIMIT_S)
    except (OSError, ValueError, termios.error):
        return None


def is_dark_answer(said: bytes) -> bool | None:
    """What `ESC ] 11 ; rgb:RRRR/GGGG/BBBB` says; None where it is not there."""
    if (found := _COLOUR.search(said)) is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.5)


def is_dark_variable(environ: Mapping[str, str]) -> bool | None:
    """What `COLORFGBG` says (`15;0`: the ground is colour 0): rxvt, Konsole and others set it."""
    ground = environ.get("COLORFGBG", "").rpartition(";")[2]
    return int(ground) in (*range(7), 8) if ground.isdecimal() and int(ground) < 16 else None

"""The executor's side of the pipes to its supervisor: one JSON object a line."""

import json
import os
import select
import time
from collections.abc import Iterator
from typing import IO, Any

from tui_optim.spec.safe_stream import print_safely

STDIN = 0


def take_over_stdout() -> IO[str]:
    """Keep standard output for answers alone; whatever a library or a user's code prints goes to standard error, escaped."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    print_safely()
    return answers


def answer(stream: IO[str], body: dict[str, Any]) -> None:
    """Send an answer. Raises BrokenPipeError when the supervisor is gone."""
    stream.write(json.dumps(body) + "\n")
    stream.flush()


class Inbox:
    """Jobs as they come, without waiting for them: for those who have other things to look after."""

    def __init__(self) -> None:
        """Reads standard input."""
        self.is_open = True
        self._unread = b""

    def jobs(self, *, wait_s: float) -> Iterator[dict[str, Any]]:
        """The jobs that have come, after at most `wait_s` seconds."""
        if not self.is_open:
            time.sleep(wait_s)
            return
        if not select.select([STDIN], [], [], wait_s)[0]:
            return
        chunk = os.read(STDIN, 65536)
        self.is_open = bool(chunk)
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            yield json.loads(line)

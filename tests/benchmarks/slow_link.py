"""The app behind a slow link: so many bytes a second, so long on the way, as much buffered in between as a network does."""

import os
import select
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from tests.benchmarks.terminal import AppInTerminal

QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
"""Where is the cursor? A terminal answers that once the question has come through."""
CHUNK = 256
TICK_S = 0.002


class AppOverSlowLink(AppInTerminal):
    """Reads and types at the far end."""

    def __init__(
        self,
        home: Path,
        *words: str,
        bytes_per_s: float = 25_000.0,
        delay_s: float = 0.1,
        buffer_bytes: int = 65_536,
        columns: int = 120,
        lines: int = 36,
    ) -> None:
        super().__init__(
            home, *words, columns=columns, lines=lines, variables={"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}
        )
        self.num_bytes = 0
        """How much has arrived in all."""
        self.num_questions = self.num_answers = 0
        """What the terminal was asked, and what the app has got of the answers."""
        self._rate, self._delay_s, self._buffer = bytes_per_s, delay_s, buffer_bytes
        self._down: deque[tuple[float, bytes]] = deque()
        self._up: deque[tuple[float, bytes]] = deque()
        self._free_at = 0.0
        self._tail = b""
        self._arrived: list[bytes] = []
        self._lock = threading.Condition()
        self._stopped_at: float | None = None
        self._is_closed = False
        self._thread = threading.Thread(target=self._carry, daemon=True)
        self._thread.start()

    def press(self, key: bytes) -> None:
        """Type a key; what has arrived before is forgotten, what is on its way is not."""
        with self._lock:
            self._arrived.clear()
            self._up.append((time.perf_counter() + self._delay_s, key))
        self.seen = b""

    def stop(self) -> None:
        """Nothing gets through, in either direction."""
        with self._lock:
            self._stopped_at = time.perf_counter()

    def go_on(self) -> None:
        """What is on its way goes on from where it is."""
        with self._lock:
            assert self._stopped_at is not None
            lost_s, self._stopped_at = time.perf_counter() - self._stopped_at, None
            self._down = deque((at + lost_s, data) for at, data in self._down)
            self._up = deque((at + lost_s, data) for at, data in self._up)
            self._free_at += lost_s

    def end(self) -> None:
        """Leave neither thread nor process behind."""
        self._is_closed = True
        self._thread.join()
        super().end()

    def _read(self, limit_s: float) -> None:
        with self._lock:
            if not self._arrived:
                self._lock.wait(limit_s)
            self.take_in(b"".join(self._arrived))
            self._arrived.clear()

    def _carry(self) -> None:
        while not self._is_closed:
            has_room = sum(len(data) for _, data in self._down) < self._buffer
            if has_room and select.select([self._terminal], [], [], TICK_S)[0]:
                self._take()
            elif not has_room:
                time.sleep(TICK_S)
            with self._lock:
                if self._stopped_at is None:
                    self._deliver(time.perf_counter())

    def _take(self) -> None:
        try:
            data = os.read(self._terminal, CHUNK)
        except OSError:  # the app has gone
            time.sleep(TICK_S)
            return
        with self._lock:
            now = self._stopped_at or time.perf_counter()
            self._free_at = max(now, self._free_at) + len(data) / self._rate
            self._down.append((self._free_at + self._delay_s, data))

    def _deliver(self, now: float) -> None:
        while self._down and self._down[0][0] <= now:
            data = self._down.popleft()[1]
            self._arrived.append(data)
            self.num_bytes += len(data)
            known = self._tail + data
            self._up.extend([(now + self._delay_s, ANSWER)] * known.count(QUESTION))
            self.num_questions += known.count(QUESTION)
            self._tail = known[-len(QUESTION) + 1 :]
            self._lock.notify_all()
        while self._up and self._up[0][0] <= now:
            data = self._up.popleft()[1]
            with suppress(OSError):  # the app has gone
                os.write(self._terminal, data)
                self.num_answers += (data == ANSWER) and not self.has_ended

"""The energy of a run: the power that the driver tells of its device, over the time that a worker works on the run."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

EVERY_S = 0.5


class EnergyMeter:
    """Integrates power by trapezoids while its block lasts, in a thread of its own.

    It is the whole device's power: what others compute there meanwhile is in it.
    """

    def __init__(
        self, read_power_w: Callable[[], float | None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`read_power_w` gives watts, or None where the driver does not tell."""
        self._read, self._clock = read_power_w, clock
        self._joules: float | None = None
        self._latest: tuple[float, float] | None = None
        """Time and power of the sample before."""
        self._turn = threading.Lock()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample_on, name="energy", daemon=True)

    @property
    def joules(self) -> float | None:
        """So far; None where nothing could be read."""
        return self._joules

    def sample(self) -> None:
        """Read once, from any thread. Between two readings that worked the power went straight from one to the other."""
        with self._turn:
            watts, now = self._read(), self._clock()
            if watts is None:
                self._latest = None
                return
            self._joules = self._joules or 0.0
            if self._latest is not None:
                then, before = self._latest
                self._joules += (now - then) * (watts + before) / 2
            self._latest = now, watts

    def __enter__(self) -> Self:
        """Begin; without a power to read no thread is started."""
        self.sample()
        if self._joules is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End with a last reading."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()
            self.sample()

    def _sample_on(self) -> None:
        while not self._is_over.wait(EVERY_S):
            self.sample()

"""How long whoever records runs waits on a full disk."""

import time
from collections.abc import Callable

from tui_optim.spec.errors import DiskFullError

RETRY_S = 1.0
LIMIT_S = 600.0
"""Then the run ends, with what has been kept of it: a worker is not held for ever by a disk that nobody makes room on."""


class DiskWait:
    """Waits for space, and for no longer than `LIMIT_S` at a stretch.

    Runs that train together share one: the second of them finds the same disk full, and does not wait all over again.
    """

    def __init__(self) -> None:
        """There is space, as far as anybody knows."""
        self._full_since: float | None = None

    def write(self, write: Callable[[], object], *, meanwhile: Callable[[], object]) -> float | None:
        """Write, as soon as there is space for it; returns the seconds that took, None where there was space at once.

        `meanwhile` is called after every refusal. Raises DiskFullError after the limit, and what else `write` raises.
        """
        began: float | None = None
        while True:
            try:
                write()
            except DiskFullError as error:
                now = time.monotonic()
                began = now if began is None else began
                self._full_since = began if self._full_since is None else self._full_since
                if now - self._full_since >= LIMIT_S:
                    raise DiskFullError(
                        f"the disk was full for {LIMIT_S / 60:.0f} minutes: free some space (`tui-optim clean` helps), "
                        f"then resume the run ({error})"
                    ) from error
                meanwhile()
                time.sleep(RETRY_S)
            else:
                self._full_since = None
                return None if began is None else time.monotonic() - began

"""Carrying sweeps out: asks the search for trials, makes their runs, writes down what came of them, trains the winners.

Everything that decides what happens next stands on disk before it happens: a trial is asked for in the log, with its run's id,
before that run's folder is made; its outcome is read from the run. A supervisor that is killed at any moment is followed by one
that reads the same and goes on.
"""

from collections.abc import Callable, Collection, Sequence

from tui_optim.runs.active_sweep import ActiveSweep
from tui_optim.spec.errors import StoreError
from tui_optim.spec.executors import ExecutorSpec
from tui_optim.store.control import Request
from tui_optim.store.home import Home
from tui_optim.store.sweepfolder import SweepFolder, sweep_ids


class Sweeps:
    """All sweeps of a home, as far as they are under way."""

    def __init__(self, home: Home, *, tell: Callable[[str], None]) -> None:
        """`tell` gets a sentence for each sweep that cannot be read, once."""
        self.home = home
        self._tell = tell
        self._damaged: set[str] = set()
        self._active: dict[str, ActiveSweep] = {}
        self._resting: set[str] = set()
        """Sweeps that are over or paused: only their control folders are looked into."""

    def step(self, capacity: Callable[[ExecutorSpec], int], *, ended: Collection[str] | None = None) -> None:
        """Do what can be done now for each sweep, with as many trials under way as its executor takes. Raises StoreError.

        `ended` are runs that workers have just let go of: then only these are looked at, and no commands. With hundreds of trials
        under way everything is looked at twice a second, not at each of their ends.
        Where something could not be written (a full disk, say) the sweep is read anew at the next step: what stands in its files
        counts, not what was meant to.
        """
        for sweep_id in sweep_ids(self.home) if ended is None else list(self._active):
            folder = SweepFolder(self.home.sweeps / sweep_id)
            requests = folder.requests() if ended is None else []
            if sweep_id in self._damaged or (sweep_id in self._resting and not requests):
                continue
            try:
                active = self._active.get(sweep_id) or ActiveSweep(self.home, folder.read())
            except StoreError as error:
                self._damaged.add(sweep_id)
                self._tell(str(error))
                continue
            try:
                self._advance(active, requests, capacity, ended)
            except (StoreError, OSError):
                self._active.pop(sweep_id, None)
                self._resting.discard(sweep_id)
                raise

    @property
    def is_busy(self) -> bool:
        """Whether some sweep is under way."""
        return bool(self._active)

    def _advance(
        self,
        active: ActiveSweep,
        requests: Sequence[Request],
        capacity: Callable[[ExecutorSpec], int],
        ended: Collection[str] | None,
    ) -> None:
        sweep_id = active.folder.sweep_id
        for request in requests:
            if not active.obey(request):
                break
            request.path.unlink(missing_ok=True)
        if active.status.state == "running":
            self._active[sweep_id] = active
            active.advance(capacity(active.spec.executor), ended=ended)
        if active.status.state == "running":
            self._resting.discard(sweep_id)
        else:
            self._active.pop(sweep_id, None)
            self._resting.add(sweep_id)

"""Runs that nobody works on any more: begun again from their last checkpoint, or told why nobody will."""

import time
from collections.abc import Callable, Collection, Iterable

from tui_optim.runs import attempt, kills, queue, without_worker
from tui_optim.runs.leftovers import Leftovers
from tui_optim.spec.errors import StoreError
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, folder_of
from tui_optim.store.status import Status

MAX_ATTEMPTS = 3
SUBMIT_GRACE_S = 10.0
"""A new folder that is not in the queue yet belongs to a client that is about to put it there; later it is an orphan."""


class Restarts:
    """Decides what becomes of a run that its process has left."""

    def __init__(self, home: Home, *, tell: Callable[[str], None]) -> None:
        """`tell` gets a sentence for each folder that cannot be written."""
        self.home = home
        self._tell = tell
        self._leftovers = Leftovers(home)
        self._untold: dict[str, str] = {}
        """Run id → why it has failed, of which its folder does not say all yet: the disk is full."""
        self._unsettled: dict[str, tuple[str, str]] = {}
        """Run id → `cause` and `why_free` of a restart that could not be written down."""
        self._told: dict[str, str] = {}

    def recover(self, *, known: Collection[str], is_glance: bool) -> None:
        """Queue what a dead supervisor or worker left: folders that never reached the queue, runs without their worker."""
        for run_id in list(self._untold):
            if run_id in known:  # the user has resumed it
                del self._untold[run_id]
            else:
                self.fail(run_id, self._untold[run_id])
        for run_id in set(self._unsettled).intersection(known):  # likewise
            del self._unsettled[run_id]
        for run_id, status in self._leftovers.found(known={*known, *self._untold}, is_glance=is_glance):
            if status.state == "interrupted":  # a reboot, a kill of all: nothing says that it was the run's own doing
                cause, why_free = self._unsettled.get(run_id, ("", "its worker and the supervisor were gone"))
                self.restart(run_id, cause, why_free=why_free)
            elif status.state == "queued" and time.time() - status.heartbeat > SUBMIT_GRACE_S:
                queue.requeue(self.home, run_id, attempt=status.attempt, is_first=status.attempt > 0)

    def restart(self, run_id: str, cause: str, *, why_free: str = "") -> None:
        """Queue a run again from its last checkpoint, or declare it failed after its last attempt.

        Without a `cause` it is not its own doing: that costs no attempt; `why_free` says what it is then, if not a good order.
        """
        folder = folder_of(self.home, run_id)
        try:
            with held_lock(folder.lock) as is_ours:
                if not is_ours:
                    return  # a worker of an earlier supervisor still has it
                status = folder.read_status()
                if status.state not in ("queued", "running", "interrupted"):
                    # its worker may have died over what it was told at its end
                    if attempt.settle(folder, status.state) == "queued":
                        queue.enqueue(self.home, run_id, is_first=True)
                    return
                if kills.is_wanted(folder):
                    kills.write_down(folder)
                    return
                number = self._next_attempt(folder, status, cause, why_free)
            if number is not None:
                queue.requeue(self.home, run_id, attempt=number, is_first=True)
        except StoreError as error:
            self._unsettled[run_id] = cause, why_free
            self._tell_once(run_id, error)
        else:
            self._unsettled.pop(run_id, None)

    def fail(self, run_id: str, reason: str) -> None:
        """See that a run says that it has failed for want of space, now or as soon as there is some."""
        folder = folder_of(self.home, run_id)
        try:
            with held_lock(folder.lock) as is_ours:
                if is_ours and folder.path.exists():
                    attempt.see_to_failure(folder, reason)
        except StoreError as error:
            self._untold[run_id] = reason
            self._tell_once(run_id, error)
        else:
            self._untold.pop(run_id, None)

    def give_up(self, waiting: Iterable[str], reason: str) -> None:
        """Say in each run that nobody can take it, instead of trying for ever."""
        for run_id in waiting:
            folder = folder_of(self.home, run_id)
            queue.dequeue(self.home, run_id)
            try:
                with held_lock(folder.lock) as is_ours:
                    if is_ours:
                        without_worker.fail(folder, reason)
            except StoreError as error:  # it is queued again, and told again
                self._tell_once(run_id, error)

    def _tell_once(self, run_id: str, error: StoreError) -> None:
        """Every two seconds the same sentence would fill the disk."""
        if self._told.get(run_id) != str(error):
            self._told[run_id] = str(error)
            self._tell(str(error))

    def _next_attempt(self, folder: RunFolder, status: Status, cause: str, why_free: str) -> int | None:
        """How many attempts a run has had that count, said in its log; None where it has failed with the last one."""
        number = status.attempt + (status.state == "queued")  # it died before it could count its attempt
        if not cause:
            text = f"{why_free or 'the worker was asked to leave'}; resuming from its checkpoint"
            without_worker.note(folder, text)
            return max(0, number - 1)
        if number >= MAX_ATTEMPTS:
            reason = f"{cause} (attempt {number} of {MAX_ATTEMPTS}); see {self.home.supervisor_log}, then resume"
            without_worker.fail(folder, reason)
            return None
        text = f"{cause}; resuming from the last checkpoint (attempt {number + 1} of {MAX_ATTEMPTS})"
        without_worker.note(folder, text)
        return number

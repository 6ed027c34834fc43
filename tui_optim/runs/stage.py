"""The members of a stack: what each says and hears, and what all of them share.

What differs from a run alone is when the disk is waited for: on the way never, at a run's end in threads beside the training,
because sixty ends at once would take as long as the training.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tui_optim.engine.commands import Leave
from tui_optim.engine.failures import failure_reason
from tui_optim.runs import attempt
from tui_optim.runs.candidates import Candidate, Terms
from tui_optim.runs.disk_wait import DiskWait
from tui_optim.runs.ear import Ear
from tui_optim.runs.median_watch import Watches
from tui_optim.runs.recorder import Recorder, Upkeep
from tui_optim.spec.commands import LIVE, state_after
from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.events import Ended, Event, Notice, RunState
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.store.files import sync_file
from tui_optim.store.home import Home

KEEP_EVERY_S = 2.0
"""Between two checkpoints of all members, at least: what is lost when a worker dies."""
KEEP_AT_LATEST_S = 10.0
"""However long checkpoints and statuses take: on a slow disk the latter would leave no time for the former."""
POLL_EVERY_S = 0.25
"""A look into a folder for each of hundreds of members: oftener it would be a tenth of the time."""
PICTURE_EVERY_S = 0.5
NUM_SYNCS = 4
"""Ends that wait for the disk at once."""

LEAVES = "leaves its stack: a command to one run is carried out where it trains alone"


class Speaker:
    """What one member of a stack says and hears: into its folder, and out of it."""

    def __init__(self, run: Candidate, stage: "Stage") -> None:
        """Open the log for an attempt. Raises StoreError."""
        self.run = run
        self.recorder = Recorder(
            run.folder, run.status, attempt=run.status.attempt + 1, upkeep=stage.upkeep, disk_wait=stage.disk_wait
        )
        self.checkpoint = attempt.rewind(self.recorder) if self.recorder.log.seq else None
        self.has_ended = False
        self._watch = stage.watches.of(run.info, run.folder)
        self._stage = stage
        self._problem: StoreError | None = None
        self._ear = Ear(run.folder, every_s=POLL_EVERY_S)
        self._shown_at = time.monotonic()

    def emit(self, event: Event) -> None:
        """Record it; of a folder that cannot be written, only this run ends."""
        if isinstance(event, Ended):
            self.has_ended = True
            self._stage.finish(self, event)
        else:
            if self._watch is not None:
                self._watch.hear(event)
            if self._problem is None:
                try:
                    self.recorder.emit(event)
                except StoreError as problem:
                    self._problem = problem

    def poll(self) -> Leave | None:
        """Commands to this run, and those to the worker."""
        if self._problem is not None:
            return Leave("failed", str(self._problem))
        if self._stage.is_leaving():
            return Leave("interrupted")
        if self._watch is not None and (reason := self._watch.verdict()):
            return Leave("stopped", reason)
        request = self._ear.peek()
        if request is None:
            return None
        if request.command in LIVE:  # it stays in the folder for the attempt that follows
            self.emit(Notice(text=LEAVES))
            return Leave("interrupted")
        self._ear.take()
        return Leave(state_after(request.command), request.reason)

    def wants_checkpoint(self) -> bool:
        """Whether all members should keep one."""
        return self._stage.is_time_to_keep()

    def keep(self, kept: Kept) -> None:
        """Into the folder."""
        with self._stage.upkeep.counted():
            self._try(lambda: self.recorder.keep(kept))

    def wants_picture(self) -> bool:
        """As often as for a run alone, where there is time for it."""
        return time.monotonic() - self._shown_at >= PICTURE_EVERY_S and self._stage.upkeep.is_affordable

    def show(self, picture: Picture) -> None:
        """Into the folder."""
        with self._stage.upkeep.counted():
            self._try(lambda: self.recorder.show(picture))
        self._shown_at = time.monotonic()

    def keep_best(self, kept: Kept) -> None:
        """Into the folder."""
        self._try(lambda: self.recorder.keep_best(kept))

    def fail(self, error: Exception, trace: str) -> None:
        """Report what ended the whole stack as this run's result."""
        reason = failure_reason(error, log=attempt.worker_log(self.run.folder))
        self._try(lambda: attempt.keep_trace(self.run.folder, trace))
        self.emit(Ended(state="failed", reason=reason))

    def _try(self, write: Callable[[], None]) -> None:
        if self._problem is None:
            try:
                write()
            except StoreError as problem:
                self._problem = problem


class Stage:
    """What members of a stack share: the clock of their checkpoints, and threads that wait for the disk."""

    def __init__(self, home: Home, terms: Terms) -> None:
        """Nothing has ended yet."""
        self.watches = Watches(home)
        self.is_leaving = terms.is_leaving
        self._tell = terms.tell
        self._pool = ThreadPoolExecutor(NUM_SYNCS, thread_name_prefix="end")
        self._kept_at = time.monotonic()
        self.upkeep = Upkeep()
        self.disk_wait = DiskWait()

    def is_time_to_keep(self) -> bool:
        """Once every `KEEP_EVERY_S`, or as often as there is time for it, `KEEP_AT_LATEST_S` after the last; then all keep."""
        waited_s = time.monotonic() - self._kept_at
        if waited_s < KEEP_EVERY_S or not (self.upkeep.is_affordable or waited_s > KEEP_AT_LATEST_S):
            return False
        self._kept_at = time.monotonic()
        return True

    def finish(self, speaker: Speaker, ended: Ended) -> None:
        """Write an end and let go of the folder, beside the training."""
        self._pool.submit(self._finish, speaker, ended)

    def close(self) -> None:
        """Wait until all ends are on disk."""
        self._pool.shutdown()

    def _finish(self, speaker: Speaker, ended: Ended) -> None:
        run_id, cause = speaker.run.folder.run_id, ""
        state: RunState
        try:
            with suppress(StoreError):  # there is none where it ended before its first
                sync_file(speaker.run.folder.checkpoints / "last.pt")
            state = attempt.end(speaker.recorder, ended)
            speaker.recorder.close()
            state = attempt.settle(speaker.run.folder, state)
        except DiskFullError as problem:
            state, cause = "failed", str(problem)
        except (StoreError, OSError) as problem:  # whatever it is: the supervisor waits to hear of the run
            state, cause = "interrupted", str(problem)
        finally:
            speaker.run.lock.release()
        self._tell(run_id, state, cause)

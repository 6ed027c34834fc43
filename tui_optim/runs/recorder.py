"""Records a run while it trains: every event into the log, its summary into the status file."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace

from tui_optim.runs.disk_wait import DiskWait
from tui_optim.runs.energy import EnergyMeter
from tui_optim.spec.commands import added_epochs, changes
from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Evaluated, Event, Notice, Progress, Rewound, Started
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.results import EpochResult
from tui_optim.store.checkpoints import Checkpoint, save_best, save_checkpoint
from tui_optim.store.eventlog import EventWriter
from tui_optim.store.liveness import current_identity
from tui_optim.store.pictures import write_picture
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status

STATUS_EVERY_S = 1.0
EPOCH_STATUS_EVERY_S = 0.1
"""For ends of epochs: those of the smallest problems come a thousand a second, and replacing a file takes milliseconds."""
WAITS = "the disk is full: it waits for space"
"""What the status of a run says as long as it does."""


class Upkeep:
    """Statuses and checkpoints of many runs that train together: they may take this share of the time, and no more."""

    SHARE = 0.04

    def __init__(self) -> None:
        """The time begins."""
        self._began = time.monotonic()
        self._spent_s = 0.0

    @property
    def is_affordable(self) -> bool:
        """Whether there is time for some."""
        return self._spent_s <= self.SHARE * (time.monotonic() - self._began)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what is done in the block."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._spent_s += time.monotonic() - began


class Recorder:
    """The one writer of a run folder; whoever makes it holds the run's lock.

    Where the disk is full it waits for space, and the training with it: nothing is lost, and it goes on by itself. `DiskWait`
    has an end; what is to be written then raises DiskFullError, and the run can only `fail`.
    """

    def __init__(
        self,
        folder: RunFolder,
        status: Status,
        *,
        attempt: int,
        upkeep: Upkeep | None = None,
        disk_wait: DiskWait | None = None,
    ) -> None:
        """Open the log; `status` is what the folder says so far. Raises StoreError.

        `disk_wait` is that of runs that wait together. With an `upkeep` it is one of many: on the way it writes its status when
        there is time for it, and what it keeps is not synced to disk.
        """
        self.folder = folder
        self.log = EventWriter(folder.events)
        self._attempt = attempt
        self._disk_wait = disk_wait or DiskWait()
        self._status = replace(
            status, state="running", reason="", attempt=attempt, eta_s=None, final=None, owner=current_identity()
        )
        self._written_at = 0.0
        self._looked_at = time.monotonic()
        """When the folder was last seen to be a run's still."""
        self._upkeep = upkeep
        self._progress: Progress | None = None
        """The latest report, and below the latest epoch, that the status does not have yet."""
        self._epoch: EpochEnded | None = None
        self._commands: list[CommandSeen] = []
        self._planned_epochs = status.epochs
        self._energy_before_j = status.energy_j
        self._meter: EnergyMeter | None = None
        self._first_progress: tuple[float, float] | None = None
        """(seconds, effective epochs) at this attempt's first report."""

    def emit(self, event: Event) -> None:
        """Log an event; refresh the status once a second, at the ends of epochs up to ten times, and at both ends of the attempt.

        Raises:
            StoreError: the disk refuses it, for want of space only once that has been waited for in vain; or somebody has
                removed the run. Its end can be told all the same.
        """
        if type(event) is Started:
            event = replace(event, attempt=self._attempt)
        try:
            self.log.append(event)
        except DiskFullError:
            self._patiently(lambda: self.log.flush(is_durable=True))
        if type(event) is CommandSeen and event.request is not None:
            with suppress(OSError):  # the log has it: it is passed over from now on
                (self.folder.control / event.request).unlink(missing_ok=True)
        self._take(event)
        if isinstance(event, (Started, Ended, CommandSeen)):
            self._write_status()
            return
        now = time.monotonic()
        if now - self._looked_at >= STATUS_EVERY_S:
            self._looked_at = now
            self._check_folder()
        is_epoch = self._upkeep is None and type(event) is EpochEnded
        if now - self._written_at >= (EPOCH_STATUS_EVERY_S if is_epoch else STATUS_EVERY_S):
            if self._upkeep is None:
                self._write_status()
            elif self._upkeep.is_affordable:
                with self._upkeep.counted():
                    self._write_status()

    def begin(self) -> None:
        """Say that the attempt is under way: what it needs is loaded next, which may take a while. Raises StoreError."""
        self._write_status()

    def count_energy(self, meter: EnergyMeter) -> None:
        """Tell in the status what this attempt takes, on top of what earlier ones took."""
        self._meter = meter

    def know(self, commands: Sequence[CommandSeen], *, epochs: int) -> None:
        """Take in what earlier attempts were told; `epochs` is the length by the run's specification."""
        self._commands, self._planned_epochs = list(commands), epochs
        self._status = replace(self._status, epochs=epochs + added_epochs(commands), commands=changes(commands))

    def keep(self, kept: Kept) -> None:
        """Save a checkpoint of everything that the log holds. Raises StoreError."""
        is_durable = self._upkeep is None
        self._patiently(lambda: self.log.flush(is_durable=is_durable))
        self._patiently(
            lambda: save_checkpoint(
                self.folder.checkpoints,
                self._numbered(kept),
                is_best=kept.is_best,
                stays=kept.stays,
                is_durable=is_durable,
            )
        )

    def keep_best(self, kept: Kept) -> None:
        """Save the state of the best epoch so far, an earlier one than that of the last checkpoint. Raises StoreError."""
        self._patiently(lambda: save_best(self.folder.checkpoints, self._numbered(kept)))

    def _numbered(self, kept: Kept) -> Checkpoint:
        return Checkpoint(seq=self.log.seq, content=kept.content, step=kept.step, epoch=kept.epoch)

    def show(self, picture: Picture) -> None:
        """Keep a picture of the run beside its log. Raises StoreError."""
        self._patiently(lambda: write_picture(self.folder, picture))

    def fail(self, reason: str) -> None:
        """End the run where there is no space for its end: in the status as it stands, and in the log where that can be.

        Raises:
            DiskFullError: one of them does not say so, which is to be made up for; the message is the reason.
            StoreError: the disk refuses it for something else.
        """
        self.log.forget()
        ended = Ended(state="failed", reason=reason)
        problem: DiskFullError | None = None
        try:
            self.log.append(ended)
        except DiskFullError as error:
            self.log.forget()
            problem = error
        self._take(ended)
        try:
            write_status(self.folder.status, self._status, is_last_resort=True)
        except DiskFullError as error:
            problem = error
        if problem is not None:
            raise DiskFullError(reason) from problem

    def close(self) -> None:
        """Close the log."""
        self.log.close()

    def _check_folder(self) -> None:
        try:
            self.folder.check_exists()
        except StoreError as error:  # no list shows the run that says so: the supervisor's log does
            print(f"{self.folder.run_id}: {error}", file=sys.stderr, flush=True)
            raise

    def _write_status(self) -> None:
        self._status = self._advanced()
        if self._meter is not None and self._meter.joules is not None:
            self._status = replace(self._status, energy_j=(self._energy_before_j or 0.0) + self._meter.joules)
        self._patiently(lambda: write_status(self.folder.status, self._status))
        self._written_at = time.monotonic()

    def _patiently(self, write: Callable[[], object]) -> None:
        """Write, once there is space for it. Raises StoreError."""
        waited_s = self._disk_wait.write(write, meanwhile=self._say_that_it_waits)
        if waited_s is not None:
            self._written_at = 0.0  # the status says no more that it waits, as soon as it is written next
            with suppress(DiskFullError):  # full again: the sentence stands before whatever is written next
                self.log.append(Notice(text=f"the disk was full: waited {waited_s:.0f} s for space"))

    def _say_that_it_waits(self) -> None:
        waiting = replace(self._status, state="running", reason=WAITS, eta_s=None, owner=current_identity())
        with suppress(StoreError):  # there is not even space for that
            write_status(self.folder.status, waiting, is_last_resort=True)

    def _take(self, event: Event) -> None:
        match event:
            case Progress():
                self._progress = event
                if self._first_progress is None:
                    self._first_progress = (time.monotonic(), event.effective_epochs)
            case EpochEnded():
                self._epoch = event
            case Started():
                self._first_progress = None
                self._status = replace(
                    self._status,
                    device=f"{event.device}: {event.device_name}",
                    threads=event.threads,
                    step=event.from_step,
                )
            case Ended():
                if self._meter is not None:
                    self._meter.sample()
                self._status = replace(
                    _at(event.final, self._advanced()),
                    state=event.state,
                    reason=event.reason,
                    final=event.final,
                    best=event.best,
                    eta_s=None,
                    owner=None,
                )
            case CommandSeen():
                self.know([*self._commands, event], epochs=self._planned_epochs)
            case Rewound() | Evaluated() | Notice():
                pass

    def _advanced(self) -> Status:
        """The status with the latest report and epoch in it."""
        status, progress, epoch = self._status, self._progress, self._epoch
        self._progress = self._epoch = None
        if progress is not None:
            status = replace(
                status,
                step=progress.step,
                effective_epochs=progress.effective_epochs,
                loss=progress.loss,
                eta_s=self._eta_s(progress.effective_epochs),
            )
        if epoch is not None:
            status = replace(status, epoch=epoch.result.epoch, latest=epoch.result)
        return status

    def _eta_s(self, effective_epochs: float) -> float | None:
        """Seconds left at the pace since the attempt's first report."""
        if self._first_progress is None or effective_epochs <= self._first_progress[1]:
            return None
        started_at, started_with = self._first_progress
        left = max(0.0, self._status.epochs - effective_epochs)
        return (time.monotonic() - started_at) / (effective_epochs - started_with) * left


def _at(final: EpochResult | None, status: Status) -> Status:
    """The status of a run that has come to this result: an attempt that begins at a run's end tells of no epoch before it."""
    if final is None:
        return status
    return replace(status, epoch=final.epoch, step=final.step, effective_epochs=final.effective_epochs)

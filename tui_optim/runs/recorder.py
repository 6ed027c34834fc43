"""Records a run while it trains: every event into the log, its summary into the status file."""

import time
from collections.abc import Callable
from dataclasses import replace

from tui_optim.spec.errors import DiskFullError
from tui_optim.spec.events import CommandSeen, Ended, EpochEnded, Event, Notice, Progress, Rewound, Started
from tui_optim.spec.pictures import Picture
from tui_optim.store.checkpoints import Checkpoint, save_checkpoint
from tui_optim.store.eventlog import EventWriter
from tui_optim.store.liveness import current_identity
from tui_optim.store.pictures import write_picture
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status

STATUS_EVERY_S = 1.0
EPOCH_STATUS_EVERY_S = 0.1
"""For ends of epochs: those of the smallest problems come a thousand a second, and replacing a file takes milliseconds."""
FULL_DISK_WAIT_S = 1.0


class Recorder:
    """The one writer of a run folder; whoever makes it holds the run's lock.

    Where the disk is full it waits for space, and the training with it: nothing is lost, and it goes on by itself.
    """

    def __init__(self, folder: RunFolder, status: Status, *, attempt: int) -> None:
        """Open the log; `status` is what the folder says so far."""
        self.folder = folder
        self.log = EventWriter(folder.events)
        self._attempt = attempt
        self._status = replace(
            status, state="running", reason="", attempt=attempt, eta_s=None, final=None, owner=current_identity()
        )
        self._written_at = 0.0
        self._first_progress: tuple[float, float] | None = None
        """(seconds, effective epochs) at this attempt's first report."""

    def emit(self, event: Event) -> None:
        """Log an event; refresh the status once a second, at the ends of epochs up to ten times, and at both ends of the attempt.

        Raises:
            StoreError: the disk refuses it, and not for want of space.
        """
        if isinstance(event, Started):
            event = replace(event, attempt=self._attempt)
        self._patiently(lambda: self.log.append(event), again=lambda: self.log.flush(is_durable=True))
        self._status = self._advance(event)
        now = time.monotonic()
        interval = EPOCH_STATUS_EVERY_S if isinstance(event, EpochEnded) else STATUS_EVERY_S
        if now - self._written_at >= interval or isinstance(event, (Started, Ended)):
            self._patiently(lambda: write_status(self.folder.status, self._status))
            self._written_at = now

    def keep(self, content: bytes, *, is_best: bool) -> None:
        """Save a checkpoint of everything that the log holds. Raises StoreError."""
        self._patiently(lambda: self.log.flush(is_durable=True))
        checkpoint = Checkpoint(seq=self.log.seq, content=content)
        self._patiently(lambda: save_checkpoint(self.folder.checkpoints, checkpoint, is_best=is_best))

    def show(self, picture: Picture) -> None:
        """Keep a picture of the run beside its log. Raises StoreError."""
        write_picture(self.folder, picture)

    def close(self) -> None:
        """Close the log."""
        self.log.close()

    def _patiently(self, write: Callable[[], object], *, again: Callable[[], object] | None = None) -> None:
        """Write, once there is space for it; `again` is how where the first try has done a part. Raises StoreError."""
        began = None
        while True:
            try:
                write()
                break
            except DiskFullError:
                began, write = began or time.monotonic(), again or write
                time.sleep(FULL_DISK_WAIT_S)
        if began is not None:
            self.emit(Notice(text=f"the disk was full: waited {time.monotonic() - began:.0f} s for space"))

    def _advance(self, event: Event) -> Status:
        status = self._status
        match event:
            case Started():
                self._first_progress = None
                return replace(
                    status,
                    device=f"{event.device}: {event.device_name}",
                    step=event.from_step,
                )
            case Progress():
                return replace(
                    status,
                    step=event.step,
                    effective_epochs=event.effective_epochs,
                    loss=event.loss,
                    eta_s=self._eta_s(event.effective_epochs),
                )
            case EpochEnded():
                return replace(status, epoch=event.result.epoch, latest=event.result)
            case Ended():
                return replace(
                    status,
                    state=event.state,
                    reason=event.reason,
                    final=event.final,
                    best=event.best,
                    eta_s=None,
                    owner=None,
                )
            case Rewound() | CommandSeen() | Notice():
                return status

    def _eta_s(self, effective_epochs: float) -> float | None:
        """Seconds left at the pace since the attempt's first report."""
        now = time.monotonic()
        if self._first_progress is None:
            self._first_progress = (now, effective_epochs)
            return None
        started_at, started_with = self._first_progress
        left = max(0.0, self._status.epochs - effective_epochs)
        return (now - started_at) / (effective_epochs - started_with) * left

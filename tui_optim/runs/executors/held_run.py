"""A run whose lock a bridge holds and whose folder it writes, while something that cannot see the folder trains it."""

from contextlib import suppress

from tui_optim.runs import attempt, without_worker
from tui_optim.runs.disk_wait import DiskWait
from tui_optim.runs.executors.task import Failed, Happening, Wanted
from tui_optim.runs.median_watch import MedianWatch, Watches
from tui_optim.runs.recorder import Recorder
from tui_optim.spec.commands import LIVE, Order, state_after
from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.events import CommandSeen, Ended, Event, Notice, RunState, Started
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Film, Predictions
from tui_optim.store.files import FileLock
from tui_optim.store.runfolder import RunFolder, RunInfo


class HeldRun:
    """The one writer of a run folder, for an attempt that happens elsewhere. Its methods raise StoreError."""

    def __init__(
        self, folder: RunFolder, lock: FileLock, *, threads: int, watches: Watches, disk_wait: DiskWait | None = None
    ) -> None:
        """`lock` is held already; `threads` counts where neither the run nor an earlier attempt has set any.

        `watches` know the trials that the bridge holds beside this one; all wait for the same disk, by `disk_wait`.
        """
        self.folder = folder
        self.info: RunInfo = folder.read_info()
        self.threads = attempt.threads_of(folder, self.info.spec, usual=threads)
        self.wanted: Wanted | None = None
        """How somebody wants it to end, told to whoever trains it with every question."""
        self._orders: list[Order] = []
        self._lock = lock
        self._recorder: Recorder | None = None
        self._watches, self._disk_wait = watches, disk_wait
        self._watch: MedianWatch | None = None
        """Whoever trains it has no sight of the sweep's folder: it is judged here."""

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.folder.run_id

    @property
    def trace_path(self) -> str:
        """Where tracebacks go."""
        return attempt.worker_log(self.folder)

    def begin(self) -> bytes | None:
        """Open the log for an attempt; returns the checkpoint to go on from, None without one."""
        status = self.folder.read_status()
        self._recorder = Recorder(self.folder, status, attempt=status.attempt + 1, disk_wait=self._disk_wait)
        checkpoint = attempt.rewind(self._recorder)
        self._recorder.know(self.commands, epochs=self.info.spec.epochs)
        self._watch = self._watches.of(self.info, self.folder)
        return checkpoint

    @property
    def commands(self) -> list[CommandSeen]:
        """What earlier attempts were told and the next one may have to do again."""
        return without_worker.commands_of(self.folder)

    def take_orders(self) -> tuple[Order, ...]:
        """What the user wants of a run that goes on; told once."""
        orders, self._orders = tuple(self._orders), []
        return orders

    def record(self, happening: Happening, *, where: str) -> RunState | None:
        """Write what has happened; returns the state that the run has ended in when it has. `where` names the machine."""
        assert self._recorder is not None, "begin comes first"
        match happening:
            case Kept():
                self._recorder.keep(happening)
            case Film() | Predictions():
                self._recorder.show(happening)
            case Failed():
                return attempt.fail(self._recorder, happening.reason, trace=happening.trace)
            case Started():
                self._recorder.emit(happening)
                self._recorder.emit(Notice(text=f"on {where}"))
            case Ended():
                return attempt.end(self._recorder, happening)
            case _:
                self._recorder.emit(happening)
                self._judge(happening)
        return None

    def end_before(self) -> RunState | None:
        """The state of a run that has ended although its status does not say so, put right; else None."""
        ended = attempt.end_in_log(self.folder)
        if ended is None:
            return None
        self.begin()
        return self.record(ended, where="")

    def listen(self) -> None:
        """Take the user's commands to a run that trains."""
        requests = self.folder.requests()
        for request in requests:
            request.path.unlink(missing_ok=True)
            if request.command in LIVE:
                self._orders.append(request.order)
            else:
                self.wanted = (state_after(request.command), request.reason)

    def obey_waiting(self) -> RunState | None:
        """Carry out commands to a run that nobody trains yet; returns its new state where it waits no more."""
        for request in self.folder.requests():
            if state := without_worker.obey(self.folder, request):
                return state
        return None

    def note(self, text: str) -> None:
        """Tell the user something before the run begins."""
        without_worker.note(self.folder, text)

    def _judge(self, event: Event) -> None:
        """Give a trial of a sweep up by the median rule, unless the user has asked for something else."""
        if self._watch is None:
            return
        self._watch.hear(event)
        if (reason := self._watch.verdict()) and self.wanted is None:
            self.wanted = ("stopped", reason)

    def give_up(self, problem: StoreError) -> RunState:
        """The folder cannot be written: another attempt may fare better, unless there is no space; then the run has failed."""
        if not isinstance(problem, DiskFullError):
            return "interrupted"
        if self._recorder is not None:
            with suppress(StoreError):  # the supervisor says it as soon as it can
                attempt.fail(self._recorder, str(problem), trace="")
        return "failed"

    def close(self) -> None:
        """Let go of log and lock."""
        try:
            if self._recorder is not None:
                self._recorder.close()
        finally:
            self._recorder = None
            self._lock.release()

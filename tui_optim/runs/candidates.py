"""Runs that a worker may train as one stack: each with its lock held, as it was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tui_optim.engine.data import KeptSplits
from tui_optim.engine.stack.member import Member
from tui_optim.runs import attempt, without_worker
from tui_optim.spec.commands import LIVE
from tui_optim.spec.errors import DataError, StoreError
from tui_optim.spec.run import RunSpec
from tui_optim.spec.stacking import stack_key
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.files import FileLock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status

Tell = Callable[[str, str, str], None]
"""Hears, from any thread, that a run's folder has been let go of: its id, the state it is in, and half a sentence where something
went wrong. 'queued' asks for it to be given again, 'alone' to be given alone."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How a worker trains a group of runs."""

    threads: int
    """For runs that do not set their own."""
    slots: int
    """How many processes could train these runs instead."""
    splits: KeptSplits
    tell: Tell
    is_leaving: Callable[[], bool]
    """Whether the worker has been asked to leave."""


class Candidate:
    """A run whose lock is held, as it was found."""

    def __init__(self, folder: RunFolder, lock: FileLock) -> None:
        """Read what it is and how far it has come. Raises StoreError, DataError."""
        self.folder, self.lock = folder, lock
        self.info: RunInfo = folder.read_info()
        self.status: Status = folder.read_status()
        checkpoint = load_checkpoint(folder.checkpoints)
        self.checkpoint = checkpoint.content if checkpoint else None
        self.place = Member.standing(self.checkpoint)

    @property
    def spec(self) -> RunSpec:
        """What to train."""
        return self.info.spec

    @property
    def key(self) -> str | None:
        """What it has in common with those that it can train with."""
        return stack_key(self.spec, self.info.executor)

    def let_go(self, tell: Tell, state: str, cause: str = "") -> None:
        """Leave it to others."""
        self.lock.release()
        tell(self.folder.run_id, state, cause)


def hold_all(home: Home, run_ids: Sequence[str], tell: Tell) -> list[Candidate]:
    """Those of the runs that can be held; what becomes of the others is told."""
    return [run for run_id in run_ids if (run := _hold(home, run_id, tell)) is not None]


def _hold(home: Home, run_id: str, tell: Tell) -> Candidate | None:
    """None for a run that another worker has, or that a worker has to look into alone."""
    folder = RunFolder(home.runs / run_id)
    lock = FileLock(folder.lock)
    try:
        if not lock.acquire():
            tell(run_id, "running", "")
            return None
        run = Candidate(folder, lock)
        if run.key is not None and attempt.end_in_log(folder) is None and not _is_commanded(run):
            return run
    except (StoreError, DataError):
        pass  # said in its log by the worker that takes it alone
    lock.release()
    tell(run_id, "alone" if folder.path.exists() else "stopped", "")
    return None


def _is_commanded(run: Candidate) -> bool:
    """Whether it has been told something that concerns it alone."""
    waiting = any(request.command in LIVE for request in run.folder.requests())
    return waiting or bool(without_worker.commands_of(run.folder))

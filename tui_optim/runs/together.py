"""Runs that a worker trains as one stack: it holds all their locks and writes all their folders.

Everything that a run alone would have in its folder is there too. What differs is when the disk is waited for: on the way never,
at a run's end in threads beside the training, because sixty ends at once would take as long as the training.
"""

import math
import time
import traceback
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import torch

from tui_optim.engine.commands import Leave
from tui_optim.engine.data import KeptSplits, Splits
from tui_optim.engine.devices import device_of
from tui_optim.engine.failures import failure_reason
from tui_optim.engine.stack.member import Member
from tui_optim.engine.stack.pace import measure_pace
from tui_optim.engine.stack.training import train_stack
from tui_optim.runs import attempt, without_worker
from tui_optim.runs.ear import Ear
from tui_optim.runs.median_watch import Watches
from tui_optim.runs.recorder import Recorder, Upkeep
from tui_optim.spec.commands import LIVE
from tui_optim.spec.errors import DataError, StoreError
from tui_optim.spec.events import Ended, Event, Notice
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import RunSpec
from tui_optim.spec.stacking import pace_key, stack_key
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.files import FileLock, sync_file
from tui_optim.store.home import Home
from tui_optim.store.paces import StackPace, keep_pace, read_paces
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status

KEEP_EVERY_S = 2.0
"""Between two checkpoints of all members, at least: what is lost when a worker dies."""
POLL_EVERY_S = 0.25
"""A look into a folder for each of hundreds of members: oftener it would be a tenth of the time."""
PICTURE_EVERY_S = 0.5
NUM_SYNCS = 4
"""Ends that wait for the disk at once."""

LEAVES = "leaves its stack: a command to one run is carried out where it trains alone"

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


class HeldRun:
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


def take_together(home: Home, run_ids: Sequence[str], terms: Terms) -> None:
    """Bring runs to their ends, as many of them as can go on together; the others are told to be given again."""
    held = [run for run_id in run_ids if (run := _hold(home, run_id, terms)) is not None]
    groups: dict[Hashable, list[HeldRun]] = {}
    for run in held:
        groups.setdefault((run.key, run.place), []).append(run)
    chosen = max(groups.values(), key=len, default=[])
    for run in held:
        if run not in chosen:
            _let_go(run, terms, "queued")
    if len(chosen) < 2:
        for run in chosen:
            _let_go(run, terms, "alone")
        return
    threads = chosen[0].spec.threads or attempt.threads_before(chosen[0].folder) or terms.threads
    torch.set_num_threads(threads)
    device = device_of(chosen[0].spec)
    data = terms.splits.of(chosen[0].spec, device)
    pace = _pace(home, chosen, data, device, terms)
    if not pace.is_stack_faster:
        for run in chosen:
            without_worker.note(run.folder, pace.text)
            _let_go(run, terms, "alone")
        return
    _train(home, chosen, data, device, terms, note=pace.text)


def _hold(home: Home, run_id: str, terms: Terms) -> HeldRun | None:
    """A run with its lock; None for one that another worker has, or that a worker has to look into alone."""
    folder = RunFolder(home.runs / run_id)
    lock = FileLock(folder.lock)
    try:
        if not lock.acquire():
            terms.tell(run_id, "running", "")
            return None
        run = HeldRun(folder, lock)
        if run.key is not None and attempt.end_in_log(folder) is None and not _is_commanded(run):
            return run
    except (StoreError, DataError):
        pass  # said in its log by the worker that takes it alone
    lock.release()
    terms.tell(run_id, "alone" if folder.path.exists() else "stopped", "")
    return None


def _is_commanded(run: HeldRun) -> bool:
    """Whether it has been told something that concerns it alone."""
    waiting = any(request.command in LIVE for request in run.folder.requests())
    return waiting or bool(without_worker.commands_of(run.folder))


def _let_go(run: HeldRun, terms: Terms, state: str) -> None:
    run.lock.release()
    terms.tell(run.folder.run_id, state, "")


def _pace(home: Home, runs: Sequence[HeldRun], data: Splits, device: torch.device, terms: Terms) -> StackPace:
    """Which way is faster here, measured unless it has been for about as many runs of this kind."""
    size_class = 1 << (len(runs) - 1).bit_length()
    about = f"{pace_key(runs[0].spec)}, {torch.get_num_threads()} thread(s)"
    key = f"{about}, {size_class} runs, {terms.slots} slot(s), torch {torch.__version__}"
    known = read_paces(home).get(key)
    if known is None:
        measured = measure_pace([run.spec for run in runs], data=data, device=device)
        known = StackPace(
            about=about,
            num_runs=len(runs),
            slots=terms.slots,
            stack_s=measured.stack_s,
            alone_s=measured.alone_s,
        )
        if math.isfinite(known.stack_s + known.alone_s):
            keep_pace(home, key, known)
    return known


def _train(home: Home, runs: Sequence[HeldRun], data: Splits, device: torch.device, terms: Terms, *, note: str) -> None:
    stage = Stage(home, terms)
    speakers = [speaker for run in runs if (speaker := _speaker(run, stage, terms)) is not None]
    members = [Member(run=one.run.spec, emit=one.emit, control=one, checkpoint=one.checkpoint) for one in speakers]
    try:
        if members:
            train_stack(members, data=data, device=device, note=note)
    except Exception as error:  # noqa: BLE001 - the worker's main
        trace = "".join(traceback.format_exception(error))
        for speaker in speakers:
            if not speaker.has_ended:
                speaker.fail(error, trace)
    finally:
        stage.close()


def _speaker(run: HeldRun, stage: "Stage", terms: Terms) -> "Speaker | None":
    """None where the folder cannot be written; then it is another attempt's turn."""
    try:
        return Speaker(run, stage)
    except StoreError as problem:
        run.lock.release()
        terms.tell(run.folder.run_id, "interrupted", str(problem))
        return None


class Speaker:
    """What one member of a stack says and hears: into its folder, and out of it."""

    def __init__(self, run: HeldRun, stage: "Stage") -> None:
        """Open the log for an attempt. Raises StoreError."""
        self.run = run
        self.recorder = Recorder(run.folder, run.status, attempt=run.status.attempt + 1, upkeep=stage.upkeep)
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
        return Leave("stopped" if request.command == "stop" else "paused", request.reason)

    def wants_checkpoint(self) -> bool:
        """Whether all members should keep one."""
        return self._stage.is_time_to_keep()

    def keep(self, checkpoint: bytes, *, is_best: bool) -> None:
        """Into the folder."""
        with self._stage.upkeep.counted():
            self._try(lambda: self.recorder.keep(checkpoint, is_best=is_best))

    def wants_picture(self) -> bool:
        """As often as for a run alone, where there is time for it."""
        return time.monotonic() - self._shown_at >= PICTURE_EVERY_S and self._stage.upkeep.is_affordable

    def show(self, picture: Picture) -> None:
        """Into the folder."""
        with self._stage.upkeep.counted():
            self._try(lambda: self.recorder.show(picture))
        self._shown_at = time.monotonic()

    def keep_best(self, checkpoint: bytes) -> None:
        """Into the folder."""
        self._try(lambda: self.recorder.keep_best(checkpoint))

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

    def is_time_to_keep(self) -> bool:
        """Once every `KEEP_EVERY_S`, or as often as there is time for it; then all keep."""
        if time.monotonic() - self._kept_at < KEEP_EVERY_S or not self.upkeep.is_affordable:
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
        run_id, state, cause = speaker.run.folder.run_id, str(ended.state), ""
        try:
            with suppress(StoreError):  # there is none where it ended before its first
                sync_file(speaker.run.folder.checkpoints / "last.pt")
            speaker.recorder.emit(ended)
            speaker.recorder.close()
        except StoreError as problem:
            state, cause = "interrupted", str(problem)
        finally:
            speaker.run.lock.release()
        self._tell(run_id, state, cause)

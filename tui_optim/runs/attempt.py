"""An attempt at a run: what earlier ones have left, and how it begins and fails. For whoever holds the run's lock."""

import contextlib
from pathlib import Path

from tui_optim.runs import without_worker
from tui_optim.runs.orders import AT_REST
from tui_optim.runs.recorder import Recorder
from tui_optim.spec.errors import DiskFullError
from tui_optim.spec.events import (
    ENDED_STATES,
    CommandSeen,
    Ended,
    EpochEnded,
    Evaluated,
    Notice,
    Progress,
    Rewound,
    RunState,
    Started,
)
from tui_optim.spec.run import RunSpec
from tui_optim.spec.safe_stream import escaped
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.eventlog import read_events
from tui_optim.store.runfolder import RunFolder


def end_in_log(folder: RunFolder) -> Ended | None:
    """The end of a run that finished or diverged although its status does not say so (a crash in between)."""
    for record in reversed(read_events(folder.events)):
        if isinstance(record.event, CommandSeen) and record.event.command == "extend":
            return None  # it has been given more epochs since
        if isinstance(record.event, Ended):
            return record.event if record.event.state in ENDED_STATES - {"stopped", "failed"} else None
    return None


def threads_of(folder: RunFolder, run: RunSpec, *, usual: int) -> int:
    """With how many threads an attempt trains: as the run says, else as its first attempt did, else the `usual` number.

    The last bits of its sums depend on them.
    """
    if run.threads:
        return run.threads
    begun = (record.event.threads for record in read_events(folder.events) if isinstance(record.event, Started))
    return next(begun, usual)


def rewind(recorder: Recorder) -> bytes | None:
    """The checkpoint to go on from, None without one; results after it in the log are declared superseded. Raises StoreError.

    The log says so where the last one cannot be read, and what the run does then: it goes on from an earlier one, or begins anew.
    """
    checkpoint = load_checkpoint(recorder.folder.checkpoints)
    kept_seq = checkpoint.seq if checkpoint else 0
    later = (record.event for record in read_events(recorder.folder.events) if record.seq > kept_seq)
    if any(isinstance(event, Progress | EpochEnded | Evaluated) for event in later):
        recorder.emit(Rewound(to_seq=kept_seq))
    if checkpoint is None and any(recorder.folder.checkpoints.glob("*.pt")):
        recorder.emit(Notice(text="none of its checkpoints can be read: it begins anew"))
    elif checkpoint is not None and checkpoint.is_second_choice:
        text = f"its last checkpoint cannot be read: it goes on from the one before (step {checkpoint.step:,})"
        recorder.emit(Notice(text=text))
        with contextlib.suppress(OSError):  # else the next save would put it in the place of the one that can be read
            (recorder.folder.checkpoints / "last.pt").unlink(missing_ok=True)
    return checkpoint.content if checkpoint else None


def settle(folder: RunFolder, state: RunState) -> RunState:
    """Deal with commands that came after the last look of an attempt; returns the state that the run has then. Raises StoreError.

    An extension goes on from the end; what a run at rest can do when it goes on is written down; the rest is void. After an
    interruption all stays for the next attempt.
    """
    if state not in AT_REST | {"finished", "diverged"} or state == "interrupted":
        return state
    for request in folder.requests():
        if state == "finished" and request.command == "extend":
            without_worker.reopen(folder, request.order)
            state = "queued"
        elif request.command in ("rate", "extend") and state in AT_REST | {"queued"}:
            without_worker.obey(folder, request)
        elif state == "paused" and request.command == "stop":
            state = without_worker.obey(folder, request) or state
        request.path.unlink(missing_ok=True)
    return state


def worker_log(folder: RunFolder) -> str:
    """Where the traceback of a failure is kept."""
    return str(folder.path / "worker.log")


def keep_trace(folder: RunFolder, trace: str) -> None:
    """Add a traceback to the run's own log."""
    with contextlib.suppress(OSError), Path(worker_log(folder)).open("a", encoding="utf-8") as log:
        log.write(escaped(trace))


def fail(recorder: Recorder, reason: str, *, trace: str) -> RunState:
    """Report a failure as the run's result; the traceback goes to the run's own log. Raises StoreError."""
    keep_trace(recorder.folder, trace)
    return end(recorder, Ended(state="failed", reason=reason))


def see_to_failure(folder: RunFolder, reason: str) -> None:
    """Let log and status say that a run has failed for want of space, as far as they do not. Raises StoreError."""
    status = folder.read_status()
    if status.state not in ("queued", "running", "interrupted", "failed"):
        return  # it had come to another end
    ended = next(
        (one.event for one in reversed(read_events(folder.events)) if isinstance(one.event, Started | Ended)), None
    )
    if status.state != "failed" or not isinstance(ended, Ended):
        without_worker.fail(folder, reason)


def end(recorder: Recorder, ended: Ended) -> RunState:
    """Report how a run has ended; without space for that it has failed. Returns the state. Raises StoreError."""
    try:
        recorder.emit(ended)
    except DiskFullError as problem:
        recorder.fail(ended.reason if ended.state == "failed" else str(problem))
        return "failed"
    return ended.state

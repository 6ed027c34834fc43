"""An attempt at a run: what earlier ones have left, and how it begins and fails. For whoever holds the run's lock."""

import contextlib
from pathlib import Path

from tui_optim.runs.recorder import Recorder
from tui_optim.spec.events import ENDED_STATES, Ended, EpochEnded, Progress, Rewound, RunState, Started
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.eventlog import read_events
from tui_optim.store.runfolder import RunFolder


def end_in_log(folder: RunFolder) -> Ended | None:
    """The end of a run that finished or diverged although its status does not say so (a crash in between)."""
    for record in reversed(read_events(folder.events)):
        if isinstance(record.event, Ended):
            return record.event if record.event.state in ENDED_STATES - {"stopped", "failed"} else None
    return None


def threads_before(folder: RunFolder) -> int | None:
    """The threads of the run's first attempt: the last bits of its sums depend on them."""
    return next(
        (record.event.threads for record in read_events(folder.events) if isinstance(record.event, Started)), None
    )


def rewind(recorder: Recorder) -> bytes | None:
    """The checkpoint to go on from, None without one; results after it in the log are declared superseded. Raises StoreError."""
    checkpoint = load_checkpoint(recorder.folder.checkpoints)
    kept_seq = checkpoint.seq if checkpoint else 0
    later = (record.event for record in read_events(recorder.folder.events) if record.seq > kept_seq)
    if any(isinstance(event, Progress | EpochEnded) for event in later):
        recorder.emit(Rewound(to_seq=kept_seq))
    return checkpoint.content if checkpoint else None


def worker_log(folder: RunFolder) -> str:
    """Where the traceback of a failure is kept."""
    return str(folder.path / "worker.log")


def fail(recorder: Recorder, reason: str, *, trace: str) -> RunState:
    """Report a failure as the run's result; the traceback goes to the run's own log. Raises StoreError."""
    with contextlib.suppress(OSError), Path(worker_log(recorder.folder)).open("a", encoding="utf-8") as log:
        log.write(trace)
    recorder.emit(Ended(state="failed", reason=reason))
    return "failed"

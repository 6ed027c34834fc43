"""The queue of a home: one small file per waiting run, first come, first served; and the number of worker slots."""

import os
import re
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.run import RunSpec
from tui_optim.store.files import held_lock, not_written, replace_file
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status

SLOTS_FILE = "slots"
PREPARE_FILE = "prepare.json"
MAX_SLOTS = 64
PREPARE_LIMIT_BYTES = 1024 * 1024
"""A specification has a few kilobytes."""
_ENTRY = re.compile(r"\d{20}~.+")
"""When a run was added, in nanoseconds since the epoch (0: before all others), and its id."""


def wake(home: Home) -> None:
    """Let the supervisor look at everything now: it watches when the queue's folder has last changed."""
    with suppress(OSError):  # then it looks within half a second
        os.utime(home.queue)


def enqueue(home: Home, run_id: str, *, is_first: bool = False) -> None:
    """Add a run at the end, or before all others; one that waits already keeps its place."""
    if run_id not in waiting(home):
        replace_file(home.queue / f"{0 if is_first else time.time_ns():020d}~{run_id}", b"")


def requeue(home: Home, run_id: str, *, attempt: int, is_first: bool = False, wait_s: float = 0.0) -> bool:
    """Queue a run that was begun before, at the end or before all others; False where a worker still has it.

    `attempt` is the number of attempts that count against the limit of restarts; for `wait_s` it may let go of the run.
    """
    folder = RunFolder(home.runs / run_id)
    with held_lock(folder.lock, wait_s=wait_s) as is_ours:
        if is_ours:
            status = replace(folder.read_status(), state="queued", attempt=attempt, eta_s=None, reason="", owner=None)
            write_status(folder.status, status)
            enqueue(home, run_id, is_first=is_first)
        return is_ours


def enqueue_all(home: Home, run_ids: Sequence[str]) -> None:
    """Add new runs at the end, in this order."""
    began = time.time_ns()
    for number, run_id in enumerate(run_ids):
        _touch(home.queue / f"{began + number:020d}~{run_id}")


def _touch(path: Path) -> None:
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise not_written(path, error) from error


def age_of_latest_s(home: Home, run_ids: Collection[str]) -> float:
    """How long ago the latest of these was added at the end."""
    wanted = set(run_ids)
    stamps = [int(name.partition("~")[0]) for name in _entries(home) if name.partition("~")[2] in wanted]
    return (time.time_ns() - max(stamps, default=0)) / 1e9


def dequeue(home: Home, *run_ids: str) -> bool:
    """Take runs out; False when none of them waited."""
    wanted = set(run_ids)
    names = [name for name in _entries(home) if name.partition("~")[2] in wanted]
    for name in names:
        (home.queue / name).unlink(missing_ok=True)
    return bool(names)


def waiting(home: Home) -> list[str]:
    """Ids of the waiting runs, first first."""
    return [name.partition("~")[2] for name in _entries(home)]


def read_slots(home: Home) -> int:
    """How many runs may train at once (1 unless the user set it)."""
    try:
        return max(1, min(MAX_SLOTS, int(read_regular(home.queue / SLOTS_FILE, limit_bytes=64))))
    except (OSError, ValueError):
        return 1


def check_slots(num_slots: int) -> None:
    """Refuse a number of slots that cannot be. Raises UsageError."""
    if not 1 <= num_slots <= MAX_SLOTS:
        raise UsageError(f"worker slots (--jobs) = {num_slots}: expected a whole number in [1, {MAX_SLOTS}]")


def write_slots(home: Home, num_slots: int) -> None:
    """Set how many runs may train at once. Raises UsageError."""
    check_slots(num_slots)
    replace_file(home.queue / SLOTS_FILE, str(num_slots).encode())


def write_prepare(home: Home, spec: RunSpec) -> None:
    """Leave word of a run whose data a warm worker should load."""
    replace_file(home.queue / PREPARE_FILE, spec.model_dump_json().encode(), is_durable=False)


def take_prepare(home: Home) -> str | None:
    """Take that word, as the JSON of a RunSpec; None when there is none."""
    path = home.queue / PREPARE_FILE
    try:
        text = read_regular(path, limit_bytes=PREPARE_LIMIT_BYTES).decode()
        path.unlink()
    except (OSError, UnicodeDecodeError):
        return None
    return text


def _entries(home: Home) -> list[str]:
    """Names as `enqueue` and `enqueue_all` give them, first first; an editor's `slots~`, say, is none."""
    try:
        with os.scandir(home.queue) as entries:
            return sorted(entry.name for entry in entries if _ENTRY.fullmatch(entry.name))
    except OSError as error:
        raise StoreError(f"cannot read the queue {home.queue}: {error.strerror or error}") from error

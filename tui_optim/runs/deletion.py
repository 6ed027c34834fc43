"""Deleting runs for good, beside a supervisor, workers, sweeps and apps that look at them.

A run is deleted by whoever holds its lock: no worker has it then, and none can begin. Its folder first gets another name in one
step, so that readers see all of it or nothing, and is emptied under that name.
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Sequence
from contextlib import suppress

from tui_optim.runs import queue
from tui_optim.runs.orders import still_held
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.sweeps.trial import SweepState
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.sweepfolder import SweepFolder

PREFIX = ".deleted-"
"""Of folders that are being emptied; no reader takes them for runs."""


def delete_runs(home: Home, run_ids: Sequence[str]) -> None:
    """Delete runs: none of them where one may not be, as far as that can be seen beforehand.

    Raises:
        UsageError: a run trains or waits, its sweep is still going, or a worker has it; the message says which.
        StoreError: a folder cannot be removed; those before it have been.
    """
    for run_id in run_ids:
        if refusal := why_not(home, run_id):
            raise UsageError(refusal)
    for run_id in run_ids:
        _delete(home, run_id)
    _clear(home)


def why_not(home: Home, run_id: str) -> str:
    """Why a run may not be deleted now, or ''. Raises StoreError where there is no such run, or it cannot be read."""
    folder = RunFolder(home.runs / run_id)
    info, status = folder.read_info(), folder.read_status()
    if status.state == "running":
        return f"{run_id} is running: stop it first, then delete it"
    if status.state == "queued" or run_id in queue.waiting(home):
        return f"{run_id} is queued: stop it first, then delete it"
    sweep = _sweep_state(home, info.sweep) if info.sweep else None
    if sweep in ("running", "paused"):
        return f"{run_id} belongs to {info.sweep}, which is {sweep}: stop that sweep first, then delete the run"
    return ""


def _delete(home: Home, run_id: str) -> None:
    folder = RunFolder(home.runs / run_id)
    with held_lock(folder.lock) as is_ours:
        if not is_ours:
            raise still_held(run_id)
        if refusal := why_not(home, run_id):  # it may have been resumed since
            raise UsageError(refusal)
        aside = home.runs / f"{PREFIX}{run_id}-{secrets.token_hex(4)}"
        try:
            folder.path.rename(aside)
        except OSError as error:
            raise StoreError(f"cannot delete {folder.path}: {error.strerror or error}") from error


def _clear(home: Home) -> None:
    """Empty what has been put aside, now or by somebody who was interrupted; what cannot be removed waits for the next time."""
    for name in _put_aside(home):
        shutil.rmtree(home.runs / name, ignore_errors=True)


def _put_aside(home: Home) -> Iterable[str]:
    with suppress(OSError), os.scandir(home.runs) as entries:
        return [entry.name for entry in entries if entry.name.startswith(PREFIX)]
    return []


def _sweep_state(home: Home, sweep_id: str) -> SweepState | None:
    """None where the sweep is gone or cannot be read: then nobody carries it out."""
    try:
        return SweepFolder(home.sweeps / sweep_id).read_status().state
    except StoreError:
        return None

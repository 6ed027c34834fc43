"""New runs: their ids, and their folders, which appear whole or not at all."""

import json
import secrets
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import StoreError
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.run import RunSpec
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home
from tui_optim.store.runfolder import FORMAT_VERSION, RunFolder
from tui_optim.store.status import Status, write_status

NUM_SYNCS = 4
"""Folders that wait for the disk at once."""


def new_run_id(spec: RunSpec, *, created: float) -> str:
    """A run's id: when it was made (seconds since the epoch), by which preset and seed, and six random hex digits."""
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(created))
    return f"{stamp}-{spec.preset}-s{spec.seed}-{secrets.token_hex(3)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run to be made."""

    spec: RunSpec
    run_id: str


def create_runs(
    home: Home, runs: Sequence[NewRun], *, versions: dict[str, str], executor: ExecutorSpec = LOCAL, sweep: str = ""
) -> list[RunFolder]:
    """Make many run folders as `create_run` does, or none; where the disk is waited for, the others go on. Raises StoreError."""

    def create(run: NewRun) -> RunFolder:
        return create_run(home, run.spec, versions=versions, executor=executor, sweep=sweep, run_id=run.run_id)

    if len(runs) < 2:
        return [create(run) for run in runs]
    with ThreadPoolExecutor(NUM_SYNCS) as pool:
        making = [pool.submit(create, run) for run in runs]
    problem = next((one.exception() for one in making if one.exception() is not None), None)
    if problem is None:
        return [one.result() for one in making]
    for one in making:
        if one.exception() is None:
            _take_back(one.result())
    raise problem


def _take_back(folder: RunFolder) -> None:
    """Remove a run that was made beside one that could not be: the supervisor would find it later, and train it."""
    aside = _aside(folder.path.parent, folder.run_id)
    with suppress(OSError):
        folder.path.rename(aside)
        shutil.rmtree(aside, ignore_errors=True)


def _aside(runs: Path, run_id: str) -> Path:
    """Where a run's folder is while it is not whole: a name of its own, as a sweep that dies here makes the run once more."""
    return runs / f".new-{run_id}-{secrets.token_hex(4)}"


def create_run(
    home: Home,
    spec: RunSpec,
    *,
    versions: dict[str, str],
    executor: ExecutorSpec = LOCAL,
    sweep: str = "",
    run_id: str | None = None,
) -> RunFolder:
    """Make a run folder in state 'queued'; it appears whole or not at all.

    `run_id` is for those who have to know it beforehand; a new one if None.

    Raises:
        StoreError: the folder cannot be made.
    """
    created = time.time()
    run_id = run_id or new_run_id(spec, created=created)
    temporary = RunFolder(_aside(home.runs, run_id))
    body: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "run_id": run_id,
        "created": created,
        "command": spec.command,
        "versions": versions,
        "executor": executor.model_dump(mode="json", exclude_defaults=True),
        "sweep": sweep,
        "spec": json.loads(spec.model_dump_json()),
    }
    try:
        temporary.path.mkdir(mode=0o700)
        temporary.control.mkdir(mode=0o700)
        temporary.checkpoints.mkdir(mode=0o700)
        replace_file(temporary.path / "run.json", json.dumps(body, indent=2).encode())
        write_status(temporary.status, _first_status(home, temporary, spec))
        temporary.path.rename(home.runs / run_id)
    except (OSError, StoreError) as error:
        shutil.rmtree(temporary.path, ignore_errors=True)
        message = error.strerror if isinstance(error, OSError) else error
        raise StoreError(f"cannot make a run folder in {home.runs}: {message}") from error
    return RunFolder(home.runs / run_id)


def _first_status(home: Home, folder: RunFolder, spec: RunSpec) -> Status:
    """A fork takes over its parent's checkpoint and history. Raises StoreError."""
    if spec.parent is None:
        return Status(state="queued", epochs=spec.epochs)
    from tui_optim.store.forks import begin_fork  # reads the folders of other runs

    return begin_fork(home, folder, spec, spec.parent)

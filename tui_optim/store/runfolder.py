"""A run's folder: what it is, where it stands, what happened, and the commands waiting for it."""

import json
import os
import secrets
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tui_optim.spec.commands import COMMANDS, Command, Order
from tui_optim.spec.datasets import DATASETS, GENERATED, DataSource
from tui_optim.spec.errors import StoreError, UsageError, unknown
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.json_text import DAMAGE, LATEST_TIME, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.run import RunSpec
from tui_optim.store.control import Request, leave_request, read_requests
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home
from tui_optim.store.status import Status, read_status, write_status

FORMAT_VERSION = 1
NUM_SYNCS = 4
"""Folders that wait for the disk at once."""
RUN_FILE_LIMIT_BYTES = 1024 * 1024
"""A `run.json` has a few kilobytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInfo:
    """The content of `run.json`, written once."""

    run_id: str
    created: float
    """Seconds since the epoch (UTC)."""
    spec: RunSpec
    versions: dict[str, str]
    executor: ExecutorSpec = LOCAL
    sweep: str = ""
    """Id of the sweep that the run belongs to; '' for runs of their own."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Access to one run's files."""

    path: Path

    @property
    def run_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def events(self) -> Path:
        """The event log."""
        return self.path / "events.jsonl"

    @property
    def film(self) -> Path:
        """Weights of a small network at a few epochs."""
        return self.path / "film.json"

    @property
    def predictions(self) -> Path:
        """What the run said of held-out images at its end."""
        return self.path / "predictions.bin"

    @property
    def status(self) -> Path:
        """The status file."""
        return self.path / "status.json"

    @property
    def label(self) -> Path:
        """Name, note and pin that a user has given the run; most have none."""
        return self.path / "label.json"

    @property
    def lock(self) -> Path:
        """Held by the worker for as long as it works on this run."""
        return self.path / "worker.lock"

    @property
    def control(self) -> Path:
        """Commands renamed in by any app."""
        return self.path / "control"

    @property
    def checkpoints(self) -> Path:
        """Checkpoint files; `store.checkpoints` says which."""
        return self.path / "checkpoints"

    def read_info(self) -> RunInfo:
        """Read `run.json`.

        Raises:
            StoreError: it cannot be read, is damaged, or was written by a version that knows more than this one.
        """
        path = f"{self.path}/run.json"  # as text: a list reads a thousand of them
        try:
            body = parse_json(read_regular(path, limit_bytes=RUN_FILE_LIMIT_BYTES))
            if body.get("version", FORMAT_VERSION) > FORMAT_VERSION:
                raise UsageError(f"written by a newer tui-optim, in format {body['version']}; update to read it")
            info = RunInfo(
                run_id=self.run_id,
                created=float(body["created"]),
                spec=_read_spec(body["spec"]),
                versions={str(name): str(version) for name, version in body["versions"].items()},
                executor=ExecutorSpec.model_validate(executor) if (executor := body.get("executor")) else LOCAL,
                sweep=str(body.get("sweep", "")),
            )
            _check(info)
        except OSError as error:
            raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
        except UsageError as error:
            raise StoreError(f"{path}: {error}") from error
        except ValidationError as error:
            raise StoreError(f"{path}: damaged ({_first_problem(error)})") from error
        except DAMAGE as error:
            raise StoreError(f"{path}: damaged ({type(error).__name__})") from error
        return info

    def read_status(self) -> Status:
        """Read the status. Raises StoreError."""
        return read_status(f"{self.path}/status.json")

    def status_stamp(self) -> tuple[int, int]:
        """Changes whenever the status is replaced. Raises StoreError."""
        try:
            stat = os.stat(f"{self.path}/status.json")  # noqa: PTH116 - asked hundreds of times a second
        except OSError as error:
            raise StoreError(f"{self.status}: cannot be read ({error.strerror or error})") from error
        return stat.st_mtime_ns, stat.st_ino

    def send(self, command: Command, *, reason: str = "") -> None:
        """Leave a command for whoever works on the run; `reason` says why where it was not the user's wish."""
        self.order(Order(command=command, reason=reason))

    def order(self, order: Order) -> None:
        """Leave a command with what it asks for. Raises StoreError."""
        leave_request(self.control, order.command, reason=order.reason, value=order.value)

    def requests(self) -> list[Request]:
        """Commands in the order in which they came; anything unreadable is removed."""
        return read_requests(f"{self.path}/control", COMMANDS)


@lru_cache(maxsize=4096)
def folder_of(home: Home, run_id: str) -> RunFolder:
    """The folder of a run, the same object each time: making a path costs more than most of what is asked of it."""
    return RunFolder(home.runs / run_id)


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
    """Make many run folders as `create_run` does; where the disk is waited for, the others go on. Raises StoreError."""

    def create(run: NewRun) -> RunFolder:
        return create_run(home, run.spec, versions=versions, executor=executor, sweep=sweep, run_id=run.run_id)

    if len(runs) < 2:
        return [create(run) for run in runs]
    with ThreadPoolExecutor(NUM_SYNCS) as pool:
        return list(pool.map(create, runs))


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
    # a name of its own: a sweep that dies here makes the same run once more
    temporary = RunFolder(home.runs / f".new-{run_id}-{secrets.token_hex(4)}")
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


def _read_spec(body: dict[str, Any]) -> RunSpec:
    """Raises ValidationError, and TypeError for a body that is no object."""
    with suppress(ValidationError, KeyError):  # what is wrong is told with its place in the whole
        body = {**body, "data": _read_source(json.dumps(body["data"]))}
    return RunSpec.model_validate(body)


@lru_cache(maxsize=64)
def _read_source(text: str) -> DataSource:
    """The runs of a home share a few: making their paths anew would take as long as all the rest of the specifications."""
    return DataSource.model_validate_json(text)


def _check(info: RunInfo) -> None:
    """Refuse what no table could show, whoever wrote it. Raises UsageError."""
    spec = info.spec
    scenario = spec.scenario_info
    known = {**DATASETS, **GENERATED, scenario.dataset: scenario.data_set}
    if spec.data.dataset not in known:
        raise unknown("data set", spec.data.dataset, known)
    if spec.data.kind not in known[spec.data.dataset].num_examples:
        raise UsageError(f"there is no {spec.data.kind} of data set {spec.data.dataset!r}")
    if not 0 <= info.created < LATEST_TIME:
        raise UsageError("damaged (no time of making)")


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, problem["loc"]))
    if problem["type"] == "extra_forbidden":
        return f"{place}: a key that this version does not know"
    return f"{place}: {problem['msg'][0].lower()}{problem['msg'][1:]}"

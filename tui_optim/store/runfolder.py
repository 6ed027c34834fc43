"""A run's folder: what it is, where it stands, what happened, and the commands waiting for it; `new_runs` makes them."""

import json
import os
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
from tui_optim.store.home import Home
from tui_optim.store.status import Status, read_status

FORMAT_VERSION = 1
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
                versions=_shared_versions(tuple(body["versions"].items())),
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

    def check_exists(self) -> None:
        """Refuse a folder without `run.json`: no list shows it, so nobody could end what trains there. Raises StoreError."""
        try:
            os.stat(f"{self.path}/run.json")  # noqa: PTH116 - asked every second for each member of a stack
        except (FileNotFoundError, NotADirectoryError) as error:
            raise StoreError(f"{self.path}/run.json has been removed while the run trained") from error
        except OSError:  # of the system, not of the file: nothing says that it is gone
            return

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


def _read_spec(body: dict[str, Any]) -> RunSpec:
    """Raises ValidationError, and TypeError for a body that is no object."""
    with suppress(ValidationError, KeyError):  # what is wrong is told with its place in the whole
        body = {**body, "data": _read_source(json.dumps(body["data"]))}
    spec = RunSpec.model_validate(body)
    # which fields a file names is asked of nobody, and would take a third of what a list of thousands holds of each
    object.__setattr__(spec, "__pydantic_fields_set__", _ALL_FIELDS)
    return spec


_ALL_FIELDS = set(RunSpec.model_fields)


@lru_cache(maxsize=64)
def _shared_versions(versions: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """The runs of a home share a few here too."""
    return {str(name): str(version) for name, version in versions}


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

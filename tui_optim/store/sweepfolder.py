"""A sweep's folder: what it is, its trials, where it stands, and the commands waiting for it."""

import json
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import decode_time, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import SWEEP_STATES, Stage, SweepState, Trial
from tui_optim.store.control import Request, leave_request, read_requests
from tui_optim.store.files import reading, replace_file
from tui_optim.store.home import Home, make_private
from tui_optim.store.stamps import names_in
from tui_optim.store.trials import TrialLog

FORMAT_VERSION = 1
LIMIT_BYTES = 16 * 1024 * 1024
"""A sweep of ten thousand points has less than one megabyte."""
SweepCommand = Literal["pause", "stop", "resume", "requeue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStatus:
    """Where a sweep stands; its trial log and its runs are the truth, this is their summary for lists."""

    state: SweepState
    stage: Stage = "search"
    counts: Mapping[str, int] = field(default_factory=dict)
    """Number of trials in each state."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSweep:
    """A sweep as lists show it."""

    sweep_id: str
    created: float
    """Seconds since the epoch (UTC)."""
    spec: SweepSpec
    versions: dict[str, str]
    status: SweepStatus
    folder: "SweepFolder"

    def trials(self) -> list[Trial]:
        """Read its trials; a line about a preset or scenario that the sweep does not have is none of its own."""
        plan, presets = self.spec.plan, self.spec.presets
        read = self.folder.log.read()
        return [one for one in read if one.point.preset in presets and one.point.scenario in plan.scenarios]


@dataclass(frozen=True, slots=True)
class SweepFolder:
    """Access to one sweep's files."""

    path: Path

    @property
    def sweep_id(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def log(self) -> TrialLog:
        """The trial log."""
        return TrialLog(self.path / "trials.jsonl")

    @property
    def status(self) -> Path:
        """The status file."""
        return self.path / "status.json"

    @property
    def control(self) -> Path:
        """Commands renamed in by any app."""
        return self.path / "control"

    def read(self) -> StoredSweep:
        """Read specification and status. Raises StoreError."""
        path = self.path / "sweep.json"
        with reading(path):
            body = parse_json(read_regular(path, limit_bytes=LIMIT_BYTES))
            return StoredSweep(
                sweep_id=self.sweep_id,
                created=decode_time(body["created"]),
                spec=SweepSpec.model_validate_json(json.dumps(body["spec"])),
                versions={str(name): str(version) for name, version in body["versions"].items()},
                status=self.read_status(),
                folder=self,
            )

    def read_status(self) -> SweepStatus:
        """Read the status. Raises StoreError."""
        with reading(self.status):
            body = parse_json(read_regular(self.status, limit_bytes=LIMIT_BYTES))
            return SweepStatus(
                state=body["state"] if body["state"] in SWEEP_STATES else "failed",
                stage="final" if body["stage"] == "final" else "search",
                counts={str(state): int(count) for state, count in body["counts"].items()},
                reason=str(body["reason"]),
            )

    def write_status(self, status: SweepStatus) -> None:
        """Replace the status file. Raises StoreError."""
        body = {"version": FORMAT_VERSION, "state": status.state, "stage": status.stage}
        whole = {**body, "counts": dict(status.counts), "reason": status.reason}
        replace_file(self.status, json.dumps(whole).encode(), is_durable=status.state != "running")

    def send(self, command: SweepCommand) -> None:
        """Leave a command for the supervisor. Raises StoreError."""
        leave_request(self.control, command)

    def requests(self) -> list[Request]:
        """Commands in the order in which they came."""
        return read_requests(self.control, get_args(SweepCommand))


def create_sweep(home: Home, spec: SweepSpec, *, versions: dict[str, str]) -> SweepFolder:
    """Make a sweep's folder in state 'running'; it appears whole or not at all. Raises StoreError."""
    created = time.time()
    stamp = time.strftime("%y%m%d-%H%M%S", time.localtime(created))
    sweep_id = f"{stamp}-sweep-{spec.plan.scenarios[0]}-{secrets.token_hex(2)}"
    temporary = SweepFolder(home.sweeps / f".new-{sweep_id}-{secrets.token_hex(4)}")
    body: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "sweep_id": sweep_id,
        "created": created,
        "command": spec.command,
        "versions": versions,
        "spec": json.loads(spec.model_dump_json()),
    }
    try:
        make_private(home.sweeps)
        temporary.path.mkdir(mode=0o700)
        temporary.control.mkdir(mode=0o700)
        replace_file(temporary.path / "sweep.json", json.dumps(body, indent=2).encode())
        temporary.write_status(SweepStatus(state="running"))
        temporary.path.rename(home.sweeps / sweep_id)
    except (OSError, StoreError) as error:
        shutil.rmtree(temporary.path, ignore_errors=True)
        message = error.strerror if isinstance(error, OSError) else error
        raise StoreError(f"cannot make a sweep folder in {home.sweeps}: {message}") from error
    return SweepFolder(home.sweeps / sweep_id)


def sweep_ids(home: Home) -> list[str]:
    """Ids of all sweeps of a home, oldest first."""
    return sorted(names_in(str(home.sweeps)))


def read_sweeps(home: Home) -> tuple[list[StoredSweep], dict[str, str]]:
    """All sweeps that can be read, oldest first, and why others cannot, by id."""
    sweeps: list[StoredSweep] = []
    damaged: dict[str, str] = {}
    for sweep_id in sweep_ids(home):
        try:
            sweeps.append(SweepFolder(home.sweeps / sweep_id).read())
        except StoreError as error:
            damaged[sweep_id] = str(error)
    return sorted(sweeps, key=lambda sweep: (sweep.created, sweep.sweep_id)), damaged

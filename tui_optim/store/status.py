"""`status.json`: the state of a run at a glance. The event log is the truth; this is its summary for lists."""

import json
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.events import STATES, RunState
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.results import EpochResult, decode_finite, decode_number, encode_number
from tui_optim.store.files import overwrite_file, replace_file
from tui_optim.store.liveness import ProcessIdentity, is_alive

FORMAT_VERSION = 1
STATUS_LIMIT_BYTES = 1024 * 1024
"""A status has a kilobyte or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Where a run stands."""

    state: RunState
    epoch: int = 0
    """Epochs completed."""
    epochs: int = 0
    step: int = 0
    effective_epochs: float = 0.0
    """Work done, in gradient evaluations ÷ n: the run is over when it reaches `epochs`."""
    loss: float | None = None
    """Mean training loss of the latest bin of steps."""
    eta_s: float | None = None
    attempt: int = 0
    device: str = ""
    threads: int | None = None
    """CPU threads of the latest attempt; None before the first."""
    energy_j: float | None = None
    """What its device took while a worker worked on it, over all attempts; None where no power is readable."""
    reason: str = ""
    commands: str = ""
    """What commands have made of it that its specification does not say: ``rate ×0.5 at step 300``; '' where nothing."""
    latest: EpochResult | None = None
    final: EpochResult | None = None
    best: EpochResult | None = None
    owner: ProcessIdentity | None = None
    heartbeat: float = 0.0
    """Seconds since the epoch (UTC) of this write."""

    @property
    def result(self) -> EpochResult | None:
        """The final result where there is one, else the latest epoch's."""
        return self.final or self.latest


def write_status(path: Path, status: Status, *, is_last_resort: bool = False) -> None:
    """Replace the status file; as a last resort, on a full disk, write over it. Raises StoreError."""
    body: dict[str, Any] = {
        "version": FORMAT_VERSION,
        "state": status.state,
        "epoch": status.epoch,
        "epochs": status.epochs,
        "step": status.step,
        "effective_epochs": status.effective_epochs,
        "loss": encode_number(status.loss),
        "eta_s": encode_number(status.eta_s),
        "attempt": status.attempt,
        "device": status.device,
        "threads": status.threads,
        "energy_j": encode_number(status.energy_j),
        "reason": status.reason,
        "commands": status.commands,
        "latest": status.latest.to_json() if status.latest else None,
        "final": status.final.to_json() if status.final else None,
        "best": status.best.to_json() if status.best else None,
        "owner": status.owner.to_json() if status.owner else None,
        "heartbeat": time.time(),
    }
    content = json.dumps(body, allow_nan=False).encode()
    try:
        replace_file(path, content, is_durable=status.state != "running")
    except DiskFullError:
        if not is_last_resort:
            raise
        overwrite_file(path, content)


def read_status(path: Path | str) -> Status:
    """Read a status file; a run that claims to run while its process is gone is 'interrupted'.

    Raises:
        StoreError: the file is missing or damaged.
    """
    try:
        return judged(_read(path))
    except StoreError:  # it may be written over at this very moment, on a full disk
        return judged(_read(path))


def judged(status: Status) -> Status:
    """The status as it is now: the file of a running run stays as it is when its worker is killed."""
    if status.state == "running" and status.owner is not None:
        age = time.time() - status.heartbeat
        if not is_alive(status.owner, heartbeat_age_s=age):
            return replace(status, state="interrupted", eta_s=None)
    return status


def _read(path: Path | str) -> Status:
    try:
        body = parse_json(read_regular(path, limit_bytes=STATUS_LIMIT_BYTES))
        if body.get("version", FORMAT_VERSION) > FORMAT_VERSION:
            raise StoreError(f"{path}: written by a newer tui-optim, in format {body['version']}; update to read it")
        if body["state"] not in STATES:
            raise ValueError("no state of a run")
        latest = _result(body["latest"])
        final, best = (  # of most runs these are the last result too: lists of thousands hold it once
            latest if body[name] == body["latest"] else _result(body[name]) for name in ("final", "best")
        )
        return Status(
            state=body["state"],
            epoch=int(body["epoch"]),
            epochs=int(body["epochs"]),
            step=int(body["step"]),
            effective_epochs=decode_finite(body["effective_epochs"]),
            loss=decode_number(body["loss"]),
            eta_s=decode_number(body["eta_s"]),
            attempt=int(body["attempt"]),
            device=str(body["device"]),
            threads=None if body.get("threads") is None else int(body["threads"]),  # earlier versions have neither
            energy_j=decode_number(body.get("energy_j")),
            reason=str(body["reason"]),
            commands=str(body.get("commands", "")),  # statuses of earlier versions have none
            latest=latest,
            final=final,
            best=best,
            owner=ProcessIdentity.from_json(body["owner"]) if body["owner"] else None,
            heartbeat=decode_finite(body["heartbeat"]),
        )
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    except DAMAGE as error:
        raise StoreError(f"{path}: damaged ({type(error).__name__})") from error


def _result(body: Any) -> EpochResult | None:
    return EpochResult.from_json(body) if body else None

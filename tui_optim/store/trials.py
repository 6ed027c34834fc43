"""The trial log of a sweep: append-only JSON lines with one writer, the supervisor, and any number of readers."""

import json
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tui_optim.spec.errors import DiskFullError
from tui_optim.spec.ids import folder_name
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import read_regular
from tui_optim.spec.results import decode_float, decode_number, encode_number
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import TRIAL_STATES, Stage, Trial
from tui_optim.store.files import not_written

LOG_VERSION = 1
LIMIT_BYTES = 512 * 1024 * 1024
"""Ten thousand trials of a thousand epochs each have half of that."""


class TrialLog:
    """Reads all trials and appends to them; whoever opens it for writing is the home's supervisor."""

    def __init__(self, path: Path) -> None:
        """Nothing is opened yet; the log may not exist."""
        self.path = path

    def read(self) -> list[Trial]:
        """All trials by number. A torn last line is not there yet; damaged lines are skipped."""
        try:
            content = read_regular(self.path, limit_bytes=LIMIT_BYTES)
        except OSError:
            return []
        found: dict[int, Trial] = {}
        for line in content[: content.rfind(b"\n") + 1].splitlines():
            try:
                body = parse_json(line)
                number = int(body["trial"])
                found[number] = _outcome(found[number], body) if number in found else _asked(number, body)
            except DAMAGE:
                continue
        return [found[number] for number in sorted(found)]

    def ask(self, *trials: Trial) -> None:
        """Write down that trials are wanted, in one stroke, before their runs are made. Raises StoreError."""
        self._append([_question(trial) for trial in trials])

    def tell(self, *trials: Trial) -> None:
        """Write down what came of trials, or that they run again, in one stroke. Raises StoreError."""
        self._append([_answer(trial) for trial in trials])

    def _append(self, bodies: Sequence[dict[str, Any]]) -> None:
        lines = [json.dumps(body, allow_nan=False, separators=(",", ":")).encode() + b"\n" for body in bodies]
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                _cut_torn_tail(descriptor)
                content = b"".join(lines)
                if os.write(descriptor, content) < len(content):  # half a line: the next writer cuts it
                    raise DiskFullError(f"cannot write {self.path}: the disk is full")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise not_written(self.path, error) from error


def _question(trial: Trial) -> dict[str, Any]:
    point = trial.point
    return {
        "v": LOG_VERSION,
        "t": round(time.time(), 3),
        "trial": trial.number,
        "stage": trial.stage,
        "scenario": point.scenario,
        "preset": point.preset,
        "values": [[name, encode_number(value)] for name, value in point.values],
        "seed": trial.seed,
        "run_id": trial.run_id,
    }


def _answer(trial: Trial) -> dict[str, Any]:
    return {
        "t": round(time.time(), 3),
        "trial": trial.number,
        "state": trial.state,
        "value": encode_number(trial.value),
        "curve": [encode_number(value) for value in trial.curve],
        "reason": trial.reason,
    }


def _cut_torn_tail(descriptor: int) -> None:
    """A writer that was killed, or a full disk, may have left half a line."""
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        os.ftruncate(descriptor, os.pread(descriptor, size, 0).rfind(b"\n") + 1)


def _asked(number: int, body: dict[str, Any]) -> Trial:
    values = tuple((str(name), decode_number(value) if _is_number(value) else value) for name, value in body["values"])
    point = Point(scenario=str(body["scenario"]), preset=str(body["preset"]), values=values)
    stage: Stage = "final" if body["stage"] == "final" else "search"
    return Trial(number=number, point=point, seed=int(body["seed"]), run_id=folder_name(body["run_id"]), stage=stage)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _outcome(trial: Trial, body: dict[str, Any]) -> Trial:
    if body["state"] not in TRIAL_STATES:
        raise ValueError(f"unknown state {body['state']!r}")
    return replace(
        trial,
        state=body["state"],
        value=decode_number(body["value"]),
        curve=tuple(map(decode_float, body["curve"])),
        reason=str(body["reason"]),
    )

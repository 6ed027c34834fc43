"""Checkpoint files of a run, each with the event after which it was taken and where the run stood.

    last.pt, previous.pt    the newest and the one before it: what a run goes on from
    best.pt                 the lowest validation loss so far
    step-000123.pt          kept on command or by a rule, and never replaced by a later one
    branch.pt               of a fork: its parent's, where it begins

`store.kept` lists those that somebody may begin from.
"""

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from tui_optim.spec.errors import StoreError
from tui_optim.spec.json_text import DAMAGE, parse_json
from tui_optim.spec.regular_file import open_regular, read_regular
from tui_optim.store.files import replace_file

BRANCH = "branch"
HEADER_LIMIT_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The engine's state and where the log stood."""

    seq: int
    """Sequence number of the last event that it includes."""
    content: bytes
    step: int
    """Optimizer steps taken."""
    epoch: int
    """Whole epochs trained and evaluated."""
    is_second_choice: bool = False
    """Whether a newer one is there that cannot be read; known of one that was loaded to go on from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointHeader:
    """What the first line of a checkpoint file says."""

    seq: int
    sha256: str
    """Of the content."""
    step: int | None
    """None in files of earlier versions, which only name the event; likewise the epoch."""
    epoch: int | None


def save_checkpoint(
    folder: Path, checkpoint: Checkpoint, *, is_best: bool, stays: bool = False, is_durable: bool = True
) -> None:
    """Replace `last.pt`, keeping what it was as `previous.pt`. Raises StoreError; an earlier checkpoint then remains.

    One that stays is kept under the name of its step too. One that is not durable survives the death of its process, but not
    that of the machine. `last.pt` comes last: a run that is resumed goes on after it, and keeps nothing of before again.
    """
    whole = _encoded(checkpoint)
    last, staying = folder / "last.pt", folder / f"{step_name(checkpoint.step)}.pt"
    if is_best:
        replace_file(folder / "best.pt", whole, is_durable=is_durable)
    if stays:
        replace_file(staying, whole, is_durable=is_durable)
    if last.exists():
        link_or_copy(last, folder / "previous.pt")
    if stays:
        link_or_copy(staying, last, is_durable=is_durable)
    else:
        replace_file(last, whole, is_durable=is_durable)


def save_best(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace `best.pt` alone, by a state that is older than the last one. Raises StoreError."""
    replace_file(folder / "best.pt", _encoded(checkpoint), is_durable=False)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest undamaged checkpoint to go on from, or None where there is none."""
    is_second_choice = False
    for name in ("last", "previous", BRANCH):
        path = folder / f"{name}.pt"
        try:
            return replace(_read(path), is_second_choice=is_second_choice)
        except StoreError:
            is_second_choice |= path.exists()
    return None


def step_name(step: int) -> str:
    """The name of a checkpoint that stays, without its ending."""
    return f"step-{step:06}"


def read_header(path: Path) -> CheckpointHeader:
    """What a checkpoint file is of, without reading the state. Raises StoreError."""
    try:
        with open_regular(path) as stream:
            return _header(stream.readline(HEADER_LIMIT_BYTES))
    except (OSError, *DAMAGE) as error:
        raise _unreadable(path, error) from error


def check_content(path: Path) -> None:
    """Refuse a checkpoint file that is damaged. Raises StoreError."""
    _read(path)


def link_or_copy(source: Path, target: Path, *, is_durable: bool = False) -> None:
    """Put a file under another name in one step, sharing its bytes where the file system can. Raises StoreError."""
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        temporary.unlink(missing_ok=True)
        os.link(source, temporary)
        temporary.replace(target)
        temporary.unlink(missing_ok=True)  # it stays where both names are one file already
    except OSError:
        try:
            content = source.read_bytes()
        except OSError as error:
            raise StoreError(f"{source}: cannot be read ({error.strerror or error})") from error
        replace_file(target, content, is_durable=is_durable)


def _encoded(checkpoint: Checkpoint) -> bytes:
    header = {
        "seq": checkpoint.seq,
        "sha256": hashlib.sha256(checkpoint.content).hexdigest(),
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
    }
    return json.dumps(header).encode() + b"\n" + checkpoint.content


def _read(path: Path) -> Checkpoint:
    try:
        line, _, content = read_regular(path).partition(b"\n")
        header = _header(line)
    except (OSError, *DAMAGE) as error:
        raise _unreadable(path, error) from error
    if hashlib.sha256(content).hexdigest() != header.sha256:
        raise StoreError(f"{path}: damaged checkpoint (content does not match its SHA-256)")
    return Checkpoint(seq=header.seq, content=content, step=header.step or 0, epoch=header.epoch or 0)


def _header(line: bytes) -> CheckpointHeader:
    """Raises what `DAMAGE` lists."""
    body = parse_json(line)
    seq, sha256 = int(body["seq"]), str(body["sha256"])
    step, epoch = body.get("step"), body.get("epoch")
    return CheckpointHeader(
        seq=seq, sha256=sha256, step=None if step is None else int(step), epoch=None if epoch is None else int(epoch)
    )


def _unreadable(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path}: no readable checkpoint ({type(error).__name__})")

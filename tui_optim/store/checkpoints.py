"""Checkpoint files: `last.pt`, the one before it, and the best; each names the event after which it was taken."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.errors import StoreError
from tui_optim.spec.regular_file import read_regular
from tui_optim.store.files import replace_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The engine's state and where the log stood."""

    seq: int
    """Sequence number of the last event that it includes."""
    content: bytes


def save_checkpoint(folder: Path, checkpoint: Checkpoint, *, is_best: bool, is_durable: bool = True) -> None:
    """Replace `last.pt`, keeping what it was as `previous.pt`. Raises StoreError; an earlier checkpoint then remains.

    One that is not durable survives the death of its process, but not that of the machine.
    """
    whole = _encoded(checkpoint)
    last, previous = folder / "last.pt", folder / "previous.pt"
    if last.exists():
        previous.unlink(missing_ok=True)
        try:
            os.link(last, previous)
        except OSError:
            replace_file(previous, last.read_bytes(), is_durable=False)  # a file system without hard links
    replace_file(last, whole, is_durable=is_durable)
    if is_best:
        replace_file(folder / "best.pt", whole, is_durable=is_durable)


def save_best(folder: Path, checkpoint: Checkpoint) -> None:
    """Replace `best.pt` alone, by a state that is older than the last one. Raises StoreError."""
    replace_file(folder / "best.pt", _encoded(checkpoint), is_durable=False)


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """The newest undamaged checkpoint, or None where there is none."""
    for name in ("last.pt", "previous.pt"):
        try:
            return _read(folder / name)
        except StoreError:
            continue
    return None


def _encoded(checkpoint: Checkpoint) -> bytes:
    header = {"seq": checkpoint.seq, "sha256": hashlib.sha256(checkpoint.content).hexdigest()}
    return json.dumps(header).encode() + b"\n" + checkpoint.content


def _read(path: Path) -> Checkpoint:
    try:
        header, _, content = read_regular(path).partition(b"\n")
        body = json.loads(header)
        seq, expected = int(body["seq"]), str(body["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path}: no readable checkpoint ({type(error).__name__})") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise StoreError(f"{path}: damaged checkpoint (content does not match its SHA-256)")
    return Checkpoint(seq=seq, content=content)

"""The checkpoints of a run that somebody may begin from: the last, the best, and those that stay, each named by its step."""

from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import EpochEnded, Progress
from tui_optim.store.checkpoints import BRANCH, read_header
from tui_optim.store.eventlog import read_log
from tui_optim.store.runfolder import RunFolder


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheckpoint:
    """A checkpoint file, without the state in it."""

    name: str
    """'last', 'best', 'step-000123'; 'branch' of the one that a fork began with."""
    path: Path
    step: int
    """Optimizer steps taken by then."""
    epoch: int
    """Whole epochs trained and evaluated by then."""
    sha256: str
    """Of the state."""
    seq: int
    """Sequence number of the last event that it includes."""
    size_bytes: int

    @property
    def stays(self) -> bool:
        """Whether later ones do not replace it."""
        return self.name not in ("last", "best")


def kept_checkpoints(folder: RunFolder) -> list[KeptCheckpoint]:
    """Those of a run, the newest first; files that cannot be read are left out.

    Where it is a fork itself, the one that it began with is not among them, nor a best one from before: these are states of its
    parent, with the parent's numbers.
    """
    names = (path.name for path in folder.checkpoints.glob("*.pt") if path.stem != BRANCH)
    found = [one for name in names if (one := read_kept(folder, name)) is not None]
    if (begun := read_kept(folder, f"{BRANCH}.pt")) is not None:
        found = [one for one in found if one.step > begun.step or (one.step == begun.step and one.name != "best")]
    return sorted(found, key=lambda one: (-one.step, -one.epoch, _ORDER.get(one.name, len(_ORDER))))


_ORDER = {"last": 0, "best": 1}
"""At equal steps."""


def read_kept(folder: RunFolder, file_name: str) -> KeptCheckpoint | None:
    """One of them by its file; None for what is none, or is no checkpoint any more."""
    path, name = folder.checkpoints / file_name, file_name.removesuffix(".pt")
    if name not in ("last", "best", BRANCH) and not name.startswith("step-"):
        return None
    try:
        header, size_bytes = read_header(path), path.stat().st_size
    except (StoreError, OSError):
        return None
    step, epoch = header.step, header.epoch
    if step is None or epoch is None:
        step, epoch = _place_in_log(folder, header.seq)
    return KeptCheckpoint(
        name=name,
        path=path,
        step=step,
        epoch=epoch,
        sha256=header.sha256,
        seq=header.seq,
        size_bytes=size_bytes,
    )


def _place_in_log(folder: RunFolder, seq: int) -> tuple[int, int]:
    """Step and epoch after an event: files of earlier versions name that alone."""
    events = [record.event for record in read_log(folder.events)[0] if record.seq <= seq]
    step = next((event.step for event in reversed(events) if isinstance(event, Progress)), 0)
    epoch = next((event.result.epoch for event in reversed(events) if isinstance(event, EpochEnded)), 0)
    return step, epoch

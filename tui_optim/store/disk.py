"""What a home and the cache of data take on disk: the space that files hold, each once however many names it has."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tui_optim.store.files import BLOCK
from tui_optim.store.home import Home, cache_folder
from tui_optim.store.runfolder import RunFolder


@dataclass(frozen=True, slots=True)
class FileUse:
    """A file's name for some bytes."""

    path: str
    inode: tuple[int, int]
    """Device and number: equal for names of the same bytes."""
    num_names: int
    size_bytes: int
    """What the bytes hold of the disk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunUse:
    """A run's folder."""

    total_bytes: int
    checkpoint_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskUse:
    """A home with the cache of data, in bytes."""

    num_runs: int
    runs: int
    """Their folders without checkpoints."""
    checkpoints: int
    num_sweeps: int
    sweeps: int
    """Their own folders; their runs are among the runs."""
    others: int
    """The rest of the home: queue, logs of the supervisor, what lists have read."""
    cache: int
    """Downloaded data, which several homes may share."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaning:
    """Checkpoints that nothing needs, or needed and that have gone."""

    run_ids: tuple[str, ...]
    num_files: int
    freed_bytes: int
    """Without those bytes that other files share."""


def run_use(folder: RunFolder) -> RunUse:
    """What a run takes."""
    found = {one.inode: one for one in files_below(folder.path)}.values()
    mine = f"{folder.checkpoints}{os.sep}"
    return RunUse(
        total_bytes=sum(one.size_bytes for one in found),
        checkpoint_bytes=sum(one.size_bytes for one in found if one.path.startswith(mine)),
    )


def disk_use(home: Home, *, cache: Path | None = None) -> DiskUse:
    """Look at every file once; `cache` is that of downloaded data if None. What vanishes meanwhile is not in it."""
    sizes = {"runs": 0, "checkpoints": 0, "sweeps": 0, "others": 0}
    seen: set[tuple[int, int]] = set()
    for one in files_below(home.root):
        if one.inode in seen:
            continue
        seen.add(one.inode)
        parts = Path(one.path).relative_to(home.root).parts
        is_checkpoint = len(parts) > 3 and (parts[0], parts[2]) == ("runs", "checkpoints")
        where = "checkpoints" if is_checkpoint else parts[0] if parts[0] in ("runs", "sweeps") else "others"
        sizes[where] += one.size_bytes
    below_cache = files_below(cache_folder() if cache is None else cache)
    return DiskUse(
        num_runs=_num_folders(home.runs),
        num_sweeps=_num_folders(home.sweeps),
        cache=sum(one.size_bytes for one in {one.inode: one for one in below_cache}.values()),
        **sizes,
    )


def files_below(folder: Path | str) -> Iterator[FileUse]:
    """The regular files in a folder and below it; links are not followed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from files_below(entry.path)
                elif entry.is_file(follow_symlinks=False) and (one := file_use(entry.path)):
                    yield one
    except OSError:
        return


def file_use(path: str) -> FileUse | None:
    """None for what is not there (any more)."""
    try:
        stat = os.lstat(path)
    except OSError:
        return None
    return FileUse(path, (stat.st_dev, stat.st_ino), stat.st_nlink, stat.st_blocks * BLOCK)


def _num_folders(folder: Path) -> int:
    try:
        with os.scandir(folder) as entries:
            return sum(not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False) for entry in entries)
    except OSError:
        return 0

"""What processes have left in a home that died while they wrote: files and folders under temporary names, which nobody reads."""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tui_optim.store.home import Home
from tui_optim.store.stamps import names_in

AGE_S = 3600.0
"""What has not been touched for so long is nobody's any more: not even that of a slow process on another host."""
_FILE = re.compile(r"\..+\.\d+(\.[0-9a-f]{8})?")
"""The temporary names of `files.replace_file` and `checkpoints.link_or_copy`, with their process's number."""
_FOLDER = re.compile(r"\.(new|deleted)-.+")
"""Runs and sweeps that are being made, and runs that are being deleted."""


def clear_debris(home: Home) -> int:
    """Remove it all, but for what somebody may be writing now; returns how much has gone. What cannot be removed stays."""
    now, removed = time.time(), 0
    for entry in _found(home):
        with suppress(OSError):
            if now - entry.stat(follow_symlinks=False).st_mtime < AGE_S:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)  # noqa: PTH108 - an entry, not a path
            removed += 1
    return removed


def _found(home: Home) -> Iterator["os.DirEntry[str]"]:
    yield from _in(home.root, _FILE)
    yield from _in(home.queue, _FILE)
    for folder in (home.runs, home.sweeps):
        yield from _in(folder, _FOLDER)
        for name in names_in(str(folder)):
            for place in ("", "control", "checkpoints"):
                yield from _in(folder / name / place, _FILE)


def _in(folder: Path, pattern: re.Pattern[str]) -> Iterator["os.DirEntry[str]"]:
    is_of_folders = pattern is _FOLDER
    with suppress(OSError), os.scandir(folder) as entries:
        yield from [
            entry
            for entry in entries
            if entry.name.startswith(".")
            and pattern.fullmatch(entry.name)
            and entry.is_dir(follow_symlinks=False) == is_of_folders
        ]

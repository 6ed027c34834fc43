"""What a folder of runs, sweeps or commands has, and what changes when a file does; a thousand at a time, so without paths."""

import os

Stamp = tuple[int, int, int] | None
"""Time of a file's last change, inode, size; None where there is none to be seen."""


def stamp_of(path: str) -> Stamp:
    """What changes when a file does."""
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each of a thousand files would cost more than the look
    except OSError:
        return None
    return found.st_ctime_ns, found.st_ino, found.st_size


def names_in(folder: str) -> list[str]:
    """All but those that are being made or removed, which have a dot before their names; none where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if not entry.name.startswith(".")]
    except OSError:
        return []

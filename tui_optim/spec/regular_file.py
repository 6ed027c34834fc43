"""Opening a file that somebody else put there."""

import errno
import stat
from pathlib import Path
from typing import BinaryIO

_OTHERS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def open_regular(path: Path) -> BinaryIO:
    """Open for reading. Raises OSError where it cannot be, and for a FIFO or a device: reading one may never end."""
    kind = stat.S_IFMT(path.stat().st_mode)
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"it is {_OTHERS.get(kind, 'something else')}, not a regular file")
    return path.open("rb")


def read_regular(path: Path) -> bytes:
    """The whole content. Raises OSError like `open_regular`."""
    with open_regular(path) as stream:
        return stream.read()

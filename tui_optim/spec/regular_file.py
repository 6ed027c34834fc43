"""Opening a file that somebody else put there."""

import errno
import os
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
    _check(path)
    return path.open("rb")


def read_regular(path: Path, *, limit_bytes: int | None = None) -> bytes:
    """The whole content. Raises OSError like `open_regular`, and for a file larger than the limit."""
    _check(path)
    with path.open("rb", buffering=0) as stream:  # a thousand small files are read for a list: no buffers for them
        if limit_bytes is not None and os.fstat(stream.fileno()).st_size > limit_bytes:
            raise OSError(errno.EFBIG, f"it is larger than {limit_bytes:,} bytes")
        return stream.read()


def _check(path: Path) -> None:
    kind = stat.S_IFMT(path.stat().st_mode)
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"it is {_OTHERS.get(kind, 'something else')}, not a regular file")

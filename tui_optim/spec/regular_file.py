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
    _check(path.stat())
    return path.open("rb")


def read_regular(path: Path | str, *, limit_bytes: int | None = None, must_be_ours: bool = False) -> bytes:
    """The whole content. Raises OSError like `open_regular`, and for a file larger than the limit.

    `must_be_ours` is for what is obeyed: a link, or a file of another user than this one or root, is refused too.
    A thousand small files are read for a list: a path as text, one look at the opened file and no buffers are half of the time.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if must_be_ours else 0))
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            _check(os.stat(path))  # noqa: PTH116
        raise
    try:
        found = os.fstat(descriptor)
        _check(found)
        if must_be_ours and is_strangers(found):
            raise OSError(errno.EPERM, "it belongs to another user")
        if limit_bytes is not None and found.st_size > limit_bytes:
            raise OSError(errno.EFBIG, f"it is larger than {limit_bytes:,} bytes")
        content = os.read(descriptor, found.st_size + 1)
        if len(content) == found.st_size:
            return content
        with open(descriptor, "rb", buffering=0, closefd=False) as stream:
            return content + stream.read()
    finally:
        os.close(descriptor)


def is_strangers(found: os.stat_result) -> bool:
    """Whether a file or folder belongs to neither this user nor root, who can do as this user anyhow."""
    return found.st_uid not in (os.geteuid(), 0)


def _check(found: os.stat_result) -> None:
    kind = stat.S_IFMT(found.st_mode)
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"it is {_OTHERS.get(kind, 'something else')}, not a regular file")

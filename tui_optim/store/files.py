"""Writing files so that a reader, a crash or a full disk never meets half of one; and locks that die with their process."""

import contextlib
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.json_text import DAMAGE
from tui_optim.store.home import home_folder

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT})
BLOCK = 512
"""What `st_blocks` counts in, whatever the file system's own blocks are."""
RETRY_S = 0.02
"""Between two looks at a lock that somebody else holds."""


def not_written(path: Path, error: OSError, *, doing: str = "write") -> StoreError:
    """What to raise where a file could not be written, or opened for that."""
    kind = DiskFullError if error.errno in NO_SPACE else StoreError
    return kind(f"cannot {doing} {path}: {error.strerror or error}")


@contextlib.contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Inside the block a file of ours is read: what goes wrong is said of it. Raises StoreError."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{path}: cannot be read ({error.strerror or error})") from error
    except DAMAGE as error:
        raise StoreError(f"{path}: damaged ({type(error).__name__})") from error


def replace_file(path: Path, content: bytes, *, is_durable: bool = True, mode: int = 0o600) -> None:
    """Put `content` at `path` in one step: temporary file in the same folder, fsync, `os.replace`.

    `mode` 0600 keeps what is ours private; exports give 0666, which the umask then narrows as for any file of the user.

    Raises:
        StoreError: the folder cannot be written; whatever stood at `path` is unharmed.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, not a path
                stream.write(content)
                stream.flush()
                if is_durable:
                    os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise not_written(path, error) from error


def overwrite_file(path: Path, content: bytes) -> None:
    """Put `content` into the space that the file at `path` has already, with blanks up to its old length.

    For a full disk, where `replace_file` finds no room for a second file. A reader at this very moment may meet some of both.

    Raises:
        StoreError: there is no such file, or not enough space in it; then nothing of it has changed.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if len(content) > max(found.st_size, found.st_blocks * BLOCK):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.write(descriptor, content.ljust(found.st_size))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise not_written(path, error) from error


def write_export(path: Path, content: bytes) -> None:
    """Write a file for the user: through links, and only where a regular file is or can be; in the home for the owner alone.

    Raises:
        StoreError: it cannot be written, or `path` is a folder, a device or a FIFO.
    """
    try:
        target = path.resolve()
        is_other = target.exists() and not target.is_file()
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        raise StoreError(f"cannot write {path}: {error}") from error
    if is_other:
        raise StoreError(f"cannot write {path}: it is not a regular file; name another, or leave -o out to print")
    replace_file(target, content, mode=0o600 if target.is_relative_to(home_folder().resolve()) else 0o666)


def write_exports(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files for the user by their names in a folder; folders in the names are made.

    Raises:
        StoreError: one of them cannot be written; those before it have been.
    """
    for name, content in files.items():
        path = folder / name
        if path.parent != folder:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreError(f"cannot make the folder {path.parent}: {error.strerror or error}") from error
        write_export(path, content)


def sync_file(path: Path) -> None:
    """See that a file written without it is on disk. Raises StoreError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise not_written(path, error) from error


class FileLock:
    """An exclusive or shared `flock`, released by the kernel when its holder dies, however it dies."""

    def __init__(self, path: Path) -> None:
        """`path` is created when it does not exist."""
        self.path = path
        self._descriptor: int | None = None

    def acquire(self, *, is_shared: bool = False, wait_s: float = 0.0) -> bool:
        """Try once, and again for `wait_s` seconds; True when the lock is held now."""
        deadline = time.monotonic() + wait_s
        while not self._try(is_shared=is_shared):
            if time.monotonic() >= deadline:
                return False
            time.sleep(RETRY_S)
        return True

    def is_lost(self) -> bool:
        """Whether it guards nothing any more: the file that is held is gone from its path, or another one stands there."""
        if self._descriptor is None:
            return False
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._descriptor))
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError:  # of the system, not of the file: nothing says that it is gone
            return False

    def release(self) -> None:
        """Let go; no effect when not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _try(self, *, is_shared: bool) -> bool:
        try:
            descriptor = self._open(is_shared=is_shared)
        except OSError as error:
            raise not_written(self.path, error, doing="open") from error
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def _open(self, *, is_shared: bool) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if not is_shared or error.errno not in (errno.EROFS, errno.EACCES):
                raise
            return os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)  # whoever only looks needs no more


@contextlib.contextmanager
def held_lock(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold the exclusive lock for the length of a `with` block, where it could be had (the value says so)."""
    lock = FileLock(path)
    is_held = lock.acquire(wait_s=wait_s)
    try:
        yield is_held
    finally:
        lock.release()

"""Dies, or meets an error, at a chosen call that changes a file below a folder. Only for processes that a test has started.

Calls are counted where Python hands them to the system, so that the product has no hook of its own. What is replaced here is
`os.write`, the writing of a file object, `os.fsync`, `os.replace`, `os.rename`, `os.link` and `os.unlink`. Standard library only:
it is loaded at the very start of a process (`site/sitecustomize.py`).
"""

# ruff: noqa: PTH100, PTH115, PTH118
# (it lies below pathlib, which calls what is replaced here)
import builtins
import io
import os
import signal
from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["write", "fsync", "replace", "unlink"]
Moment = Literal["before", "torn", "after"]
KINDS: tuple[Kind, ...] = ("write", "fsync", "replace", "unlink")
Visit = Callable[[Kind, Moment, str], bool]
"""Asked at each moment of each call, with the file's path: True where the process dies there. It may raise an OSError."""


def moments_of(kind: Kind) -> tuple[Moment, ...]:
    """When a process may die around such a call; of a write also when half of it is done."""
    return ("before", "torn", "after") if kind == "write" else ("before", "after")


def refusing(code: int, *kinds: Kind) -> Visit:
    """A file system that refuses such calls: a quota with EDQUOT, a broken disk with EIO."""

    def refuse(kind: Kind, moment: Moment, path: str) -> bool:
        if kind in kinds and moment == "before":
            raise OSError(code, os.strerror(code), path)
        return False

    return refuse


def install(root: str, visit: Visit) -> Callable[[], None]:
    """Let `visit` see every call on files below `root`; returns what takes it away again."""
    below = os.path.realpath(root) + os.sep
    real_open, real_write = builtins.open, os.write

    def around(kind: Kind, path: str, call: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        if not path.startswith(below):
            return call()
        if visit(kind, "before", path):
            _die()
        if half is not None and visit(kind, "torn", path):
            half()
            _die()
        result = call()
        if visit(kind, "after", path):
            _die()
        return result

    class Stream(io.BufferedWriter):
        """What `open(descriptor, "wb")` gives."""

        def write(self, content: Any) -> int:
            whole = bytes(content)

            def put(part: bytes) -> int:
                size = super(Stream, self).write(part)
                self.flush()
                return size

            path = _named(self.fileno())
            written: int = around("write", path, lambda: put(whole), lambda: put(whole[: len(whole) // 2]))
            return written

    def open_(file: Any, mode: str = "r", *rest: Any, **named: Any) -> Any:
        is_bytes = isinstance(file, int) and mode in ("wb", "ab")
        return Stream(io.FileIO(file, mode)) if is_bytes else real_open(file, mode, *rest, **named)

    def write(descriptor: int, content: Any) -> int:
        half = bytes(content[: len(content) // 2])
        path = _named(descriptor)
        size: int = around("write", path, lambda: real_write(descriptor, content), lambda: real_write(descriptor, half))
        return size

    def of_path(kind: Kind, real: Callable[..., Any], *, is_target: bool) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            folder = named.get("dst_dir_fd" if is_target else "dir_fd")
            return around(kind, _path(given[is_target], folder), lambda: real(*given, **named))

        return call

    real_fsync = os.fsync
    changes: dict[str, Callable[..., Any]] = {
        "write": write,
        "fsync": lambda descriptor: around("fsync", _named(descriptor), lambda: real_fsync(descriptor)),
        "replace": of_path("replace", os.replace, is_target=True),
        "rename": of_path("replace", os.rename, is_target=True),
        "link": of_path("replace", os.link, is_target=True),
        "unlink": of_path("unlink", os.unlink, is_target=False),
    }
    before = {name: getattr(os, name) for name in changes}
    for name, change in changes.items():
        setattr(os, name, change)
    builtins.open = open_

    def restore() -> None:
        for name, real in before.items():
            setattr(os, name, real)
        builtins.open = real_open

    return restore


def _die() -> None:
    """As by kill -9, at this very instruction."""
    os.kill(os.getpid(), signal.SIGKILL)


def _named(descriptor: int) -> str:
    """The path of an open file; that of a pipe is none below any folder."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


def _path(name: Any, folder: int | None) -> str:
    text = os.fsdecode(name)
    return os.path.join(_named(folder), text) if folder is not None else os.path.abspath(text)


def arm(root: str, deaths: str, role: str) -> None:
    """Let this process die as is planned for its role, as soon as something is: `kind number moment` in a file of that name."""
    plan, mine, planned = os.path.join(deaths, role), os.path.join(deaths, f"{role}.{os.getpid()}"), ""
    exists, rename = os.path.exists, os.rename  # before they are replaced
    left = 0

    def visit(kind: Kind, moment: Moment, _path: str) -> bool:
        nonlocal planned, left
        if exists(plan):
            rename(plan, mine)
            planned = ""
        if not exists(mine):  # nothing is planned, or it has been withdrawn
            return False
        if not planned:
            with io.open(mine, encoding="ascii") as stream:  # noqa: UP020 - the builtin is replaced
                call, number, at = stream.read().split()
            left, planned = int(number), f"{call} {at}"
        if planned != f"{kind} {moment}":
            return False
        left -= 1
        return left == 0

    install(root, visit)

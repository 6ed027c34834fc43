"""Processes that die at each of their calls in turn, and what may be found afterwards."""

import itertools
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from tests.crash.faults import Kind, Moment, Visit, install
from tui_optim.store.home import Home

Thing = TypeVar("Thing")
Where = tuple[Kind, Moment, str]
"""Call, moment and file of a death."""


def dies_in_turn(
    root: Path, begin: Callable[[], Thing], act: Callable[[Thing], object], *, first: int = 0, step: int = 1
) -> Iterator[tuple[Thing, Where]]:
    """Let a child `act` on files below `root`, again and again, and die `step` moments later each time, until it outlives all.

    Each time it acts on what `begin` has made. Whoever iterates looks at what a death has left.
    """
    number, thing = first, begin()
    while (where := _died_at(root, partial(act, thing), number)) is not None:
        yield thing, where
        number, thing = number + step, begin()


def in_child(act: Callable[[], object]) -> None:
    """Carry out in a child, as another process would; it has to succeed."""
    assert _exit_status(act) == 0


def _died_at(root: Path, act: Callable[[], object], number: int) -> Where | None:
    """Die at the moment of this number, counted from 0; None where there are not so many."""
    end, said = os.pipe()

    def counted() -> None:
        install(str(root), _dies_at(number, said))
        act()

    status = _exit_status(counted)
    os.close(said)
    with os.fdopen(end, encoding="utf-8") as stream:
        words = stream.read().split("\0")
    if status == 0:
        return None
    assert status == -signal.SIGKILL, f"moment {number}: the child left with {status}"
    return words[0], words[1], words[2]  # type: ignore[return-value]


def _dies_at(number: int, said: int) -> Visit:
    turns = itertools.count()  # files are written by several threads, and no turn may be passed over
    tell = os.write  # before it is replaced

    def visit(kind: Kind, moment: Moment, path: str) -> bool:
        is_here = next(turns) == number
        if is_here:
            tell(said, "\0".join((kind, moment, path)).encode())
        return is_here

    return visit


def _exit_status(act: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:  # noqa: BLE001 - told, and then it is over
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def debris(home: Home) -> list[Path]:
    """What nobody reads: files and folders with a dot before their names, wherever they lie."""
    return sorted(path for path in home.root.rglob(".*"))

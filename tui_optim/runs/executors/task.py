"""What travels between a bridge and the node of a cluster that trains a run, where they share no file system."""

from dataclasses import dataclass

from tui_optim.spec.datasets import FileRole
from tui_optim.spec.events import CommandSeen, Event, RunState
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import RunSpec

Files = dict[FileRole, tuple[str, bytes]]
"""Name and content of each data file."""
Wanted = tuple[RunState, str]
"""The state that somebody wants a run to end in now, and why where it is not the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A run to train; its data files travel beside it, once for many runs."""

    spec: RunSpec
    """As it stands in `run.json`: the paths in it are those of the submitting machine."""
    threads: int
    plugin: str | None
    """Source of the user's optimizer, where it is a file."""
    scenario: bytes | None = None
    """Content of the file of the user's scenario, where it is one."""
    checkpoint: bytes | None
    """Where to go on."""
    commands: tuple[CommandSeen, ...] = ()
    """What earlier attempts were told."""
    log: str
    """Where the bridge keeps tracebacks, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The run cannot go on."""

    reason: str
    trace: str


Happening = Event | Kept | Failed | Picture
"""What a node tells, in order, a checkpoint after all that it includes; an `Ended` or a `Failed` is the last of a run."""

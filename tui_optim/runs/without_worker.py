"""What is written into a run's folder while no worker has it. Whoever calls holds the run's lock."""

from dataclasses import replace

from tui_optim.spec.events import CommandSeen, Ended, Notice, RunState
from tui_optim.store.control import Request
from tui_optim.store.eventlog import EventWriter
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import write_status


def obey(folder: RunFolder, request: Request) -> RunState:
    """Carry out a command to a run that waits; returns the state that it has now. Raises StoreError."""
    state: RunState = "stopped" if request.command == "stop" else "paused"
    status = folder.read_status()
    _append(folder, CommandSeen(command=request.command, step=status.step))
    write_status(folder.status, replace(status, state=state, reason=request.reason))
    request.path.unlink(missing_ok=True)
    return state


def note(folder: RunFolder, text: str) -> None:
    """Add a sentence for the user to the run's log. Raises StoreError."""
    _append(folder, Notice(text=text))


def fail(folder: RunFolder, reason: str) -> None:
    """End a run that cannot go on; its best epoch so far is kept. Raises StoreError."""
    status = folder.read_status()
    _append(folder, Ended(state="failed", reason=reason, best=status.best))
    write_status(folder.status, replace(status, state="failed", reason=reason, owner=None))


def _append(folder: RunFolder, event: Ended | Notice | CommandSeen) -> None:
    log = EventWriter(folder.events)
    try:
        log.append(event)
    finally:
        log.close()

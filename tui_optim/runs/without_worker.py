"""What is written into a run's folder while no worker has it. Whoever calls holds the run's lock."""

from dataclasses import replace

from tui_optim.spec.commands import LIVE, Order, added_epochs, changes, state_after
from tui_optim.spec.events import CommandSeen, Ended, Notice, RunState
from tui_optim.store.control import Request
from tui_optim.store.eventlog import EventWriter, read_log
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status, write_status

KILLED = "killed"


def obey(folder: RunFolder, request: Request) -> RunState | None:
    """Carry out a command to a run that waits; returns the state that it has now, None where it goes on waiting.

    A command that a run goes on after is written down, and done when it goes on. Raises StoreError.
    """
    state: RunState | None = None
    if request.command in LIVE:
        write_down(folder, request.order)
    else:
        state = state_after(request.command)
        status = folder.read_status()
        _append(folder, CommandSeen(command=request.command, step=status.step))
        write_status(folder.status, replace(status, state=state, reason=request.reason, owner=None))
    request.path.unlink(missing_ok=True)
    return state


def write_down(folder: RunFolder, order: Order) -> None:
    """Add a command that a run goes on after to its log; its next attempt carries it out. Raises StoreError."""
    write_status(folder.status, _told(folder, order))


def reopen(folder: RunFolder, order: Order) -> None:
    """Extend a run that has finished: it waits again, at its end. Raises StoreError."""
    status = _told(folder, order)
    write_status(folder.status, replace(status, state="queued", reason="", final=None, attempt=0))


def _told(folder: RunFolder, order: Order) -> Status:
    """The status of a run that has been told something, which its log has by then; once, whoever died over it before."""
    status, commands = folder.read_status(), commands_of(folder)
    if order.request is None or order.request not in {one.request for one in commands}:
        seen = CommandSeen(command=order.command, step=status.step, value=order.value, request=order.request)
        _append(folder, seen)
        commands.append(seen)
    return commanded(status, folder.read_info().spec.epochs, commands)


def commands_of(folder: RunFolder) -> list[CommandSeen]:
    """The commands in a run's log that its next attempt has to know of, in their order."""
    events = (record.event for record in read_log(folder.events, is_brief=True)[0])
    return [event for event in events if isinstance(event, CommandSeen) and event.command in LIVE]


def commanded(status: Status, epochs: int, commands: list[CommandSeen]) -> Status:
    """A status with what commands have made of a run of so many epochs."""
    return replace(status, epochs=epochs + added_epochs(commands), commands=changes(commands))


def kill(folder: RunFolder) -> None:
    """Write down that a run's process has been ended at once, on command. Raises StoreError."""
    status = folder.read_status()
    _append(folder, CommandSeen(command="kill", step=status.step))
    _append(folder, Ended(state="stopped", reason=KILLED, best=status.best))
    write_status(folder.status, replace(status, state="stopped", reason=KILLED, eta_s=None, owner=None))


def note(folder: RunFolder, text: str) -> None:
    """Add a sentence for the user to the run's log. Raises StoreError."""
    _append(folder, Notice(text=text))


def fail(folder: RunFolder, reason: str) -> None:
    """End a run that cannot go on; its best epoch so far is kept. Raises StoreError; on a full disk the status may say it."""
    status = folder.read_status()
    failed = replace(status, state="failed", reason=reason, eta_s=None, owner=None)
    try:
        _append(folder, Ended(state="failed", reason=reason, best=status.best))
    finally:
        write_status(folder.status, failed, is_last_resort=True)


def _append(folder: RunFolder, event: Ended | Notice | CommandSeen) -> None:
    log = EventWriter(folder.events)
    try:
        log.append(event)
    finally:
        log.close()

"""How a fork's folder begins: with its parent's checkpoint and history, so that it needs nothing of its parent any more.

Its log has what its parent measured up to the branch, then a mark: curves, costs and tables of a fork begin where its parent's
did. The numbers of the parent's events stay, which the checkpoint counts in.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

from tui_optim.spec.branch import Branch
from tui_optim.spec.commands import BRANCHED
from tui_optim.spec.errors import StoreError
from tui_optim.spec.event_lines import encode_record
from tui_optim.spec.events import CommandSeen, EpochEnded, Evaluated, Event, Progress, Record, Started
from tui_optim.spec.run import RunSpec
from tui_optim.store.checkpoints import BRANCH, link_or_copy
from tui_optim.store.eventlog import read_events
from tui_optim.store.files import replace_file
from tui_optim.store.home import Home
from tui_optim.store.kept import KeptCheckpoint, kept_checkpoints, read_kept
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.stamps import names_in
from tui_optim.store.status import Status


def find_beginning(home: Home, branch: Branch) -> tuple[RunFolder, KeptCheckpoint]:
    """The run that has the checkpoint of a branch: the parent, or another fork of it. Raises StoreError where none has."""
    parent = RunFolder(home.runs / branch.run_id)
    for kept in kept_checkpoints(parent):
        if kept.sha256 == branch.sha256:
            return parent, kept
    for run_id in names_in(str(home.runs)):
        fork = RunFolder(home.runs / run_id)
        begun = read_kept(fork, f"{BRANCH}.pt")
        if begun is not None and begun.sha256 == branch.sha256:
            return fork, begun
    raise StoreError(f"{branch.run_id} has no checkpoint of step {branch.step:,} any more: fork it from another one")


def begin_fork(home: Home, folder: RunFolder, spec: RunSpec, branch: Branch) -> Status:
    """Bring checkpoint and history of the parent into a fork's new folder; returns where it stands. Raises StoreError."""
    source, kept = find_beginning(home, branch)
    link_or_copy(kept.path, folder.checkpoints / f"{BRANCH}.pt")
    best = next((one for one in kept_checkpoints(source) if one.name == "best" and _is_before(one, kept)), None)
    if best is not None:
        link_or_copy(best.path, folder.checkpoints / "best.pt")
    records = list(_history(source, kept))
    mark = CommandSeen(command=BRANCHED, step=branch.step)
    lines = [*map(encode_record, records), encode_record(Record(seq=kept.seq + 1, time=time.time(), event=mark))]
    replace_file(folder.events, ("\n".join(lines) + "\n").encode(errors="backslashreplace"))
    results = [record.event.result for record in records if isinstance(record.event, EpochEnded)]
    return Status(
        state="queued",
        epoch=branch.epoch,
        epochs=spec.epochs,
        step=branch.step,
        effective_epochs=branch.effective_epochs,
        latest=results[-1] if results else None,
    )


def _is_before(best: KeptCheckpoint, kept: KeptCheckpoint) -> bool:
    return (best.step, best.epoch) <= (kept.step, kept.epoch)


def _history(source: RunFolder, kept: KeptCheckpoint) -> Iterator[Record]:
    """What a run measured up to a checkpoint, and on what it began. Steps taken again after it count as those before it did."""
    is_begun = False
    for record in read_events(source.events):
        is_first = isinstance(record.event, Started) and not is_begun
        is_begun |= is_first
        if is_first or _is_of(record.event, kept):
            yield replace(record, seq=min(record.seq, kept.seq))


def _is_of(event: Event, kept: KeptCheckpoint) -> bool:
    """Whether a checkpoint includes an event: a best one may be older than the log was when it was written."""
    match event:
        case Progress():
            return event.step <= kept.step
        case EpochEnded():
            return event.result.epoch <= kept.epoch and event.result.step <= kept.step
        case Evaluated():
            return event.result.step <= kept.step
        case CommandSeen():
            return event.command == BRANCHED and event.step < kept.step
        case _:
            return False

"""Where a run can be forked, and what a fork has to know of it."""

from collections.abc import Sequence

from tui_optim.spec.branch import Branch
from tui_optim.spec.commands import changes
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.spec.events import AT_THEIR_END, CommandSeen, EpochEnded, Progress
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.checkpoints import check_content, link_or_copy, step_name
from tui_optim.store.eventlog import read_events
from tui_optim.store.kept import KeptCheckpoint, kept_checkpoints, read_kept
from tui_optim.store.runfolder import RunFolder

MAX_NAMED = 6
HOLDS = 5
"""How often a checkpoint is looked for that a run which trains replaces meanwhile."""


def choose_kept(kept: Sequence[KeptCheckpoint], at: str, *, run_id: str, is_over: bool = False) -> KeptCheckpoint:
    """The checkpoint that `at` means: last, best, an epoch, step=N, or a name. Raises UsageError.

    `is_over` says that the run is at its end, and will keep none any more.
    """
    if not kept and is_over:
        raise UsageError(f"{run_id} is at its end and has no checkpoint, or none any more: it can only be started anew")
    if not kept:
        raise UsageError(
            f"{run_id} has kept no checkpoint yet: it keeps one at the ends of epochs, and on `tui-optim checkpoint {run_id}`"
        )
    # of those within an epoch the one nearest to its beginning: an epoch's number means where it was over
    order = reversed(kept) if at.strip().isdecimal() else kept
    found = next((one for one in order if _is_meant(one, at.strip())), None)
    if found is None:
        has = ", ".join(f"{one.name} (epoch {one.epoch}, step {one.step:,})" for one in kept[:MAX_NAMED])
        more = " …" if len(kept) > MAX_NAMED else ""
        raise UsageError(
            f"{run_id} has kept no checkpoint {at.strip()!r}; it has {has}{more}: last, best, an epoch or step=N"
        )
    return found


def hold_branch(run: StoredRun, at: str) -> Branch:
    """Where a fork would leave a run. The checkpoint stays from now on, named by its step.

    Raises:
        UsageError: there is no such checkpoint.
        StoreError: it is damaged, or cannot be kept.
    """
    is_over = run.status.state in AT_THEIR_END
    for _ in range(HOLDS):
        kept = choose_kept(kept_checkpoints(run.folder), at, run_id=run.run_id, is_over=is_over)
        held = _held(run.folder, kept)
        if held is not None:
            check_content(held.path)
            return branch_of(run, held)
    raise StoreError(f"{run.run_id} replaces its checkpoints faster than one can be taken: pause it, then fork it")


def branch_of(run: StoredRun, kept: KeptCheckpoint) -> Branch:
    """What a fork has to know of a run at one of its checkpoints."""
    records = read_events(run.folder.events)
    told = [one.event for one in records if isinstance(one.event, CommandSeen) and one.seq <= kept.seq]
    works = [0.0]
    for record in records:
        event = record.event
        if isinstance(event, Progress) and event.step <= kept.step:
            works.append(event.effective_epochs)
        elif isinstance(event, EpochEnded) and event.result.step <= kept.step:
            works.append(event.result.effective_epochs)
    return Branch(
        run_id=run.run_id,
        spec=run.info.spec,
        step=kept.step,
        epoch=kept.epoch,
        effective_epochs=max(works),
        sha256=kept.sha256,
        commands=changes(one for one in told if one.command == "rate"),
    )


def _is_meant(one: KeptCheckpoint, at: str) -> bool:
    word, _, number = at.rpartition("=")
    if word.strip() == "step":
        return number.strip() == str(one.step)
    return at in (one.name, str(one.epoch))


def _held(folder: RunFolder, kept: KeptCheckpoint) -> KeptCheckpoint | None:
    """The same checkpoint under a name that stays; None where it has been replaced meanwhile."""
    if kept.stays:
        return kept
    name = f"{step_name(kept.step)}.pt"
    known = read_kept(folder, name)
    if known is None or known.sha256 != kept.sha256:
        try:
            link_or_copy(kept.path, folder.checkpoints / name)
        except StoreError:
            return None
        known = read_kept(folder, name)
    if known is None or known.step == kept.step:
        return known
    known.path.unlink(missing_ok=True)  # it was replaced by a later one between the two looks
    return None

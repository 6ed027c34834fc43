"""Removing checkpoints that nothing needs: those of runs that have finished or diverged.

A run that can go on (queued, running, paused, stopped, interrupted, failed) keeps all of its checkpoints, and so does a fork
that is under way: where it begins is a file in its own folder. What is lost is that a run at its end can be given more epochs,
and that others can be forked from it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tui_optim.runs import queue
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.disk import Cleaning, FileUse, file_use
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder


def cleaning(home: Home, *, keeps_best: bool = False) -> Cleaning:
    """What could be removed now; `keeps_best` leaves the checkpoint of each run's lowest validation loss."""
    waiting = frozenset(queue.waiting(home))
    ended = [run for run in Catalogue(home).runs() if run.status.state in AT_THEIR_END and run.run_id not in waiting]
    found = {run.run_id: files for run in ended if (files := list(_removable(run.folder, keeps_best=keeps_best)))}
    return _summary(found)


def clean(home: Home, *, keeps_best: bool = False) -> Cleaning:
    """Remove it. What somebody has taken up or deleted meanwhile is left alone. Raises StoreError where a file cannot go."""
    removed: dict[str, Sequence[FileUse]] = {}
    for run_id in cleaning(home, keeps_best=keeps_best).run_ids:
        folder = RunFolder(home.runs / run_id)
        if not folder.path.exists():
            continue
        with held_lock(folder.lock) as is_ours:
            if is_ours and _is_at_its_end(folder, queue.waiting(home)):
                removed[run_id] = list(_removable(folder, keeps_best=keeps_best))
                _remove(removed[run_id])
    return _summary(removed)


def _is_at_its_end(folder: RunFolder, waiting: Collection[str]) -> bool:
    try:
        return folder.read_status().state in AT_THEIR_END and folder.run_id not in waiting
    except StoreError:
        return False  # gone, or damaged: nothing is known of what it needs


def _removable(folder: RunFolder, *, keeps_best: bool) -> Iterator[FileUse]:
    for path in sorted(folder.checkpoints.glob("*.pt")):
        if not (keeps_best and path.name == "best.pt") and (one := file_use(str(path))):
            yield one


def _remove(files: Iterable[FileUse]) -> None:
    for one in files:
        try:
            Path(one.path).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"cannot remove {one.path}: {error.strerror or error}") from error


def _summary(found: Mapping[str, Sequence[FileUse]]) -> Cleaning:
    files = [one for several in found.values() for one in several]
    return Cleaning(run_ids=tuple(found), num_files=len(files), freed_bytes=_freed(files))


def _freed(files: Iterable[FileUse]) -> int:
    """Bytes go with the last of their names."""
    names: dict[tuple[int, int], list[FileUse]] = {}
    for one in files:
        names.setdefault(one.inode, []).append(one)
    return sum(several[0].size_bytes for several in names.values() if len(several) >= several[0].num_names)

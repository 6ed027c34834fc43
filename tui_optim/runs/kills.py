"""Ending a run's process at once: asked for in its control folder, done by the supervisor, written down once it is gone."""

from tui_optim.runs import without_worker
from tui_optim.store.runfolder import RunFolder


def is_wanted(folder: RunFolder) -> bool:
    """Whether somebody wants the run's process ended; this stays so until `write_down`, whoever dies meanwhile."""
    return any(request.command == "kill" for request in folder.requests())


def write_down(folder: RunFolder) -> None:
    """The process is gone: the run is stopped. Whoever calls holds the run's lock. Raises StoreError."""
    without_worker.kill(folder)
    for request in folder.requests():
        if request.command == "kill":
            request.path.unlink(missing_ok=True)

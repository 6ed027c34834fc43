"""Giving a command to a run: left for whoever trains it, or carried out here where nobody does."""

from tui_optim.runs import queue, without_worker
from tui_optim.spec.commands import Command, Order, check_order
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import RunState
from tui_optim.spec.keeping import is_early
from tui_optim.spec.plugin_file import check_unchanged
from tui_optim.store.checkpoints import load_checkpoint
from tui_optim.store.control import Request
from tui_optim.store.files import held_lock
from tui_optim.store.home import Home
from tui_optim.store.runfolder import RunFolder, RunInfo

LOCK_WAIT_S = 2.0
UNDER_WAY: frozenset[RunState] = frozenset({"queued", "running"})
WITH_SWEEP = "its sweep was told to"
"""Reason of runs that were paused or stopped with their sweep: they go on when it does."""
AT_REST: frozenset[RunState] = frozenset({"paused", "stopped", "interrupted", "failed"})
"""States in which a run can go on later, and does then what it was told."""
_STATES: dict[Command, frozenset[RunState]] = {
    "pause": UNDER_WAY,
    "stop": UNDER_WAY | {"paused"},
    "kill": frozenset({"running"}),
    "evaluate": UNDER_WAY,
    "checkpoint": UNDER_WAY,
    "xray": UNDER_WAY,
    "rate": UNDER_WAY | AT_REST,
    "extend": UNDER_WAY | AT_REST | {"finished"},
}
_WORDS: dict[Command, str] = {
    "pause": "only queued or running runs can be told to pause",
    "stop": "only queued, running or paused runs can be told to stop",
    "kill": "only a run that trains has a process to end; stop ends it otherwise",
    "evaluate": "only queued or running runs can be told to evaluate",
    "checkpoint": "only queued or running runs can be told to keep a checkpoint",
    "xray": "only queued or running runs can be X-rayed",
    "rate": "it trains no more, so there is no rate to change",
    "extend": "a diverged run cannot go on; start it again with a smaller rate",
}


def give_order(home: Home, run_id: str, order: Order) -> bool:
    """Tell a run something; returns whether there is work for a supervisor. Raises UsageError with the reason of a refusal."""
    folder = RunFolder(home.runs / run_id)
    info, status = folder.read_info(), folder.read_status()
    is_waiting = run_id in queue.waiting(home)
    if status.state not in _STATES[order.command] and not (is_waiting and "queued" in _STATES[order.command]):
        raise UsageError(f"{run_id} is {status.state}: {_WORDS[order.command]}")
    if order.command == "extend" and is_early(status.reason):
        raise UsageError(
            f"{run_id} stopped early, by its patience of {info.spec.keeping.patience}, and would end again at once: start it "
            "anew with more patience, or without"
        )
    _check(run_id, order, info, epochs=status.epochs)
    if status.state in UNDER_WAY or is_waiting:
        folder.order(order)
        return True
    with held_lock(folder.lock, wait_s=LOCK_WAIT_S) as is_ours:  # a worker may be about to let go of it
        if not is_ours:
            raise still_held(run_id)
        if order.command == "stop":
            folder.order(order)
            _obey(folder, folder.requests())
        elif status.state == "finished":
            _reopen(home, folder, order)
        else:
            without_worker.write_down(folder, order)
    return status.state == "finished"


def still_held(run_id: str) -> UsageError:
    """The refusal of whatever needs a run that a worker has not let go of."""
    return UsageError(f"{run_id} is still held by a worker: try again in a moment")


def _check(run_id: str, order: Order, info: RunInfo, *, epochs: int) -> None:
    try:
        check_order(order, info.spec, epochs=epochs)
    except UsageError as error:
        raise UsageError(f"{run_id}: {error}") from None
    if info.sweep and order.command in ("rate", "extend"):
        raise UsageError(f"{run_id} is a run of a sweep, which compares its numbers: they stay as planned")
    if order.command == "kill" and info.executor.kind != "local":
        raise UsageError(f"{run_id} trains on {info.executor.kind}: kill ends processes of this machine; stop ends it")


def _obey(folder: RunFolder, requests: list[Request]) -> None:
    for request in requests:
        without_worker.obey(folder, request)


def _reopen(home: Home, folder: RunFolder, order: Order) -> None:
    if load_checkpoint(folder.checkpoints) is None:
        raise UsageError(f"{folder.run_id} has no readable checkpoint to go on from; start it again with more epochs")
    spec = folder.read_info().spec
    check_unchanged(spec.optimizer_origin, spec.optimizer_sha256)
    if spec.own_scenario is not None:
        check_unchanged(spec.own_scenario.origin, spec.own_scenario.sha256)
    for request in folder.requests():
        request.path.unlink(missing_ok=True)  # told to an attempt that had ended by then
    without_worker.reopen(folder, order)
    queue.enqueue(home, folder.run_id)

"""What is announced when runs come to their ends: which, how, and whether one is the best so far."""

from collections.abc import Sequence

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.names import run_name

_LOSSES = (("val_loss", "validation loss"), ("test_loss", "test loss"), ("gap", "gap"), ("train_loss", "training loss"))
"""The first that a run has tells how good it is: validation data before test data."""


def announcement(ended: Sequence[StoredRun], runs: Sequence[StoredRun]) -> str:
    """A sentence about runs that have just ended, among all `runs`; a new best comes before the others."""
    told = sorted(ended, key=lambda run: not _is_best(run, runs))
    more = f"; {len(told) - 1} more ended" if len(told) > 1 else ""
    return f"{_about(told[0], runs)}{more}"


def _about(run: StoredRun, runs: Sequence[StoredRun]) -> str:
    state, name, measured = run.status.state, run_name(run), _measured(run)
    if state != "finished":
        return f"{name} {state}{': ' + run.status.reason if run.status.reason else ''}"
    if measured is None:
        return f"{name} finished"
    words = dict(_LOSSES)[measured[0]]
    best = f", the lowest on {run.info.spec.scenario}" if _is_best(run, runs) else ""
    return f"{name} finished: {words} {measured[1]:.4g}{best}"


def _is_best(run: StoredRun, runs: Sequence[StoredRun]) -> bool:
    """Whether a finished run has a lower loss than all others that finished on the same scenario and data; there are some."""
    mine, spec = _measured(run), run.info.spec
    if mine is None:
        return False
    others = [
        found[1]
        for one in runs
        if one.run_id != run.run_id
        and (one.info.spec.scenario, one.info.spec.data.kind) == (spec.scenario, spec.data.kind)
        and (found := _measured(one)) is not None
        and found[0] == mine[0]
    ]
    return bool(others) and mine[1] < min(others)


def _measured(run: StoredRun) -> tuple[str, float] | None:
    """What tells how good a finished run is; None of others."""
    result = run.status.result
    if run.status.state != "finished" or result is None:
        return None
    return next(((key, float(value)) for key, _ in _LOSSES if (value := getattr(result, key)) is not None), None)

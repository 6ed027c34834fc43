"""What came of a trial: read from how its run ended."""

from dataclasses import replace

from tui_optim.spec.events import ENDED_STATES
from tui_optim.spec.sweeps.plan import Metric
from tui_optim.spec.sweeps.pruning import pruned_after
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.eventlog import read_curve
from tui_optim.store.runfolder import RunFolder
from tui_optim.store.status import Status


def outcome_of(trial: Trial, run: RunFolder, status: Status, *, metric: Metric) -> Trial | None:
    """The trial with its outcome; None while its run is not over.

    The median rule stops what still trains (`median_watch`), and takes no result away: what has come to its end has finished. Of
    a trial that was pruned counts what it had done by then.
    """
    if status.state not in ENDED_STATES:
        return None
    curve = tuple(read_curve(run.events, metric))
    epoch = pruned_after(status.reason) if status.state == "stopped" else None
    if epoch is not None and epoch <= len(curve):
        return replace(trial, state="pruned", value=curve[epoch - 1], curve=curve[:epoch], reason=status.reason)
    if status.state == "finished":
        value = getattr(status.final, metric) if status.final is not None else None
        return replace(trial, state="finished", value=value, curve=curve)
    if status.state in ("diverged", "failed", "stopped"):
        return replace(trial, state=status.state, curve=curve, reason=status.reason)
    return None

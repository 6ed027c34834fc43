"""What the keys on a sweep mean as it stands: what is to be done, or a sentence why there is nothing to do."""

from tui_optim.report.heat_axes import turned_axes, usual_axes
from tui_optim.report.heatmap import HeatCell
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.spec.sweeps.trial import why_no_retry
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.sweepfolder import StoredSweep, SweepCommand
from tui_optim.ui.sweeping.watch import Axes, SweepPicture


def pause_or_resume(view: SweepView) -> SweepCommand:
    """Pause what runs, resume what was paused or stopped, its trials by themselves among that. Raises UsageError."""
    state = view.sweep.status.state
    if state in ("finished", "failed"):
        can = (
            ""
            if why_no_retry(view.trials, view.sweep.status.stage)
            else " ⟪sweep.requeue:f⟫ tries its failed trials again."
        )
        raise UsageError(f"The sweep is {state}: there is nothing to pause or to resume.{can}")
    return "pause" if state == "running" and not view.num_waited_for else "resume"


def stop(sweep: StoredSweep) -> SweepCommand:
    """Stop what runs or is paused. Raises UsageError."""
    if sweep.status.state not in ("running", "paused"):
        raise UsageError(f"The sweep is {sweep.status.state}: only a running or paused one can be stopped.")
    return "stop"


def redo(view: SweepView) -> SweepCommand:
    """Try failed and stopped trials again. Raises UsageError."""
    if refusal := why_no_retry(view.trials, view.sweep.status.stage):
        raise UsageError(f"The sweep {refusal}.")
    return "requeue"


def runs_to_stop(view: SweepView, cell: HeatCell | None) -> list[StoredRun]:
    """The runs of a point that are under way. Raises UsageError."""
    runs = [run for run in _runs(view, cell, is_open=True) if run.status.state in ("queued", "running")]
    if not runs:
        raise UsageError("No run of this point is under way: there is nothing to stop.")
    return runs


def all_to_open(view: SweepView) -> list[str]:
    """Ids of the runs that have tried its points. Raises UsageError."""
    run_ids = sorted(view.searched & view.runs.keys())
    if not run_ids:
        raise UsageError("This sweep has no run yet.")
    return run_ids


def runs_to_open(view: SweepView, cell: HeatCell | None) -> list[str]:
    """Ids of the runs of a point. Raises UsageError."""
    runs = _runs(view, cell)
    if not runs:
        raise UsageError("This point has no run yet.")
    return [run.run_id for run in runs]


def runs_to_compare(view: SweepView) -> list[StoredRun]:
    """The final runs that have come to their ends. Raises UsageError."""
    runs = [run for run in view.final_runs if run.status.state in AT_THEIR_END]
    if not runs and view.sweep.spec.plan.final.seeds:
        raise UsageError("No final run has come to its end yet: the winners train when the search is over.")
    if not runs:
        raise UsageError("This sweep has no final runs: with final seeds each winner trains on the full training set.")
    return runs


def next_axes(picture: SweepPicture, axes: Axes | None, *, of_rows: bool) -> Axes:
    """Rows and columns of the map with the next key as one of them. Raises UsageError."""
    plan = picture.view.sweep.spec.plan
    if picture.drawn is None:
        raise UsageError("The sweep searches ranges: its points are in the table and on the curve.")
    turned = turned_axes(plan, axes or usual_axes(plan), of_rows=of_rows)
    if turned is None:
        raise UsageError("The sweep searches one key: there is nothing to turn.")
    return turned


def _runs(view: SweepView, cell: HeatCell | None, *, is_open: bool = False) -> list[StoredRun]:
    trials = cell.trials if cell is not None else ()
    chosen = [trial for trial in trials if not is_open or trial.state == "running"]
    return [view.runs[trial.run_id] for trial in chosen if trial.run_id in view.runs]

"""The verdict of a run: why its loss stopped being finite, or that it got worse, stood still or overfits; with the run to try.

Pure: what is stored in, a verdict out.
"""

from tui_optim.report.death import verdict_of_death
from tui_optim.report.finding import Verdict, changes_text
from tui_optim.report.series import RunSeries
from tui_optim.report.standstill import verdict_of_end
from tui_optim.report.told import untold_text
from tui_optim.spec.errors import UsageError
from tui_optim.spec.remedies import changed_run
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun


def verdict_of(run: StoredRun, series: RunSeries) -> Verdict | None:
    """What is to be said of a run at its end; None of one that is well, or goes on."""
    if run.status.state == "diverged":
        return verdict_of_death(run.info.spec, series)
    if run.status.state == "finished":
        return verdict_of_end(run.info.spec, series.epochs)
    return None


def why_no_verdict(run: StoredRun) -> str:
    """What is to be said of a run that has none."""
    state, reason = run.status.state, run.status.reason
    if state == "finished":
        return "is finished, and its figures are those of a healthy run"
    if state == "failed":
        return f"failed: {reason}" if reason else "failed"
    return f"is {state}: {reason or 'a verdict comes with its end'}"


def suggested_run(run: StoredRun, verdict: Verdict | None) -> RunSpec:
    """The run that a verdict suggests. Raises UsageError where there is none."""
    if verdict is None:
        raise UsageError(f"{run.run_id} {why_no_verdict(run)}; no other run is suggested")
    if not verdict.has_suggestion:
        raise UsageError(f"{run.run_id}: no other run is suggested. {verdict.sentence}")
    return changed_run(run.info.spec, verdict.changes)


def suggestion_text(spec: RunSpec, verdict: Verdict) -> str:
    """What the suggested run changes, and how sure it is."""
    tried = f"{verdict.how_far} was tried and lived" if verdict.was_tried else "not tried"
    what = untold_text(spec) if verdict.is_without_commands else changes_text(spec, verdict.changes)
    return f"{what} ({tried})"


def verdict_lines(run: StoredRun, series: RunSeries) -> list[str]:
    """The verdict as the command line says it, with the command that starts what it suggests; none of a run that is well."""
    verdict = verdict_of(run, series)
    if verdict is None:
        return []
    lines = [f"why: {verdict.sentence}", *(f"  {what}: {value}" for what, value in verdict.figures)]
    if verdict.has_suggestion:
        lines.append(f"tui-optim rerun {run.run_id}: {suggestion_text(run.info.spec, verdict)}")
    return lines

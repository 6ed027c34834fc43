"""How far a sweep is."""

from dataclasses import dataclass

from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.sweeps.expected import expected_points
from tui_optim.spec.sweeps.trial import Verdict, best, final_points


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepProgress:
    """Runs that are over, of those that there will be."""

    done: int
    total: int
    is_lower_bound: bool
    """Whether there may be more than `total`: a search for a rate extends itself."""
    best: Verdict | None
    """The best point so far; None before the first has finished, where scenarios are several (they do not compare), and
    where nothing is chosen."""

    @property
    def text(self) -> str:
        """`7/12`, or `7/8+`."""
        return f"{self.done}/{self.total}{'+' if self.is_lower_bound else ''}"


def sweep_progress(view: SweepView) -> SweepProgress:
    """Count the trials and the final runs of a sweep."""
    plan, status = view.sweep.spec.plan, view.sweep.status
    num_searched = sum(trial.stage == "search" for trial in view.trials)
    is_searching = status.stage == "search" and status.state not in ("finished", "failed")
    num_points = plan.num_points if plan.num_points is not None else len(expected_points(view.sweep.spec))
    searched = max(num_searched, num_points * len(plan.seeds)) if is_searching else num_searched
    num_final = len(plan.final.seeds) * (len(plan.arms) if is_searching else len(final_points(view.trials, plan)))
    can_compare = len(plan.scenarios) == 1 and not view.sweep.spec.is_for_showing
    return SweepProgress(
        done=sum(trial.state != "running" for trial in view.trials),
        total=searched + num_final,
        is_lower_bound=is_searching and plan.search == "rate",
        best=best(view.verdicts, is_minimised=plan.is_minimised) if can_compare else None,
    )

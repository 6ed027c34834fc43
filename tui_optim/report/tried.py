"""What was tried: the points of sweeps as their sweeps judged them, and settings that somebody ran by hand.

For choosing, a measure is taken on held-out data wherever runs have it (`choosing_measure`). A diverged run counts as everywhere,
with chance accuracy and loss NaN, and every outcome says how many of its runs diverged.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.comparison import Contest, Setting, contest
from tui_optim.report.heatmap import CellState, standing
from tui_optim.report.measures import judged_by
from tui_optim.report.statistics import mean, sd
from tui_optim.report.sweep_table import SweepView
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.trial import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A measure over the seeds of a setting."""

    values: tuple[float, ...]
    num_runs: int
    num_diverged: int
    state: CellState = "finished"
    """How a point of a sweep stands; settings that are no sweep's are at their end."""
    num_of_state: int = 0
    """How many of the runs are in this state, where it is not 'finished'."""
    is_chosen: bool = False
    """Whether a sweep chose it for its preset."""

    @property
    def mean(self) -> float:
        """NaN where there is nothing or a diverged run has no number."""
        return mean(self.values)

    @property
    def sd(self) -> float:
        """NaN for fewer than two runs."""
        return sd(self.values)

    @property
    def is_whole(self) -> bool:
        """Whether all of its runs came to their end, and none diverged: only such a one can be best."""
        return self.state == "finished" and not self.num_diverged


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A setting that was tried, with what it came to."""

    spec: RunSpec
    outcome: Outcome
    sweep: str = ""
    """The id of its sweep; '' for one that was run by itself."""

    @property
    def who(self) -> tuple[Contest, str, str]:
        """Equal for those that answer to the same question: on the same data, of the same preset and sweep."""
        return contest(self.spec), self.spec.preset, self.sweep


def tried(settings: Sequence[Setting], views: Sequence[SweepView], measure: str) -> list[Tried]:
    """The points of the sweeps, and the settings that are no trials of theirs."""
    searched = {run_id for view in views for run_id in view.searched}
    found = [
        Tried(spec=setting.spec, outcome=_of_setting(setting, measure))
        for setting in settings
        if not any(entry.run.run_id in searched for entry in setting.entries) and setting.values(measure)
    ]
    for view in views:
        found += [_of_point(view, verdict, measure) for verdict in view.verdicts]
    return found


def choosing_measure(settings: Sequence[Setting], *, views: Sequence[SweepView] = ()) -> str:
    """What a sweep chose by; else the held-out measure where a preset with several settings has it, else test, else training."""
    if views:
        return views[0].sweep.spec.plan.metric
    if settings and not any(setting.spec.scenario_info.has_accuracy for setting in settings):
        return judged_by(settings[0].spec).name
    counts = Counter((contest(setting.spec), setting.spec.preset) for setting in settings)
    has_held_out = any(
        counts[contest(setting.spec), setting.spec.preset] > 1 and setting.values("val_accuracy")
        for setting in settings
    )
    if has_held_out:
        return "val_accuracy"
    has_test = not settings or any(setting.spec.scenario_info.has_test for setting in settings)
    return "test_accuracy" if has_test else judged_by(settings[0].spec).name


def usual_parameter(views: Sequence[SweepView]) -> str:
    """The rate, unless the sweeps searched other keys only."""
    keys = [name for view in views for one in view.verdicts for name, _ in one.point.values]
    return "lr" if "lr" in keys or not keys else keys[0]


def _of_setting(setting: Setting, measure: str) -> Outcome:
    return Outcome(
        values=tuple(setting.values(measure)), num_runs=len(setting.entries), num_diverged=setting.num_diverged
    )


def _of_point(view: SweepView, verdict: Verdict, measure: str) -> Tried:
    cell = standing(view, verdict)
    standings = [view.standing(trial) for trial in verdict.trials]
    outcome = Outcome(
        values=tuple(view.figures(verdict, measure)),
        num_runs=len(verdict.trials),
        num_diverged=standings.count("diverged"),
        state=cell.state,
        num_of_state=sum(one == cell.state for one in standings),
        is_chosen=cell.is_winner,
    )
    spec = view.sweep.spec.trial_run(verdict.point, verdict.trials[0].seed)
    return Tried(spec=spec, outcome=outcome, sweep=view.sweep.sweep_id)

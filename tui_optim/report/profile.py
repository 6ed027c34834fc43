"""Performance profiles: how presets compare over several scenarios at once (Dolan and Moré 2002).

A problem is a scenario with one of its targets, the cost of a preset on it the median over its seeds of the gradient evaluations
÷ n that the target took, ∞ where most seeds missed it.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import plain_text, short_value
from tui_optim.report.comparison import Contest, Setting, contest
from tui_optim.report.statistics import median
from tui_optim.report.targets import Target, own_targets
from tui_optim.spec.errors import UsageError
from tui_optim.spec.run import RunSpec

SCENARIOS_FOR_INFERENCE = 4
"""Fewer scenarios describe themselves only."""

_MAX_TOLD = 4
"""Of presets that a sentence tells apart."""

Steps = list[tuple[float, float]]
"""(τ, share) at every τ where the share rises, from τ = 1 on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A scenario, as it was trained and judged, with a target."""

    contest: Contest
    target: Target

    @property
    def scenario(self) -> str:
        """The scenario's id."""
        return self.contest[0]

    @property
    def is_sample(self) -> bool:
        """Whether it is on the packaged sample."""
        return self.contest[2] == "sample"

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.scenario}{' (sample)' if self.is_sample else ''}: {self.target.title}"

    @property
    def text(self) -> str:
        """For the head of a column in files."""
        return f"{self.scenario}{'_sample' if self.is_sample else ''}:{self.target.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The costs of presets on the same problems."""

    problems: tuple[Problem, ...]
    costs: Mapping[str, tuple[float, ...]]
    """By the preset's name with what was set over it, in the order of the problems."""
    settings: Mapping[str, tuple[Setting, ...]]
    """Whose costs these are: one on each scenario."""
    left_out: tuple[str, ...]
    """Presets that have no runs on some of the scenarios."""

    @property
    def num_seeds(self) -> dict[str, int]:
        """The fewest runs that a cost of a preset is the median of."""
        return {name: min(len(one.entries) for one in settings) for name, settings in self.settings.items()}

    @property
    def scenarios(self) -> list[str]:
        """The scenarios, each once."""
        return list(dict.fromkeys(problem.scenario for problem in self.problems))

    @property
    def steps(self) -> dict[str, Steps]:
        """The profile of each preset."""
        return performance_profile(self.costs)

    @property
    def has_sample(self) -> bool:
        """Whether some problem is on the packaged sample."""
        return any(problem.is_sample for problem in self.problems)


def make_profile(settings: Sequence[Setting], *, targets: Sequence[Target] = ()) -> Profile:
    """The profile of all presets that have runs on every scenario, one of each name: the one of most epochs, then seeds.

    What was set over a preset is a part of its name: set on one scenario alone it makes two presets, of which neither is on all.

    Args:
        settings: those at their end.
        targets: of accuracies or losses, for every scenario; by default each scenario's own accuracies.

    Raises:
        UsageError: there is one scenario only, or fewer than two presets have runs on all of them.
    """
    best = _best_of_each(settings)
    contests = _main_contests(list(best))
    names = [one[0] for one in contests]
    if len(names) < 2:
        on = f"; these are all on {names[0]}" if names else ""
        raise UsageError(
            f"a performance profile needs runs on two scenarios or more{on}: run the same presets on another"
        )
    everyone = dict.fromkeys(solver for solver, one in best if one in contests)
    solvers = [solver for solver in everyone if all((solver, one) in best for one in contests)]
    if len(solvers) < 2:
        raise UsageError(
            f"a performance profile compares presets that have runs on all of its scenarios ({', '.join(names)}) with the "
            f"same values set over them, or none, and {'only one has' if solvers else 'none has'}"
            f"{_told_apart(everyone, best, contests)}: name fewer scenarios, or run more"
        )
    problems = [
        Problem(contest=one, target=target)
        for one in contests
        for target in targets or own_targets(best[solvers[0], one].spec)
    ]
    return Profile(
        problems=tuple(problems),
        costs={
            solver: tuple(
                median(best[solver, problem.contest].reach(problem.target, "epoch").costs) for problem in problems
            )
            for solver in solvers
        },
        settings={solver: tuple(best[solver, one] for one in contests) for solver in solvers},
        left_out=tuple(solver for solver in everyone if solver not in solvers),
    )


def performance_profile(costs: Mapping[str, Sequence[float]]) -> dict[str, Steps]:
    """For each solver ρ(τ), the share of problems that it solved within τ times the best solver's cost.

    Dolan and Moré 2002, "Benchmarking optimization software with performance profiles", Mathematical Programming 91, section 2:
    r_ps = t_ps / min_s t_ps and ρ_s(τ) = |{p : r_ps ≤ τ}| / n_p.

    Args:
        costs: solver → its cost on each problem, the same problems in the same order; ∞ where it did not solve it. Problems
            that nobody solved count in the share's denominator. Where the best cost is 0, any other is infinitely worse.

    Raises:
        ValueError: a cost is negative or NaN, or the solvers' numbers of problems differ.
    """
    if not all(cost >= 0 for row in costs.values() for cost in row):
        raise ValueError("a cost is negative or NaN; use ∞ for problems that were not solved")
    best = [min(problem) for problem in zip(*costs.values(), strict=True)]
    profile: dict[str, Steps] = {}
    for solver, row in costs.items():
        ratios = sorted(map(_ratio, row, best))
        steps = {1.0: 0.0} if ratios else {}
        steps |= {ratio: (rank + 1) / len(ratios) for rank, ratio in enumerate(ratios) if math.isfinite(ratio)}
        profile[solver] = list(steps.items())
    return profile


def share_within(steps: Steps, ratio: float) -> float:
    """ρ(τ) at τ = `ratio`."""
    return max((share for at, share in steps if at <= ratio), default=0.0)


def _best_of_each(settings: Sequence[Setting]) -> dict[tuple[str, Contest], Setting]:
    """By preset and contest, the setting of most epochs, then seeds."""
    best: dict[tuple[str, Contest], Setting] = {}
    for setting in settings:
        key = (_solver(setting.spec), contest(setting.spec))
        if key not in best or _weight(setting) > _weight(best[key]):
            best[key] = setting
    return best


def _solver(spec: RunSpec) -> str:
    """The preset with what was set over it: scenarios may have defaults of their own for the rest."""
    words = [spec.lineage, *(f"{name}={short_value(value)}" for name, value in sorted(spec.overrides.items()))]
    return plain_text(" ".join(words))


def _told_apart(
    solvers: Iterable[str], best: Mapping[tuple[str, Contest], Setting], contests: Sequence[Contest]
) -> str:
    """A preset that has runs on all of these, but is another one on some for what was set over it; '' where none is."""
    alike: dict[str, dict[str, list[Contest]]] = {}
    for solver in solvers:
        at = [one for one in contests if (solver, one) in best]
        lineage = best[solver, at[0]].spec.lineage
        alike.setdefault(lineage, {})[solver] = at
    for lineage, places in alike.items():
        if len(places) > 1 and {one for at in places.values() for one in at} == set(contests):
            told = ", ".join([*list(places)[:_MAX_TOLD], *(["…"] if len(places) > _MAX_TOLD else [])])
            return f"; {plain_text(lineage)} counts apart as {told}"
    return ""


def _main_contests(found: Sequence[tuple[str, Contest]]) -> list[Contest]:
    """Of each scenario's contests that with the most presets that occur elsewhere too; full data and the test set first."""
    shared = {
        one: sum(
            any(other[0] != one[0] and solver == name for name, other in found) for solver, at in found if at == one
        )
        for _, one in found
    }
    chosen: dict[str, Contest] = {}
    for one in sorted(shared, key=lambda one: (-shared[one], one[2] == "sample", one[1])):
        chosen.setdefault(one[0], one)
    return [chosen[scenario] for scenario in dict.fromkeys(one[0] for _, one in found)]


def _weight(setting: Setting) -> tuple[int, int]:
    return setting.spec.epochs, len(setting.entries)


def _ratio(cost: float, best: float) -> float:
    """Cost as a multiple of the best; ∞ where it was not solved."""
    if math.isinf(cost):
        return math.inf
    return 1.0 if cost == best else cost / best if best else math.inf

"""How many runs a sweep will be, and which, as far as that is known before its start."""

import math
from collections import Counter

from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.plan import RATE_ORDER, Point, SweepPlan, grid
from tui_optim.spec.sweeps.space import Range, format_dimension
from tui_optim.spec.sweeps.sweep import SweepSpec


def expected_runs(sweep: SweepSpec) -> list[RunSpec]:
    """Runs of the length and kind that the sweep will have: of a grid the very runs, else one of each arm, repeated.

    A search for a rate is counted without its extensions; the winners' runs are counted with each arm's own values.
    """
    plan = sweep.plan
    if plan.search == "grid":
        searched = [sweep.trial_run(point, seed) for point in grid(plan) for seed in plan.seeds]
    else:
        searched = [
            run
            for arm, number in _budgets(sweep).items()
            for run in [sweep.trial_run(arm, plan.seeds[0])] * (number * len(plan.seeds))
        ]
    return searched + [sweep.final_run(arm, seed) for arm in _arms(sweep) for seed in plan.final.seeds]


def expected_points(sweep: SweepSpec) -> list[Point]:
    """The points that are known before the start, in the order in which they are asked for.

    Of a grid all, of a search for a rate those of each arm that come before any extension, of other searches none.
    """
    if sweep.plan.search == "grid":
        return list(grid(sweep.plan))
    if sweep.plan.search == "rate":
        return [point for arm in _arms(sweep) for point in _first_rates(sweep, arm)]
    return []


def at_once(sweep: SweepSpec, num_slots: int) -> str:
    """How many runs train side by side: of this machine its slots; a cluster decides for itself, and is guessed to do as many.

    A stack of models counts as one; runs of which no two are alike train each by itself.
    """
    stacks = Counter(sweep.stack_of(run) for run in expected_runs(sweep))
    if stacks and None not in stacks and max(stacks.values()) > 1:
        return f"{len(stacks)} stack{'s' if len(stacks) > 1 else ''} of models, {num_slots} at once"
    where = "" if sweep.executor.kind == "local" else f" by {sweep.executor.kind}, judged as if"
    return f"{where} {num_slots} at once".strip()


def describe(sweep: SweepSpec) -> str:
    """`12 runs (lr 3 × batch_size 4) and 5 of the winner`, in words."""
    plan = sweep.plan
    arms = [f"{len(plan.arms)} arms"] if len(plan.arms) > 1 else []
    seeds = [f"{len(plan.seeds)} seeds"] if len(plan.seeds) > 1 else []
    at_least, more = "", ""
    if plan.search == "grid":
        listed = {name: len(one) for name, one in plan.space.items() if not isinstance(one, Range)}
        number = math.prod(listed.values()) * len(plan.arms)
        points = [f"{name} {size}" for name, size in listed.items()]
    elif plan.search == "rate":
        budgets = _budgets(sweep).values()
        number = sum(budgets)
        spread = f"{min(budgets)} to {max(budgets)}" if min(budgets) < max(budgets) else str(max(budgets))
        points = [f"{spread} values of {plan.tuned}"]
        at_least, more = "at least ", ", more while the best is on the border"
    else:
        number = (plan.trials or 0) * len(plan.arms)
        space = ", ".join(format_dimension(name, one) for name, one in plan.space.items())
        points = [f"{_counted(plan.trials or 0, f'{plan.search} point')} of {space}"]
    factors = " × ".join([*arms, *points, *seeds]) or "one point"
    text = f"{at_least}{_counted(number * len(plan.seeds), 'run')} ({factors}{more})"
    if plan.final.seeds:
        text += f", then {len(plan.final.seeds)} of {_finalists(plan)} on the full training set"
    return text


def _finalists(plan: SweepPlan) -> str:
    if len(plan.arms) == 1:
        return "the winner"
    if plan.final.winner == "each":
        return f"each of {len(plan.arms)} winners"
    return f"each of {len(plan.presets)} presets with the winner's values"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _budgets(sweep: SweepSpec) -> dict[Point, int]:
    """The points that each arm tries at first where a search chooses them."""
    if sweep.plan.search == "rate":
        return {arm: len(_first_rates(sweep, arm)) for arm in _arms(sweep)}
    return dict.fromkeys(_arms(sweep), sweep.plan.trials or 0)


def _first_rates(sweep: SweepSpec, arm: Point) -> list[Point]:
    points = sweep.rate_points(arm)
    return [points[offset] for offset in RATE_ORDER if offset in points]


def _arms(sweep: SweepSpec) -> list[Point]:
    """The arms with the first of their values: what takes the time of a run is known from these."""
    if sweep.plan.search != "grid":
        return [Point(scenario=scenario, preset=preset) for scenario, preset in sweep.plan.arms]
    firsts: dict[tuple[str, str], Point] = {}
    for point in grid(sweep.plan):
        firsts.setdefault(point.arm, point)
    return list(firsts.values())

"""How a sweep chooses its next point: a pure function of the plan and of what has been tried.

Nothing is remembered between two calls, so a search that was killed goes on as if it had not been. Whatever is drawn at random is
drawn from the sweep's seed, the arm and the number of points that the arm has, never from a generator that lives on.
"""

from collections.abc import Callable, Sequence

from tui_optim.runs.search import grid, random, rates, tpe
from tui_optim.spec.sweeps.plan import Point, SearchKind
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Verdict

Propose = Callable[[SweepSpec, Sequence[Verdict]], Point | None]

SEARCHES: dict[SearchKind, Propose] = {
    "grid": grid.propose,
    "random": random.propose,
    "tpe": tpe.propose,
    "rate": rates.propose,
}


def propose(sweep: SweepSpec, tried: Sequence[Verdict]) -> Point | None:
    """The next point to try.

    Args:
        sweep: what is searched.
        tried: the points so far, in the order in which they were first asked for, also those that still run.

    Returns:
        None while nothing can be proposed: for good when no trial runs any more, else until one has ended.
    """
    return SEARCHES[sweep.plan.search](sweep, tried)

"""Grid search: the product of all values, in an order that never changes."""

from collections.abc import Sequence

from tui_optim.spec.sweeps.plan import Point, grid
from tui_optim.spec.sweeps.sweep import SweepSpec
from tui_optim.spec.sweeps.trial import Verdict


def propose(sweep: SweepSpec, tried: Sequence[Verdict]) -> Point | None:
    """The first point of the grid that has not been tried."""
    seen = {verdict.point for verdict in tried}
    return next((point for point in grid(sweep.plan) if point not in seen), None)

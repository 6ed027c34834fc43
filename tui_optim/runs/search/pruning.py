"""The median rule: a trial that is worse than half of the earlier ones at the same epoch is given up.

Golovin et al. 2017 ("Google Vizier", KDD), section 3.2.2, in the form of Optuna's `MedianPruner`: a trial's best value so far is
compared with the median of the others' values at that epoch. Only trials of other points of the same arm that were asked for
earlier count, so that a search of one trial at a time prunes the same trials at the same epochs however often it is interrupted.

A search for a rate compares rates alone, and a small one is behind at first whatever it comes to: there a trial is judged from
half of its epochs on. Where many keys are searched the rule has no such bias to undo, and judges from the first epoch on, as
Optuna's does.
"""

import math
from collections.abc import Sequence
from statistics import median

from tui_optim.spec.sweeps.plan import SearchKind

MIN_EARLIER = 5
"""Earlier trials that must have reached an epoch before anything is judged there."""


def first_judged(search: SearchKind, epochs: int) -> int:
    """The first epoch after which a trial of so many epochs may be given up."""
    return math.ceil(epochs / 2) if search == "rate" else 1


def pruned_at(
    curve: Sequence[float],
    earlier: Sequence[Sequence[float]],
    *,
    is_minimised: bool,
    judged: int = 0,
    first_epoch: int = 1,
) -> int | None:
    """The epoch (from 1) after which the median rule gives a trial up; None where it goes on.

    Args:
        curve: the trial's metric after each epoch so far.
        earlier: those of the trials that were asked for before it.
        is_minimised: whether smaller is better.
        judged: epochs that have been judged before, and are not again.
        first_epoch: the first one that may be the last.
    """
    sign = 1.0 if is_minimised else -1.0
    best = min((_cost(value, sign) for value in curve[:judged]), default=math.inf)
    for epoch, value in enumerate(curve[judged:], start=judged + 1):
        best = min(best, _cost(value, sign))
        others = [_cost(other[epoch - 1], sign) for other in earlier if len(other) >= epoch]
        if epoch >= first_epoch and len(others) >= MIN_EARLIER and best > median(others):
            return epoch
    return None


def _cost(value: float, sign: float) -> float:
    return math.inf if math.isnan(value) else sign * value

"""The median rule."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tui_optim.runs.search.pruning import MIN_EARLIER, first_judged, pruned_at

EARLIER = [[1.0, 0.8], [1.1, 0.7], [1.2, 0.6], [1.3, 0.5], [1.4, 0.4]]
"""Medians 1.2 and 0.6."""


def test_a_trial_that_is_worse_than_half_of_the_others_is_given_up() -> None:
    """At the first epoch at which its best so far is above their median."""
    assert pruned_at([1.3], EARLIER, is_minimised=True) == 1
    assert pruned_at([1.2, 0.7], EARLIER, is_minimised=True) == 2
    assert pruned_at([1.2, 0.6], EARLIER, is_minimised=True) is None
    assert pruned_at([0.5, 5.0], EARLIER, is_minimised=True) is None, "its best so far counts"


def test_accuracies_are_judged_the_other_way_round() -> None:
    """Higher is better."""
    assert pruned_at([1.1], EARLIER, is_minimised=False) == 1
    assert pruned_at([1.3], EARLIER, is_minimised=False) is None


def test_few_earlier_trials_judge_nothing() -> None:
    """Nor do those that did not reach the epoch."""
    assert pruned_at([9.0], EARLIER[: MIN_EARLIER - 1], is_minimised=True) is None
    assert pruned_at([1.0, 1.0, 99.0], EARLIER, is_minimised=True) == 2
    assert pruned_at([0.1, 0.1, 99.0], EARLIER, is_minimised=True) is None


def test_a_slow_start_does_not_end_a_trial_of_a_rate_search() -> None:
    """Small rates are behind at first: there a trial is judged from half of its epochs on, elsewhere from the first on."""
    assert [first_judged("rate", epochs) for epochs in (1, 2, 5, 10)] == [1, 1, 3, 5]
    assert {first_judged(search, 10) for search in ("grid", "random", "tpe")} == {1}
    assert pruned_at([9.0, 0.6], EARLIER, is_minimised=True, first_epoch=2) is None
    assert pruned_at([9.0, 0.7], EARLIER, is_minimised=True, first_epoch=2) == 2


def test_what_is_not_a_number_is_the_worst() -> None:
    """A diverging trial is given up, diverged ones among the earlier are the worst half."""
    assert pruned_at([math.nan], EARLIER, is_minimised=True) == 1
    assert pruned_at([1.35], [*EARLIER[:2], [math.nan], [math.nan], [math.nan]], is_minimised=True) is None


@given(
    st.lists(st.floats(0, 10), min_size=1, max_size=6),
    st.lists(st.lists(st.floats(0, 10), min_size=1, max_size=6), max_size=8),
)
def test_the_verdict_does_not_depend_on_when_it_is_asked_for(curve: list[float], earlier: list[list[float]]) -> None:
    """Judged after each epoch or at the end: the same epoch."""
    at_end = pruned_at(curve, earlier, is_minimised=True)
    prefixes = (pruned_at(curve[:length], earlier, is_minimised=True) for length in range(1, len(curve) + 1))
    assert next((epoch for epoch in prefixes if epoch is not None), None) == at_end

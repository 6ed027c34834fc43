"""Results as a series holds them: packed, and to the last bit what they were."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.report.logged import Logged, Results
from tui_optim.spec.results import Cost, EpochResult

numbers = st.one_of(st.none(), st.floats(), st.integers(-(2**70), 2**70))
counts = st.integers(0, 2**70)
results = st.builds(
    EpochResult,
    **{
        field.name: st.integers(0, 2**40) if field.name in ("epoch", "step") else numbers
        for field in dataclasses.fields(EpochResult)
        if field.name != "cost"
    },
    cost=st.builds(Cost, **{field.name: counts for field in dataclasses.fields(Cost)}),
)


@given(results)
def test_a_packed_result_comes_back_as_it_was(result: EpochResult) -> None:
    """Non-finite numbers and their signs, whole numbers beyond 64 bits, what was not measured."""
    assert repr(EpochResult.unpacked(result.packed())) == repr(result)


@given(st.lists(results, max_size=6), st.integers(-7, 7), st.integers(-7, 7))
def test_packed_results_are_read_as_a_list_is(expected: list[EpochResult], first: int, last: int) -> None:
    packed, again = Results(), Results()
    for one in expected:
        packed.append(one)
        assert packed != again
        again.append(one)

    assert packed == again
    assert len(packed) == len(expected)
    assert repr(list(packed)) == repr(expected)
    assert repr(packed[first:last]) == repr(expected[first:last])
    if expected:
        assert repr(packed[0]) == repr(expected[0])
        assert repr(packed[-1]) == repr(expected[-1])


def test_a_rewind_cuts_the_end_off_and_nothing_is_changed() -> None:
    logged = Logged(Results())
    for epoch in range(4):
        logged.append(10 * epoch, EpochResult(epoch=epoch, step=epoch, elapsed_s=0.0, train_time_s=0.0, lr=math.inf))

    assert logged.cut_after(15)
    assert [one.epoch for one in logged.items] == [0, 1]
    with pytest.raises(TypeError, match="never changed"):
        logged.items[0] = logged.items[1]

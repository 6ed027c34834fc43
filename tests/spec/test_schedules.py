"""The shapes of the learning-rate schedules, as functions of the step alone."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.errors import UsageError
from tui_optim.spec.presets import check_schedule
from tui_optim.spec.schedules import SCHEDULES, Factor, RunLength, find_schedule, schedule_factor

LENGTH = RunLength(num_steps=1_000, steps_per_epoch=100)


def _factor(kind: str, length: RunLength = LENGTH, **values: Any) -> Factor:
    schedule, parameters = check_schedule({"kind": kind, **values})
    return schedule_factor(schedule, parameters, length)


def _all(factor: Factor, length: RunLength = LENGTH) -> list[float]:
    return [factor(step) for step in range(length.num_steps)]


@given(
    kind=st.sampled_from(sorted(SCHEDULES)),
    num_epochs=st.integers(1, 12),
    steps_per_epoch=st.integers(1, 40),
    data=st.data(),
)
def test_every_factor_is_finite_and_between_zero_and_one(
    kind: str, num_epochs: int, steps_per_epoch: int, data: st.DataObject
) -> None:
    """Whatever the valid parameters and however short the run, also past its end, the rate stays within 0 and η₀."""
    length = RunLength(num_steps=num_epochs * steps_per_epoch, steps_per_epoch=steps_per_epoch)
    values = {
        p.name: data.draw(
            st.integers(int(p.minimum), int(min(p.maximum, 1_000)))
            if p.kind == "int"
            else st.floats(p.minimum, min(p.maximum, 1e6)),
            label=p.name,
        )
        for p in SCHEDULES[kind].parameters
    }

    factor = _factor(kind, length, **values)

    for step in range(length.num_steps + 3):
        value = factor(step)
        assert isinstance(value, float)
        assert 0.0 <= value <= 1.0 + 1e-12


@pytest.mark.parametrize("kind", ["constant", "plateau"])
def test_constant_and_plateau_leave_the_rate_alone(kind: str) -> None:
    """Plateau follows results, which the training loop sees; as a function of the step it is constant."""
    assert set(_all(_factor(kind))) == {1.0}


def test_step_decay_multiplies_at_every_kth_epoch() -> None:
    """Three epochs at η₀, three at γ η₀, three at γ² η₀."""
    values = _all(_factor("step", every=3, gamma=0.1))

    assert values[299] == 1.0
    assert values[300] == pytest.approx(0.1)
    assert values[599] == pytest.approx(0.1)
    assert values[600] == pytest.approx(0.01)


def test_exponential_decay_follows_its_formula() -> None:
    """After 1/λ epochs the rate is η₀/e, and it falls at every step, not only at epoch ends."""
    values = _all(_factor("exponential", rate=0.2))

    assert values[500] == pytest.approx(1 / math.e)
    assert all(later < earlier for earlier, later in pairwise(values))


def test_inverse_time_decay_halves_at_one_over_k() -> None:
    """With k = 0.5 the rate is half of η₀ after two epochs and a third after four."""
    factor = _factor("inverse-time", rate=0.5)

    assert factor(200) == pytest.approx(1 / 2)
    assert factor(400) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("power", "half"), [(1, 0.5), (2, 0.25), (0.5, 0.5**0.5)])
def test_polynomial_decay_has_its_power(power: float, half: float) -> None:
    """Half-way through the run the factor is (1/2)ᵖ; the end is 0."""
    factor = _factor("polynomial", power=power)

    assert factor(500) == pytest.approx(half)
    assert factor(1_000) == 0.0


def test_cosine_starts_at_one_is_half_in_the_middle_and_ends_at_its_final_factor() -> None:
    """The half cosine between 1 and f."""
    factor = _factor("cosine", final=0.2)

    assert factor(0) == 1.0
    assert factor(500) == pytest.approx(0.6)
    assert factor(1_000) == pytest.approx(0.2)


@pytest.mark.parametrize("kind", ["cosine", "polynomial", "warmup-cooldown"])
def test_warm_up_rises_in_equal_steps_to_the_full_rate(kind: str) -> None:
    """Over a tenth of the run the rate climbs linearly; it never starts at 0, which would waste a step."""
    values = _all(_factor(kind, warmup=0.1))

    assert values[:100] == pytest.approx([(step + 1) / 100 for step in range(100)])
    assert max(values) == values[99] == 1.0


def test_restarts_jump_back_and_their_cycles_grow() -> None:
    """With T₀ = 1 and m = 2 the rate is full again at epochs 1, 3 and 7, and nowhere else."""
    values = _all(_factor("cosine-restarts", period=1, multiplier=2))

    assert [step for step, value in enumerate(values) if value == 1.0] == [0, 100, 300, 700]


def test_restarts_of_equal_length_stay_cheap_in_long_runs() -> None:
    """The last step of the longest run is computed without walking through its cycles."""
    length = RunLength(num_steps=60_000 * 100_000, steps_per_epoch=60_000)

    assert _factor("cosine-restarts", length, period=1, multiplier=1)(length.num_steps - 1) < 1e-8


def test_one_cycle_rises_to_the_peak_and_falls_to_almost_nothing() -> None:
    """It starts at η₀/d, peaks where the rise ends, and its last step is at η₀/(d·D)."""
    values = _all(_factor("one-cycle", rise=0.3, start_divisor=25, final_divisor=1e4))

    assert values[0] == pytest.approx(1 / 25)
    assert values.index(max(values)) == 299
    assert max(values) == pytest.approx(1.0)
    assert values[-1] == pytest.approx(1 / 25 / 1e4)


def test_cool_down_falls_linearly_over_its_share() -> None:
    """Flat until 60 % of the run, half-way down at 80 %, at the final factor when the run is over."""
    factor = _factor("warmup-cooldown", warmup=0.1, cooldown=0.4, final=0.1)

    assert factor(600) == factor(300) == 1.0
    assert factor(800) == pytest.approx(0.55)
    assert factor(1_000) == pytest.approx(0.1)


def test_warm_up_and_cool_down_may_meet() -> None:
    """Shares that overlap give a triangle, not a jump."""
    values = _all(_factor("warmup-cooldown", warmup=0.8, cooldown=0.8))

    assert max(abs(later - earlier) for earlier, later in pairwise(values)) < 0.0013
    assert 400 < values.index(max(values)) < 600


def test_an_unknown_schedule_names_the_nearest() -> None:
    """`cosin` proposes `cosine`."""
    with pytest.raises(UsageError, match=r"unknown schedule 'cosin': did you mean 'cosine'\?"):
        find_schedule("cosin")


@pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=lambda schedule: schedule.id)
def test_every_schedule_has_a_formula_that_fits_and_a_source(schedule: Any) -> None:
    """The details panel shows both; a line of a formula has at most 60 columns."""
    assert max(len(line) for line in schedule.formula.splitlines()) <= 60
    assert schedule.source

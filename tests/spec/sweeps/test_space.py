"""What is typed to be searched: values and ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import format_value
from tui_optim.spec.sweeps.space import Range, format_dimension, parse_dimension


def test_values_keep_their_order_and_types() -> None:
    """Numbers, switches and words as on the command line."""
    assert parse_dimension("lr=0.1,0.01") == ("lr", (0.1, 0.01))
    assert parse_dimension(" batch_size = 64,full") == ("batch_size", (64, "full"))
    assert parse_dimension("nesterov=true,false") == ("nesterov", (True, False))


def test_a_range_is_logarithmic_unless_it_says_otherwise() -> None:
    """`:linear` says so for others; nothing becomes linear by itself."""
    assert parse_dimension("lr=1e-4..1") == ("lr", Range(low=1e-4, high=1, scale="log"))
    assert parse_dimension("momentum=0..0.99:linear") == ("momentum", Range(low=0, high=0.99, scale="linear"))
    assert parse_dimension("lr=0.1..1:linear") == ("lr", Range(low=0.1, high=1, scale="linear"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("lr", "expected key=values"),
        ("=0.1", "expected key=values"),
        ("lr=", "expected key=values"),
        ("lr=0.1,,0.2", "a value is missing in '0.1,,0.2'"),
        ("lr=0.1,", "a value is missing"),
        ("lr=1..0.1", "the smaller one first"),
        ("lr=0.1,0.1", "stands twice"),
        ("lr=0.1..1:lgo", "did you mean 'log'?"),
        ("lr=0..1:log", "begins above 0"),
        ("momentum=0..0.99", "begins above 0; write 0..0.99:linear"),
        ("lr=1e-400..1", "begins above 0; write 1e-400..1:linear"),
        ("lr=a..b", "expected two numbers"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, hint: str) -> None:
    """One line with what was expected."""
    with pytest.raises(UsageError, match=hint):
        parse_dimension(text)


_NUMBERS = st.floats(1e-6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.4g}"))


@given(
    st.lists(st.one_of(_NUMBERS, st.integers(1, 4096), st.booleans()), min_size=1, max_size=5, unique_by=format_value)
)
def test_values_come_back_as_they_were_typed(values: list[float | int | bool]) -> None:
    """The command that repeats a sweep says the same space."""
    name, dimension = parse_dimension(format_dimension("lr", tuple(values)))
    assert name == "lr"
    assert isinstance(dimension, tuple)
    assert [float(value) for value in dimension if not isinstance(value, str)] == [float(value) for value in values]


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.sampled_from(["log", "linear"]))
def test_ranges_come_back_as_they_were_typed(one: float, other: float, scale: str) -> None:
    """With their scale, and to the last digit."""
    low, high = sorted((one, other))
    if low == high:
        return
    within = Range(low=low, high=high, scale="log" if scale == "log" else "linear")
    assert parse_dimension(format_dimension("lr", within)) == ("lr", within)

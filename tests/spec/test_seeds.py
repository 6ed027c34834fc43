"""Seeds as users type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_optim.spec.seeds import format_seeds, parse_seeds


@given(st.lists(st.integers(min_value=0, max_value=60), min_size=1, unique=True))
def test_written_seeds_read_back(seeds: list[int]) -> None:
    """Formatting and parsing are inverse up to order."""
    assert parse_seeds(format_seeds(seeds)) == sorted(seeds)


@pytest.mark.parametrize(("seeds", "text"), [([42], "42"), ([44, 42, 43], "42..44"), ([7, 8, 42], "7,8,42")])
def test_runs_of_seeds_are_written_as_spans(seeds: list[int], text: str) -> None:
    """Three in a row become a span, two stay two."""
    assert format_seeds(seeds) == text

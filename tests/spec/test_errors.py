"""Hints in messages."""

import pytest

from tui_optim.spec.errors import nearest


@pytest.mark.parametrize(
    ("name", "found"),
    [("adma", "adam"), ("sdg", "sgd"), ("Adma", "adam"), ("adamx", "adamax"), ("nesterv", "nesterov")],
)
def test_swapped_letters_are_nearer_than_missing_ones(name: str, found: str) -> None:
    """What fingers do first, then what looks alike."""
    assert nearest(name, ["adam", "adamax", "nesterov", "sgd"]) == f"did you mean {found!r}?"

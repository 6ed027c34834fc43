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


def test_a_name_that_two_registries_have_is_listed_once() -> None:
    """A scenario and a ready-made sweep of one name."""
    assert nearest("zzz", ["circles", "sgd", "circles"]) == "valid: circles, sgd"

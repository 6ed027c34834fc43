"""Commands to runs: what is valid, and how they are told."""

import math

import pytest

from tests.factories import make_spec
from tui_optim.spec.commands import (
    Command,
    Order,
    about_extension,
    added_epochs,
    changes,
    check_order,
    words,
)
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import CommandSeen
from tui_optim.spec.optimizers import OPTIMIZERS


def test_the_methods_with_a_line_search_are_those_that_say_so() -> None:
    """Their `lr` is the first length that the search tries."""
    said = {
        name
        for name, one in OPTIMIZERS.items()
        if any(p.name == "lr" and "line search" in p.help for p in one.hyperparameters)
    }
    assert said == {name for name, one in OPTIMIZERS.items() if one.searches_line} != set()


@pytest.mark.parametrize(
    ("command", "value"),
    [
        *(("rate", value) for value in (0.0, -1.0, math.nan, math.inf, None)),
        *(("extend", value) for value in (0.0, 1.5, math.nan, 1e6, None)),
    ],
)
def test_a_value_that_is_none_is_refused(command: Command, value: float | None) -> None:
    """Whatever it is, the refusal is a sentence that says what was expected."""
    with pytest.raises(UsageError, match=r"expected a (factor|whole number) in \["):
        check_order(Order(command=command, value=value), make_spec(), epochs=2)


def test_what_changes_the_numbers_is_told_with_its_step() -> None:
    """Rates and epochs do; an evaluation and a checkpoint do not."""
    done = [
        CommandSeen(command="rate", step=1_300, value=0.5),
        CommandSeen(command="evaluate", step=1_400),
        CommandSeen(command="extend", step=2_000, value=1.0),
        CommandSeen(command="pause", step=2_100),
    ]
    assert changes(done) == "rate ×0.5 at step 1,300, +1 epoch at step 2,000"
    assert added_epochs(done) == 1
    assert words("checkpoint", None) == "checkpoint"


def test_an_extension_says_what_it_does_not_stretch() -> None:
    """A schedule over the length of the run; a constant rate has nothing to hold."""
    cosine = make_spec().model_copy(update={"schedule": "cosine", "epochs": 10})
    assert (
        about_extension(cosine) == "its cosine schedule keeps the planned 10 epochs and holds its last rate after them"
    )
    assert about_extension(cosine.model_copy(update={"schedule": "constant"})) == ""

"""Averagings: what is checked, and that each explains itself."""

import pytest

from tui_optim.spec.averaging import AVERAGINGS, check_averaging
from tui_optim.spec.errors import UsageError
from tui_optim.spec.rule import Rule


def test_a_table_is_completed_by_defaults() -> None:
    """The kind alone is enough; without a kind or with 'none' there is no averaging."""
    assert check_averaging({"kind": "swa", "every": 3}) == {"kind": "swa", "start": 0.75, "every": 3}
    assert check_averaging({"kind": "none"}) == check_averaging({}) == {}


def test_a_start_at_the_end_is_refused() -> None:
    """An average that would begin after the run has ended has nothing to average."""
    with pytest.raises(UsageError, match=r"averaging\.start = 1\.0: expected a number in \[0, 0\.99\]"):
        check_averaging({"kind": "polyak", "start": 1.0})


@pytest.mark.parametrize("averaging", AVERAGINGS.values(), ids=lambda averaging: averaging.id)
def test_every_averaging_has_a_formula_that_fits_and_a_source(averaging: Rule) -> None:
    """The details panel shows both; a line of a formula has at most 60 columns."""
    assert max(len(line) for line in averaging.formula.splitlines()) <= 60
    assert averaging.source or averaging.id == "none"

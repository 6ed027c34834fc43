"""The rate over a run as text."""

import pytest

from tui_optim.report.rate_plot import MAX_ROWS, rate_plot, rate_sentence, rate_table
from tui_optim.spec.planned_rates import PlannedRates, shape_of
from tui_optim.spec.schedules import SCHEDULES, RunLength


def planned(kind: str, *, lr: float = 0.1, epochs: int = 10, **parameters: float) -> PlannedRates:
    """A plan of ten steps an epoch."""
    length = RunLength(num_steps=epochs * 10, steps_per_epoch=10)
    complete = {about.name: about.default for about in SCHEDULES[kind].parameters} | parameters
    return PlannedRates(schedule=kind, parameters=complete, base_rate=lr, length=length)


def test_a_straight_fall_is_a_diagonal() -> None:
    """From the top at the left to the bottom at the right, labelled with η₀, 0 and the epochs."""
    lines = rate_plot(planned("polynomial"), width=26, height=6)
    assert lines == [
        "0.1 ┤⠉⠒⠤⣀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀",
        "    │⠀⠀⠀⠀⠉⠒⠤⢄⡀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀",
        "    │⠀⠀⠀⠀⠀⠀⠀⠀⠈⠑⠢⢄⣀⠀⠀⠀⠀⠀⠀⠀⠀",
        "    │⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠒⠤⣀⠀⠀⠀⠀",
        "  0 ┤⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠀⠉⠒⠢⢄",
        "     0      epochs      10",
    ]


@pytest.mark.parametrize("kind", SCHEDULES)
@pytest.mark.parametrize("size", [(80, 24), (20, 4), (13, 3), (5, 5), (0, 0), (40, 1)])
def test_it_fits_any_size(kind: str, size: tuple[int, int]) -> None:
    """Never wider or higher than there is room for; without room there is nothing."""
    width, height = size
    lines = rate_plot(shape_of(kind), width=width, height=height)
    assert len(lines) <= height
    assert all(len(line) <= max(width, 0) for line in lines)


def test_a_jump_is_a_vertical_line() -> None:
    """A step decay to a tenth leaves no gap in the line."""
    lines = rate_plot(planned("step", every=5, gamma=0.1), width=24, height=8)
    column = [line[5 + 9] for line in lines[:-1]]
    assert all(cell != "\u2800" for cell in column[:-1])


def test_a_rate_of_zero_is_drawn_too() -> None:
    """At the bottom."""
    lines = rate_plot(planned("cosine", lr=0.0), width=30, height=6)
    assert "\u2800" not in lines[4].partition("┤")[2]


def test_what_never_changes_is_a_sentence() -> None:
    """A constant rate needs no drawing; plateau's depends on the run."""
    assert rate_sentence(planned("constant")) == "Rate: 0.1 in every step."
    assert "until an epoch brings no progress" in rate_sentence(planned("plateau"))
    assert rate_sentence(planned("cosine")) == ""


def test_a_row_per_epoch() -> None:
    """First step, the rate there, the rate in the last step."""
    table = rate_table(planned("step", every=1, gamma=0.5, epochs=3))
    assert table.rows == ((1, 1, 0.1, 0.1), (2, 11, 0.05, 0.05), (3, 21, 0.025, 0.025))


@pytest.mark.parametrize("epochs", [1, MAX_ROWS, MAX_ROWS + 1, 1000])
def test_long_runs_show_some_epochs(epochs: int) -> None:
    """At most 25, the first and the last among them."""
    rows = rate_table(planned("cosine", epochs=epochs)).rows
    assert len(rows) == min(epochs, MAX_ROWS)
    assert (rows[0][0], rows[-1][0]) == (1, epochs)

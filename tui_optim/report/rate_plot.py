"""The learning rate over a run as a small drawing of text, and as a table: what the app and the command line show of it."""

from itertools import pairwise

from tui_optim.report.cells import Column, Table, format_cell
from tui_optim.spec.planned_rates import PlannedRates

MAX_ROWS = 25
_RATE = Column(key="rate", title="rate", kind="number")
_BLANK = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Braille dots of a cell: left and right column, from the top."""


def rate_plot(rates: PlannedRates, *, width: int, height: int) -> list[str]:
    """Lines of at most `width` cells: the rate from 0 to its ceiling over the epochs of the run. Empty where there is no room."""
    top = format_cell(_RATE, rates.ceiling)
    columns, rows = width - len(top) - 2, height - 1
    if columns < 8 or rows < 2:
        return []
    cells = _curve([rate for _, rate in rates.sampled(2 * columns)], rates.ceiling, columns=columns, rows=rows)
    labels = [top, *[""] * (rows - 2), "0"]
    lines = [f"{label:>{len(top)}} {'┤' if label else '│'}{line}" for label, line in zip(labels, cells, strict=True)]
    last = f"{rates.num_epochs}"
    middle = "epochs" if columns > len(last) + 10 else ""
    axis = f"0{middle:^{columns - 1 - len(last)}}{last}"
    return [*lines, f"{'':>{len(top)}}  {axis}"]


def rate_sentence(rates: PlannedRates) -> str:
    """What needs no drawing: a rate that no step changes."""
    rate = format_cell(_RATE, rates.base_rate)
    if rates.schedule == "plateau":
        return f"Rate: {rate} until an epoch brings no progress; then γ times as much, and so on."
    return f"Rate: {rate} in every step." if rates.is_constant else ""


def rate_table(rates: PlannedRates) -> Table:
    """One row per epoch, at most 25 in equal distances: its first mini-batch, the rate there and in its last.

    A method whose steps cost more than a mini-batch stands where its work has brought it.
    """
    per_epoch, count = rates.length.steps_per_epoch, rates.num_epochs
    shown = sorted(
        {round(index * (count - 1) / (min(count, MAX_ROWS) - 1 or 1)) for index in range(min(count, MAX_ROWS))}
    )
    columns = (
        Column(key="epoch", title="epoch", kind="number", decimals=0),
        Column(key="first_step", title="first mini-batch", kind="number", decimals=0),
        Column(key="first_rate", title="rate there", kind="number"),
        Column(key="last_rate", title="rate in its last", kind="number"),
    )
    rows = tuple(
        (epoch + 1, epoch * per_epoch + 1, rates.at(epoch * per_epoch), rates.at((epoch + 1) * per_epoch - 1))
        for epoch in shown
    )
    return Table(title="", columns=columns, rows=rows)


def _curve(values: list[float], top: float, *, columns: int, rows: int) -> list[str]:
    """A line through the values, two for each column, joined from dot to dot."""
    last = 4 * rows - 1
    heights = [round((1.0 - value / top) * last) if top > 0 else last for value in values]
    cells = [[_BLANK] * columns for _ in range(rows)]
    for x, (before, y) in enumerate(pairwise([heights[0], *heights])):
        joined = range(min(before + 1, y), y + 1) if before < y else range(y, max(y + 1, before))
        for dot in joined:
            cells[dot // 4][x // 2] |= _DOTS[x % 2][dot % 4]
    return ["".join(map(chr, row)) for row in cells]

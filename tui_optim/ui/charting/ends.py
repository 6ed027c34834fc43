"""Where runs died: a cross at the last point of their lines, and one on the axis at the first bad step."""

import math
from collections.abc import Iterator, Sequence

from tui_optim.report.bands import Seeds
from tui_optim.report.series import Quantity, RunSeries
from tui_optim.ui.charting.curves import Entry, Selection
from tui_optim.ui.charting.marks import Pointer

CROSS = "✕"
DEAD = ("diverged", "failed")


def crosses(entries: Sequence[Entry], quantity: Quantity, selection: Selection, *, smoothing: float) -> list[Pointer]:
    """The marks of all runs that diverged or failed."""
    return [
        one
        for entry in entries
        for run, series in _dead(entry.seeds)
        for one in _crosses(run, series, quantity, selection, slot=entry.shown.slot, smoothing=smoothing)
    ]


def _dead(seeds: Seeds) -> Iterator[tuple[str, RunSeries]]:
    for run, series in zip(seeds.runs, seeds.series, strict=True):
        if run.status.state in DEAD:
            yield run.status.state, series


def _crosses(
    state: str, series: RunSeries, quantity: Quantity, selection: Selection, *, slot: int, smoothing: float
) -> Iterator[Pointer]:
    for split in selection.splits_of(quantity):
        xs, ys = series.curve(quantity, split, selection.axis, smoothing=smoothing)
        last = next((index for index in range(len(ys) - 1, -1, -1) if math.isfinite(ys[index])), None)
        if last is not None:
            factor = 100.0 if quantity == "accuracy" else 1.0
            yield Pointer(x=xs[last], y=factor * ys[last], marker=CROSS, slot=slot)
            break
    xs, ys = series.curve("loss", "train", selection.axis)
    if state == "diverged" and xs:
        yield Pointer(x=xs[-1], marker=CROSS, slot=slot)

"""What the two charts show of a board, by what the user selected and how they look at it: a value, without widgets."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from tui_optim.report.ranges import Range
from tui_optim.report.series import AXIS_NAMES, Quantity
from tui_optim.ui.board import Board
from tui_optim.ui.charting.commands import command_pointers, command_remark
from tui_optim.ui.charting.curves import (
    Entry,
    Parting,
    Selection,
    chart_series,
    entries_of,
    fingerprint,
    parting_of,
    parting_remark,
    place_text,
    scenario_remark,
    spread_remark,
)
from tui_optim.ui.charting.ends import crosses
from tui_optim.ui.charting.marks import CURSOR, Pointer
from tui_optim.ui.charting.readout import Readout, columns_at
from tui_optim.ui.charting.series import ChartSeries
from tui_optim.ui.charting.view import ChartView, extent_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Curves and marks; asked anew whenever they are needed, for the board goes on."""

    board: Board
    selection: Selection
    view: ChartView

    @property
    def entries(self) -> list[Entry]:
        """The settings on the charts."""
        return entries_of(self.board, self.board.overlay, alone=self.selection.alone)

    def series(self, *quantities: Quantity) -> list[ChartSeries]:
        """The lines of quantities."""
        entries, smoothing = self.entries, self.view.smoothing
        return [
            line
            for quantity in quantities
            for line in chart_series(entries, quantity, self.selection, self.board.bands, smoothing=smoothing)
        ]

    def extent(self, *quantities: Quantity) -> Range:
        """From where to where x goes."""
        return extent_of(self.series(*quantities), is_log=self.view.is_log_x)

    def pointers(self, quantity: Quantity) -> list[Pointer]:
        """The cursor, where two bands part, where runs died, and what they were told."""
        parting, cursor, entries = self._parting(quantity), self.view.cursor, self.entries
        found = [Pointer(x=cursor, marker=CURSOR, is_tall=True)] if cursor is not None else []
        found += [parting.pointer] if parting else []
        found += crosses(entries, quantity, self.selection, smoothing=self.view.smoothing)
        return [*found, *command_pointers(entries, self.selection.axis)]

    def remarks(self, quantities: Sequence[Quantity], *, titled: str) -> list[str]:
        """What the legend says beside the names; `titled` is the scenario of the title line."""
        entries = self.entries
        return [
            scenario_remark(entries, titled),
            spread_remark(entries, self.selection.spread),
            parting_remark({one: self._parting(one) for one in quantities}),
            command_remark(entries),
        ]

    def readout(self, quantities: Sequence[Quantity]) -> Readout | None:
        """What the curves have at the cursor, in this order; None without a cursor."""
        x = self.view.cursor
        if x is None:
            return None
        columns = [
            column
            for quantity in quantities
            for column in columns_at(x, quantity, self.series(quantity), self.selection.patterns_of(quantity))
        ]
        place = f"{CURSOR} {place_text(x)} {AXIS_NAMES[self.selection.axis]}"
        return Readout(place=place, columns=tuple(columns))

    def revision(self, quantity: Quantity, series: Sequence[ChartSeries]) -> Hashable:
        """Differs when the chart of a quantity, whose lines these are, would."""
        entries = self.entries
        ends = tuple(run.status.state for entry in entries for run in entry.seeds.runs)
        marks = tuple(command_pointers(entries, self.selection.axis))
        return fingerprint(series), quantity, self.selection, self.view, tuple(self.board.overlay.entries), ends, marks

    def _parting(self, quantity: Quantity) -> Parting | None:
        return parting_of(self.entries, quantity, self.selection, self.board.bands)

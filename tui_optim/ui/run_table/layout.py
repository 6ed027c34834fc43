"""Which columns the run table has at this moment, how wide they are, and a row's cells in them."""

from collections.abc import Callable, Mapping, Sequence

from rich.segment import Segment
from rich.style import Style

from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.run_table.listed_row import ListedRow
from tui_optim.ui.run_table.rows import (
    Cell,
    RowColumn,
    aligned,
    column_widths,
    group_cells,
    longest_texts,
    shown_columns,
)

MORE = " ›"
"""In place of a number for which there is no room: columns further right show it."""


class RowLayout:
    """Measures runs and lays cells out."""

    def __init__(self) -> None:
        """No column until runs are taken."""
        self.columns: tuple[RowColumn, ...] = ()
        self._longest: Mapping[str, int] = {}
        self._settings: dict[str, tuple[tuple[StoredRun, ...], dict[str, int]]] = {}
        self._widths: Mapping[str, int] = {}

    @property
    def width(self) -> int:
        """Of a whole row, in cells."""
        return sum(self._widths.values())

    def take(self, rows: Sequence[ListedRow], *, has_other_rows: bool) -> None:
        """Measure the texts of these rows; where they are others than before, they may want other columns."""
        runs = [row.run for row in rows]
        longest = longest_texts(runs, highest=max((row.number for row in rows), default=0))
        self._settings = {row.key: self._lengths(row) for row in rows if row.members}
        for _, lengths in self._settings.values():
            for key, length in lengths.items():
                longest[key] = max(length + 1, longest.get(key, 0))
        self._longest = longest
        if has_other_rows or not self.columns:
            self.columns = shown_columns(runs)

    def _lengths(self, row: ListedRow) -> tuple[tuple[StoredRun, ...], dict[str, int]]:
        """A setting's runs with the lengths of its texts, measured anew only where one of its runs has changed."""
        known = self._settings.get(row.key)
        if known is not None and known[0] == row.members:
            return known
        cells = group_cells(row.members, marker=" ", slot=None, is_open=row.is_open)
        return row.members, {key: len(cell.text) for key, cell in cells.items()}

    def fit(self, room: int) -> bool:
        """Give the columns widths that suit this room; returns whether they differ from those before."""
        widths = column_widths(self.columns, self._longest, room=room)
        is_other, self._widths = widths != self._widths, widths
        return is_other

    @property
    def titles(self) -> dict[str, Cell]:
        """The titles as cells."""
        return {column.key: Cell(column.title) for column in self.columns}

    def segments(
        self, cells: Mapping[str, Cell], style_of: Callable[[Cell], Style], *, in_sight: range
    ) -> list[Segment]:
        """A whole row, of which these cells are seen: a number that is cut there would be another number, and is left out."""
        row: list[Segment] = []
        start = 0
        for column in self.columns:
            cell, width = cells[column.key], self._widths[column.key]
            text = aligned(cell.text, width, is_text=column.is_text)
            is_cut_at_right = start < in_sight.stop < start + width - 1  # the last cell is the gap
            if not column.is_text and (is_cut_at_right or start < in_sight.start < start + width):
                text = (MORE if is_cut_at_right else "").ljust(width)
            row.append(Segment(text, style_of(cell)))
            start += width
        return row

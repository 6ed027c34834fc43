"""The table below a race: rows with the markers of the chart, as text."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from tui_optim.report.cells import Table, text_grid
from tui_optim.ui.charting.overlay import Shown

GAP = "  "


class RaceTable(Static):
    """A small table that is written anew several times a second; it has no cursor."""

    DEFAULT_CSS = """
    RaceTable { height: auto; max-height: 45%; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id)
        self.table: Table | None = None
        """What is shown."""
        self._num_lines = 0

    def show(self, table: Table | None, whose: Sequence[Shown]) -> None:
        """Show a table; `whose` has the marker and the colour of each row."""
        self.table = table
        lines = _lines(table, whose) if table is not None else []
        content = Content("\n").join(lines)
        if content != self.content:
            self.update(content, layout=len(lines) != self._num_lines)
            self._num_lines = len(lines)


def _lines(table: Table, whose: Sequence[Shown]) -> list[Content]:
    header, *rows = text_grid(table)
    widths = [max(map(len, texts)) for texts in zip(header, *rows, strict=True)]
    places = [str.ljust if column.kind == "text" else str.rjust for column in table.columns]
    aligned = [
        [place(text, width) for place, text, width in zip(places, texts, widths, strict=True)]
        for texts in (header, *rows)
    ]
    lines = [Content.styled(f"  {GAP.join(aligned[0])}", "$quiet")]
    for number, (texts, shown) in enumerate(zip(aligned[1:], whose, strict=True)):
        cells = [
            Content.styled(text, "bold" if (number, column) in table.best else "") for column, text in enumerate(texts)
        ]
        marker = Content.styled(f"{shown.marker} ", f"$series-{shown.slot}")
        lines.append(marker + Content(GAP).join(cells))
    return lines

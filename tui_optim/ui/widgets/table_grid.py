"""A report's table in a dialog: scrolled by the keys that fingers know, the first column always in sight."""

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import DataTable

from tui_optim.report.cells import Column, Table, text_grid


class TableGrid(DataTable[Text]):
    """Shows one table at a time, numbers at the right and the best in bold."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", "Down", id="table.down", show=False),
        Binding("k", "cursor_up", "Up", id="table.up", show=False),
        Binding("h", "scroll_left", "Left", id="table.left", show=False),
        Binding("l", "scroll_right", "Right", id="table.right", show=False),
    ]
    DEFAULT_CSS = """
    TableGrid {
        height: auto;
        background: $surface;
        scrollbar-size: 1 1;
        & > .datatable--fixed { background: $surface; color: $foreground; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until a table is shown."""
        super().__init__(cursor_type="row", zebra_stripes=False, show_row_labels=False, id=id)

    def show(self, table: Table) -> None:
        """Show a table in place of the one before; the cursor stays in its row, and the columns where they are."""
        cursor, left = self.cursor_row, self.scroll_x
        self.clear(columns=True)
        header, *rows = text_grid(table)
        widths = [max(map(len, texts)) for texts in zip(header, *rows, strict=True)]
        for column, title, width in zip(table.columns, header, widths, strict=True):
            self.add_column(Text(_aligned(column, title, width)), key=column.key)
        for number, texts in enumerate(rows):
            styles = ["bold" if (number, index) in table.best else "" for index in range(len(texts))]
            aligned = map(_aligned, table.columns, texts, widths)
            self.add_row(*map(Text, aligned, styles))
        self.fixed_columns = 1
        self.move_cursor(row=cursor)
        self.call_after_refresh(self.scroll_to, x=left, animate=False)


def _aligned(column: Column, text: str, width: int) -> str:
    return text if column.kind == "text" else text.rjust(width)

"""Printing a report table on the command line."""

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tui_optim.report.tables import Table, format_cell


def print_table(table: Table, *, with_notes: bool = True) -> None:
    """Print with rich, numbers to the right; notes below."""
    grid = RichTable(title=Text(table.title), box=None, pad_edge=False, title_justify="left", header_style="bold")
    for column in table.columns:
        grid.add_column(Text(column.title), justify="left" if column.kind == "text" else "right")
    for row in table.rows:
        grid.add_row(*(Text(format_cell(column, cell)) for column, cell in zip(table.columns, row, strict=True)))
    console = Console()
    console.print(grid)
    for note in table.notes if with_notes else ():
        console.print(Text(note))

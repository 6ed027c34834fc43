"""Printing a report table on the command line."""

import sys

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from tui_optim.report.cells import Table, format_cell, plain_text

_PIPE_WIDTH = 10_000
"""In a pipe a row is a line, however long: it may be searched."""


def out_console() -> Console:
    """Standard output for rich, with numbers and words in no colours of its choice."""
    return Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False)


def print_table(table: Table, *, with_notes: bool = True) -> None:
    """Print with rich, numbers to the right; notes below."""
    console = out_console()
    console.print(grid(table))
    for note in table.notes if with_notes else ():
        console.print(Text(plain_text(note)))


def grid(table: Table) -> RichTable:
    """A table for rich, without its notes."""
    made = RichTable(
        title=Text(plain_text(table.title)), box=None, pad_edge=False, title_justify="left", header_style="bold"
    )
    for column in table.columns:
        is_text = column.kind == "text"
        made.add_column(Text(plain_text(column.title)), justify="left" if is_text else "right", no_wrap=not is_text)
    for row in table.rows:
        made.add_row(*(Text(format_cell(column, cell)) for column, cell in zip(table.columns, row, strict=True)))
    return made

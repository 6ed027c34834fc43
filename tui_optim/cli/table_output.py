"""Where a table goes: printed for reading, or in a format to standard output or into a file."""

import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

if TYPE_CHECKING:
    from tui_optim.report.cells import Table
    from tui_optim.store.catalogue import StoredRun


def chosen_format(form: str | None, output: Path | None, *, formats: Collection[str], is_json: bool) -> str | None:
    """The format that `--format`, `--output` and `--json` ask for together; None for a printed table. Raises UsageError."""
    if is_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other: leave one of them out")
    form = "json" if is_json else form
    if form is not None and form not in formats:
        raise unknown("format", form, formats)
    if output is not None and form is None:
        raise UsageError(f"--output needs --format: {', '.join(formats)}")
    return form


def give_table(
    table: "Table", runs: "Sequence[StoredRun]", *, form: str | None, output: Path | None, name: str
) -> None:
    """Print a table of runs, or write it in a format; `name` is the key that it has in JSON. Raises StoreError."""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.formats import comparison_text
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute

    if form is None:
        print_table(table)
        return
    text = comparison_text(table, runs, format=form, name=name)
    if output is None:
        sys.stdout.write(text)
    else:
        write_export(absolute(output), text.encode())
        # the long shape has rows of its own; no cell holds a line end
        num_rows = text.count("\n") - 1 if form == "csv-long" else len(table.rows)
        say(f"wrote {num_rows} row(s) to {output}", is_aside=True)

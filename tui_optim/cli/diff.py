"""`tui-optim diff`: only the keys in which runs differ."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.left_out import tell_unread
from tui_optim.cli.options import Json
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown


def diff(
    runs: Annotated[list[str], typer.Argument(help="Ids of runs, parts of them, names, or 'last'; two or more.")],
    form: Annotated[
        str | None,
        typer.Option("--format", "-f", help="csv, markdown, latex, html or json, instead of a printed table."),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file for --format.")] = None,
    is_json: Json = False,
) -> None:
    """Only the keys in which runs differ, each with its values. Example: tui-optim diff 'large batch' last"""
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.differences import difference_table
    from tui_optim.report.formats import FORMATS, comparison_text
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home

    if is_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other: leave one of them out")
    form = "json" if is_json else form
    if form is not None and form not in (*FORMATS, "json"):
        raise unknown("format", form, (*FORMATS, "json"))
    if output is not None and form is None:
        raise UsageError(f"--output needs --format: {', '.join((*FORMATS, 'json'))}")
    catalogue = Catalogue(open_home(is_read_only=True))
    found = list({run.run_id: run for name in runs for run in catalogue.find_all([name])}.values())
    tell_unread(catalogue.damaged)
    table = difference_table(found)
    if form is None:
        print_table(table)
        return
    text = comparison_text(table, found, format=form, name="differences")
    if output is None:
        sys.stdout.write(text)
    else:
        write_export(absolute(output), text.encode())
        say(f"wrote {len(table.rows)} row(s) to {output}", is_aside=True)

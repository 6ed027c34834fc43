"""`tui-optim diff`: only the keys in which runs differ."""

from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.left_out import tell_unread
from tui_optim.cli.options import Json
from tui_optim.cli.table_output import chosen_format, give_table


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
    from tui_optim.report.differences import difference_table
    from tui_optim.report.formats import FORMATS
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home

    form = chosen_format(form, output, formats=(*FORMATS, "json"), is_json=is_json)
    catalogue = Catalogue(open_home(is_read_only=True))
    found = list({run.run_id: run for name in runs for run in catalogue.find_all([name])}.values())
    tell_unread(catalogue.damaged)
    give_table(difference_table(found), found, form=form, output=output, name="differences")

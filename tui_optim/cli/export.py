"""`tui-optim export`: the results table in a format for a report."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.spec.errors import StoreError, UsageError, unknown

_FOLDER = "tensorboard"
"""The format that is a folder."""


def export(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Scenario ids, run ids, parts of them, or 'last'; all runs if none.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="csv, csv-long (a row per epoch, split and measure), markdown, latex, html, json; tensorboard: a folder.",
        ),
    ] = "markdown",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output if none.")] = None,
) -> None:
    """Write the results table. Example: tui-optim export last --format latex -o table.tex"""
    from tui_optim.report.exports import export_files
    from tui_optim.report.formats import EXPORT_FORMATS
    from tui_optim.report.series import load_series
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.files import write_exports
    from tui_optim.store.home import absolute, open_home

    if form not in (*EXPORT_FORMATS, _FOLDER):
        raise unknown("format", form, (*EXPORT_FORMATS, _FOLDER))
    if form == _FOLDER and output is None:
        raise UsageError("name the folder: tui-optim export --format tensorboard -o FOLDER")
    catalogue = Catalogue(open_home(is_read_only=True))
    chosen = catalogue.find_all(runs) if runs else catalogue.runs()
    if not chosen:
        raise StoreError(f"no runs yet in {catalogue.home.root}; start one: tui-optim run lenet5-fashion sgd-baseline")
    series = {run.run_id: load_series(run.folder) for run in chosen}
    path = absolute(output or Path("-"))
    files = export_files(chosen, series, format=form, name=path.name)
    if output is None:
        sys.stdout.write(files[path.name].decode())
        return
    write_exports(path.parent, files)
    print(f"wrote {len(chosen)} run(s) to {output}", file=sys.stderr)

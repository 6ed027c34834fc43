"""`tui-optim export`: the results table in a format for a report."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.spec.errors import StoreError, unknown


def export(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Scenario ids, run ids, parts of them, or 'last'; all runs if none.")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="csv, csv-long, markdown, latex, html or json")
    ] = "markdown",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output if none.")] = None,
) -> None:
    """Write the results table. Example: tui-optim export last --format latex -o table.tex"""
    from tui_optim.report.formats import EXPORT_FORMATS, export_text
    from tui_optim.report.series import load_series
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home

    if form not in EXPORT_FORMATS:
        raise unknown("format", form, EXPORT_FORMATS)
    catalogue = Catalogue(open_home(is_read_only=True))
    chosen = catalogue.find_all(runs) if runs else catalogue.runs()
    if not chosen:
        raise StoreError(f"no runs yet in {catalogue.home.root}; start one: tui-optim run lenet5-fashion sgd-baseline")
    text = export_text(chosen, format=form, series={run.run_id: load_series(run.folder) for run in chosen})
    if output is None:
        sys.stdout.write(text)
        return
    write_export(absolute(output), text.encode())
    print(f"wrote {len(chosen)} run(s) to {output}", file=sys.stderr)

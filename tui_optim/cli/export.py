"""`tui-optim export`: the results table in a format for a report."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.spec.errors import StoreError, unknown


def export(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Scenario ids, run ids, parts of them, or 'last'; or one sweep. All runs if none."),
    ] = None,
    form: Annotated[
        str, typer.Option("--format", "-f", help="csv, csv-long, markdown, latex, html or json")
    ] = "markdown",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file; standard output if none.")] = None,
) -> None:
    """Write the results table, or the points of a sweep. Example: tui-optim export last --format latex -o table.tex"""
    from tui_optim.report.formats import EXPORT_FORMATS, export_text
    from tui_optim.report.series import load_series
    from tui_optim.report.sweep_object import sweep_text
    from tui_optim.report.sweep_table import make_view
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home
    from tui_optim.store.sweepfolder import find_sweep, names_sweep

    if form not in EXPORT_FORMATS:
        raise unknown("format", form, EXPORT_FORMATS)
    home = open_home(is_read_only=True)
    catalogue = Catalogue(home)
    if runs and len(runs) == 1 and names_sweep(home, runs[0]):
        view = make_view(find_sweep(home, runs[0]), catalogue.runs())
        text, wrote = sweep_text(view, format=form), f"{len(view.trials)} trial(s)"
    else:
        chosen = catalogue.find_all(runs) if runs else catalogue.runs()
        if not chosen:
            start = "start one: tui-optim run lenet5-fashion sgd-baseline"
            raise StoreError(f"no runs yet in {catalogue.home.root}; {start}")
        text = export_text(chosen, format=form, series={run.run_id: load_series(run.folder) for run in chosen})
        wrote = f"{len(chosen)} run(s)"
    if output is None:
        sys.stdout.write(text)
        return
    write_export(absolute(output), text.encode())
    print(f"wrote {wrote} to {output}", file=sys.stderr)

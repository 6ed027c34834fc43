"""`tui-optim export`: the results table in a format for a report."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.chosen import chosen_runs
from tui_optim.cli.options import Filter
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

if TYPE_CHECKING:
    from tui_optim.store.home import Home

_FOLDER = "tensorboard"
"""The format that is a folder."""


def export(
    runs: Annotated[
        list[str] | None,
        typer.Argument(help="Scenario ids, run ids, parts of them, or 'last'; or one sweep. All runs if none."),
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
    passing: Filter = None,
) -> None:
    """Write the results table, or the points of a sweep. Example: tui-optim export last --format latex -o table.tex"""
    from tui_optim.report.formats import EXPORT_FORMATS
    from tui_optim.store.files import write_exports
    from tui_optim.store.home import absolute, open_home
    from tui_optim.store.sweepnames import names_sweep

    if form not in (*EXPORT_FORMATS, _FOLDER):
        raise unknown("format", form, (*EXPORT_FORMATS, _FOLDER))
    if form == _FOLDER and output is None:
        raise UsageError("name the folder: tui-optim export --format tensorboard -o FOLDER")
    home = open_home(is_read_only=True)
    path = absolute(output or Path("-"))
    if runs and len(runs) == 1 and names_sweep(home, runs[0]) and passing is None:
        files, wrote = _sweep_files(home, runs[0], form=form, name=path.name)
    else:
        files, wrote = _run_files(home, runs or [], passing=passing, form=form, name=path.name)
    if output is None:
        sys.stdout.write(files[path.name].decode())
        return
    write_exports(path.parent, files)
    say(f"wrote {wrote} to {output}", is_aside=True)


def _run_files(
    home: "Home", names: list[str], *, passing: str | None, form: str, name: str
) -> tuple[dict[str, bytes], str]:
    """What to write of the named runs, by path below the folder, and in words."""
    from tui_optim.cli.logs import results_of, series_of
    from tui_optim.report.exports import export_files
    from tui_optim.report.formats import EXPORT_FORMATS

    chosen = chosen_runs(home, names, passing=passing)
    series = results_of(chosen) if form in EXPORT_FORMATS else series_of(chosen)
    return export_files(chosen, series, format=form, name=name), f"{len(chosen)} run(s)"


def _sweep_files(home: "Home", sweep: str, *, form: str, name: str) -> tuple[dict[str, bytes], str]:
    """What to write of a sweep: its points, or as a folder its runs."""
    from tui_optim.cli.logs import series_of
    from tui_optim.report.exports import export_files
    from tui_optim.report.sweep_object import sweep_text
    from tui_optim.report.sweep_table import make_view
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.sweepnames import find_sweep

    view = make_view(find_sweep(home, sweep), Catalogue(home).runs())
    if form != _FOLDER:
        return {name: sweep_text(view, format=form).encode()}, f"{len(view.trials)} trial(s)"
    runs = [view.runs[trial.run_id] for trial in view.trials if trial.run_id in view.runs]
    return export_files(runs, series_of(runs), format=form, name=name), f"{len(runs)} run(s)"

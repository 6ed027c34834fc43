"""`tui-optim compare`: settings over their seeds, against a reference."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.options import Json
from tui_optim.spec.errors import StoreError, UsageError, unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui_optim.report.cells import Table
    from tui_optim.store.catalogue import StoredRun

EXAMPLE = """Compare settings over their seeds: mean ± sd, cost to targets, paired differences to a reference.

Example: tui-optim compare lenet5-fashion --reference sgd --target test_accuracy>=0.88

A name is a scenario (all its runs), a run id, a part of ids (every run that has it), or 'last'; all runs if none.
"""


def compare(
    runs: Annotated[
        list[str] | None, typer.Argument(help="Scenario ids, run ids or parts of them; all runs if none.")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="Preset to compare with, seed by seed; 'sgd' where it is among the runs.")
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help="What to reach, e.g. val_accuracy>=0.9; repeatable; by default the scenario's own."
        ),
    ] = None,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="csv, csv-long, markdown, latex, html or json, instead of a printed table."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file for --format.")] = None,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.formats import EXPORT_FORMATS, comparison_text
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home

    form = "json" if is_json else form
    if form is not None and form not in EXPORT_FORMATS:
        raise unknown("format", form, EXPORT_FORMATS)
    if output is not None and form is None:
        raise UsageError(f"--output needs --format: {', '.join(EXPORT_FORMATS)}")
    catalogue = Catalogue(open_home(is_read_only=True))
    chosen = catalogue.find_all(runs) if runs else catalogue.runs()
    if not chosen:
        raise StoreError(f"no runs yet in {catalogue.home.root}; start one: tui-optim run lenet5-fashion sgd-baseline")
    table = comparison_of(chosen, reference=reference, targets=targets or [])
    if form is None:
        print_table(table)
        return
    text = comparison_text(table, chosen, format=form)
    if output is None:
        sys.stdout.write(text)
    else:
        write_export(absolute(output), text.encode())
        print(f"wrote {len(table.rows)} row(s) to {output}", file=sys.stderr)


compare.__doc__ = EXAMPLE


def comparison_of(runs: "Sequence[StoredRun]", *, reference: str | None, targets: "Sequence[str]") -> "Table":
    """The comparison table of stored runs. Raises UsageError."""
    from tui_optim.report.comparison_table import comparison_table
    from tui_optim.report.series import load_series
    from tui_optim.report.targets import parse_target

    parsed = [parse_target(text) for text in targets]
    series = {run.run_id: load_series(run.folder) for run in runs}
    return comparison_table(runs, series, reference=reference, targets=parsed)

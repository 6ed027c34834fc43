"""`tui-optim report`: everything to hand in, in one file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.chosen import chosen_runs
from tui_optim.cli.compare_options import Reference
from tui_optim.cli.options import AnyRuns, Filter
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

EXAMPLE = """Write a report of runs: baseline, parameters, comparison, figures, notes and the commands that repeat it.

Example: tui-optim report lenet5-fashion --reference sgd -o report.html

One HTML page with its figures inside, or with --format markdown (or a name that ends in .md) Markdown with its figures beside
it. A name is a scenario (all its runs), a run id, a part of ids, or 'last'; all runs if none.
"""
_SUFFIXES = {".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown"}


def report(
    runs: AnyRuns = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; report.html or report.md if none.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", "-f", help="html or markdown; by default what the file's name says.")
    ] = None,
    reference: Reference = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help="What to reach, e.g. test_accuracy>=0.9; repeatable; the scenario's own if none."
        ),
    ] = None,
    passing: Filter = None,
) -> None:
    from tui_optim.cli.logs import series_of
    from tui_optim.report.comparison import make_settings, not_among
    from tui_optim.report.exports import REPORT_FORMATS, no_figures, report_files
    from tui_optim.report.provenance import left_out_words
    from tui_optim.report.targets import parse_target
    from tui_optim.store.files import write_exports
    from tui_optim.store.home import absolute, open_home

    named = _SUFFIXES.get(output.suffix.lower()) if output else None
    if output and output.suffix and named is None:
        raise UsageError(
            f"{output}: a report is a page or Markdown, by the ending of its name: {', '.join(sorted(_SUFFIXES))}; "
            "a page is printed to PDF by any browser"
        )
    chosen_form = form or named or "html"
    if chosen_form not in REPORT_FORMATS:
        raise unknown("format", chosen_form, REPORT_FORMATS)
    if form and named and form != named:
        raise UsageError(
            f"--format {form} does not go with the name {output}: leave --format out, or name another file"
        )
    path = output or Path("report.md" if chosen_form == "markdown" else "report.html")
    parsed = [parse_target(text) for text in targets or []]
    chosen = chosen_runs(open_home(is_read_only=True), runs, passing=passing)
    series = series_of(chosen)
    files = report_files(chosen, series, form=chosen_form, name=path.name, reference=reference, targets=parsed)
    write_exports(absolute(path).parent, files)
    if why := no_figures():
        print(f"tui-optim: {why}", file=sys.stderr)
    beside = f" with {len(files) - 1} figure(s) beside it" if len(files) > 1 else ""
    left_out = not_among(make_settings(chosen, series), chosen)
    why_less = f"; left out: {left_out_words(left_out)}" if left_out else ""
    say(f"wrote a report of {len(chosen) - len(left_out)} run(s) to {path}{beside}{why_less}", is_aside=True)


report.__doc__ = EXAMPLE

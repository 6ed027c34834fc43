"""Exports as files: every format that the app and the command line write, by the names that the files get."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from tui_optim.report.formats import export_text
from tui_optim.report.series import RunSeries
from tui_optim.report.targets import Target
from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import need_extra
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest

REPORT_FORMATS = ("html", "markdown")


def export_files(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    format: str,
    name: str,
    figure: "FigureRequest | None" = None,
) -> dict[str, bytes]:
    """The files of an export, the first of them called `name`; the others stand beside it, or in a folder of this name.

    Args:
        runs: what is exported.
        series: their logs by id.
        format: one of `formats.EXPORT_FORMATS`; 'report', as Markdown where the name ends so, else as a page; 'figure', as the
            ending says; 'tensorboard', a folder.
        name: of the file or folder.
        figure: which one; learning curves if None.

    Raises:
        UsageError: an unknown format, a missing extra, or runs that have nothing for it.
    """
    if format == "report":
        form = "markdown" if PurePath(name).suffix.lower() in (".md", ".markdown") else "html"
        return report_files(runs, series, form=form, name=name)
    if format == "figure":
        from tui_optim.report.figures.canvas import figure_format, render
        from tui_optim.report.figures.kinds import FigureRequest, make_picture

        return {name: render(make_picture(runs, series, figure or FigureRequest()), figure_format(PurePath(name)))}
    if format == "tensorboard":
        from tui_optim.report.tensorboard import event_files

        return {f"{name}/{path}": content for path, content in event_files(runs, series).items()}
    return {name: export_text(runs, format=format, series=series).encode()}


def report_files(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    form: str,
    name: str,
    reference: str | None = None,
    targets: Sequence[Target] = (),
) -> dict[str, bytes]:
    """A report as a page, or as Markdown with its figures beside it; without figures where Matplotlib is missing.

    Raises:
        UsageError: no run is at its end, or none is of the reference.
    """
    from tui_optim.report.document.compose import make_document
    from tui_optim.report.document.html import html_page
    from tui_optim.report.document.markdown import markdown_files

    document = make_document(runs, series, reference=reference, targets=targets, no_figures=no_figures())
    if form == "markdown":
        return markdown_files(document, name=name)
    assert form == "html"
    return {name: html_page(document).encode()}


def no_figures() -> str:
    """Why a report has no figures, with what to install; '' where it has them."""
    try:
        need_extra("plot", needed_by="a report with figures")
    except UsageError as error:
        return f"Figures are left out: {error}"
    return ""

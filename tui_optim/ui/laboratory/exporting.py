"""Writing results to files, and comparing them: what blocks, for a thread beside that of the screen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_optim.report.cells import Table
from tui_optim.report.series import RunSeries, load_results, load_series
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.files import write_exports

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest
    from tui_optim.report.sweep_table import SweepView


def export_runs(runs: Sequence[StoredRun], format: str, path: Path, figure: "FigureRequest | None" = None) -> str:
    """Write the results of runs; returns the text of a table. Raises UsageError, StoreError."""
    from tui_optim.report.exports import export_files  # csv, html and more: nothing that the first frame shows
    from tui_optim.report.formats import EXPORT_FORMATS

    series = _results(runs) if format in EXPORT_FORMATS else _series(runs)
    files = export_files(runs, series, format=format, name=path.name, figure=figure)
    _write(files, path)
    return files[path.name].decode() if format in EXPORT_FORMATS else ""


def compare_runs(runs: Sequence[StoredRun], reference: str | None) -> Table:
    """The comparison of runs with a reference, or the usual one. Raises UsageError."""
    from tui_optim.report.comparison_table import comparison_table

    return comparison_table(runs, _results(runs), reference=reference)


def export_comparison(
    table: Table, runs: Sequence[StoredRun], format: str, path: Path, figure: "FigureRequest | None"
) -> str:
    """Write a comparison of runs, or what is drawn of them; returns the text of a table. Raises UsageError, StoreError."""
    from tui_optim.report.formats import EXPORT_FORMATS, comparison_text

    if format not in EXPORT_FORMATS:
        return export_runs(runs, format, path, figure)
    text = comparison_text(table, runs, format=format)
    _write({path.name: text.encode()}, path)
    return text


def export_sweep(view: "SweepView", format: str, path: Path) -> str:
    """Write the points of a sweep as a table; returns its text. Raises UsageError, StoreError."""
    from tui_optim.report.sweep_object import sweep_text

    text = sweep_text(view, format=format)
    _write({path.name: text.encode()}, path)
    return text


def _series(runs: Sequence[StoredRun]) -> dict[str, RunSeries]:
    return {run.run_id: load_series(run.folder) for run in runs}


def _results(runs: Sequence[StoredRun]) -> dict[str, RunSeries]:
    return {run.run_id: load_results(run.folder) for run in runs}


def _write(files: Mapping[str, bytes], path: Path) -> None:
    """The files of an export, beside `path`."""
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent}: no such folder; choose another file name")
    write_exports(path.parent, files)

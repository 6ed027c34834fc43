"""The logs of the runs that a command is about, by id; of which a part cannot be read is told. Loaded when they are read."""

from collections.abc import Callable, Iterable

from tui_optim.cli.left_out import tell_damaged_logs
from tui_optim.report.series import RunSeries, load_results, load_series
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.runfolder import RunFolder


def series_of(runs: Iterable[StoredRun]) -> dict[str, RunSeries]:
    """Whole logs: what curves are drawn of."""
    return _read(runs, load_series)


def results_of(runs: Iterable[StoredRun]) -> dict[str, RunSeries]:
    """Logs without what went on within epochs, which tables do without."""
    return _read(runs, load_results)


def _read(runs: Iterable[StoredRun], load: Callable[[RunFolder], RunSeries]) -> dict[str, RunSeries]:
    series = {run.run_id: load(run.folder) for run in runs}
    tell_damaged_logs(series.values())
    return series

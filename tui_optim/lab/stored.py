"""Runs and sweeps of a home, read anew whenever they are looked at, and their tables as rows."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from tui_optim.report.cells import Cell, Table
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import row_objects
from tui_optim.report.long_table import long_table
from tui_optim.report.series import RunSeries, find_axis, load_results
from tui_optim.report.sweep_files import table_for_files
from tui_optim.report.sweep_table import SweepView, make_view
from tui_optim.report.tables import results_table
from tui_optim.report.targets import parse_target
from tui_optim.runs.client import Client
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import ENDED_STATES
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.sweepfolder import SweepFolder

POLL_EVERY_S = 0.2
SUPERVISOR_EVERY_S = 3.0

Row = dict[str, Cell]
"""A row of a table by the names of its columns: numbers in full precision, fractions, seconds; None where there is none."""


class Runs(Sequence[StoredRun]):
    """Runs of a home, as they stand whenever they are looked at."""

    def __init__(self, client: Client, run_ids: Sequence[str]) -> None:
        """Nothing is read yet."""
        self._client, self.ids = client, tuple(run_ids)

    def __len__(self) -> int:
        """How many."""
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> StoredRun: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "StoredRun | Runs":
        """A run as it stands, or some of the runs. Raises StoreError where its folder is gone or damaged."""
        if isinstance(index, slice):
            return Runs(self._client, self.ids[index])
        return Catalogue(self._client.home).read(self.ids[index])

    def __iter__(self) -> Iterator[StoredRun]:
        """As they stand."""
        catalogue = Catalogue(self._client.home)
        return (catalogue.read(run_id) for run_id in self.ids)

    def __repr__(self) -> str:
        """How many there are, and how they stand."""
        states = [run.status.state for run in self]
        return f"{len(self)} run(s): " + ", ".join(f"{states.count(one)} {one}" for one in dict.fromkeys(states))

    def wait(self) -> "Runs":
        """Until all have ended or are paused. Interrupting the wait stops none of them. Raises StoreError."""
        _wait(self._client, lambda: all(run.status.state in {*ENDED_STATES, "paused"} for run in self))
        return self

    def rows(self) -> list[Row]:
        """A row for each run with its configuration and results, as in the CSV file."""
        runs, series = self._read()
        started = {run_id: one.started for run_id, one in series.items() if one.started is not None}
        return row_objects(results_table(runs, started=started))

    def history(self) -> list[Row]:
        """A row for each evaluation, split and measure, as in the long CSV file."""
        return row_objects(long_table(*self._read()))

    def comparison_table(
        self, *, reference: str | None = None, targets: Iterable[str] = (), axis: str = "epoch"
    ) -> Table:
        """Settings over their seeds against a reference, with notes; `report.formats` writes it. Raises UsageError."""
        runs, series = self._read()
        parsed = [parse_target(text) for text in targets]
        return comparison_table(runs, series, reference=reference, targets=parsed, axis=find_axis(axis))

    def comparison(
        self, *, reference: str | None = None, targets: Iterable[str] = (), axis: str = "epoch"
    ) -> list[Row]:
        """The rows of `comparison_table`."""
        return row_objects(self.comparison_table(reference=reference, targets=targets, axis=axis))

    def _read(self) -> tuple[list[StoredRun], dict[str, RunSeries]]:
        runs = list(self)
        return runs, {run.run_id: load_results(run.folder) for run in runs}


class Sweep:
    """A sweep of a home, as it stands whenever it is looked at."""

    def __init__(self, client: Client, sweep_id: str) -> None:
        """Nothing is read yet."""
        self._client, self.sweep_id = client, sweep_id

    @property
    def view(self) -> SweepView:
        """Plan, trials and runs. Raises StoreError."""
        return make_view(self._folder.read(), Catalogue(self._client.home).runs())

    @property
    def final_runs(self) -> Runs:
        """The winners' runs on the whole training set."""
        return Runs(self._client, [run.run_id for run in self.view.final_runs])

    def wait(self) -> "Sweep":
        """Until it is over or paused. Interrupting the wait stops nothing. Raises StoreError where it failed."""
        _wait(self._client, lambda: self._folder.read_status().state != "running")
        status = self._folder.read_status()
        if status.state == "failed":
            raise StoreError(f"{self.sweep_id} has failed: {status.reason}")
        return self

    def rows(self) -> list[Row]:
        """A row for each point, from the best to the worst, as in the CSV file."""
        return row_objects(table_for_files(self.view))

    @property
    def _folder(self) -> SweepFolder:
        return SweepFolder(self._client.home.sweeps / self.sweep_id)


def _wait(client: Client, is_over: Callable[[], bool]) -> None:
    """Look again and again, and see that a supervisor is there."""
    next_at = 0.0
    while not is_over():
        if time.monotonic() >= next_at:
            client.ensure_supervisor()
            next_at = time.monotonic() + SUPERVISOR_EVERY_S
        time.sleep(POLL_EVERY_S)

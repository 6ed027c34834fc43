"""Looking at sweeps: one look reads what has changed and makes what the screen draws of it. It blocks and runs in a thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.cells import Table
from tui_optim.report.heat_axes import map_keys
from tui_optim.report.heatmap import HeatMap, heat_map
from tui_optim.report.sweep_curves import SweepCurve, best_so_far, sensitivity
from tui_optim.report.sweep_progress import SweepProgress, sweep_progress
from tui_optim.report.sweep_table import SweepView, sweep_table
from tui_optim.spec.sweeps.trial import Verdict
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.sweepcatalogue import SweepCatalogue, SweepRecord
from tui_optim.store.sweepfolder import StoredSweep

Axes = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """A sweep in the list."""

    sweep: StoredSweep
    progress: SweepProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPicture:
    """All that is drawn of one sweep."""

    view: SweepView
    progress: SweepProgress
    drawn: HeatMap | None
    """None where a searched key is a range."""
    ranked: Sequence[Verdict]
    """The points in the order of the table's rows."""
    table: Table
    sensitivity: Sequence[SweepCurve]
    best_so_far: Sequence[SweepCurve]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepLook:
    """What one look has found. Parts that have not changed are the very objects of the look before."""

    rows: Sequence[SweepRow]
    """The newest first."""
    damaged: Mapping[str, str]
    """Sweep id → why it cannot be read."""
    picture: SweepPicture | None
    """Of the chosen sweep; None where there is none of this id."""


class SweepWatch:
    """Reads the sweeps of a home; not thread-safe: one look at a time."""

    def __init__(self, home: Home) -> None:
        """Nothing is read yet."""
        self._catalogue = SweepCatalogue(home)
        self._rows: dict[str, tuple[SweepRecord, SweepRow]] = {}
        self._picture: tuple[SweepRecord, object, SweepPicture] | None = None
        """What it was made from, and the picture."""
        self._last: SweepLook | None = None

    def look(self, chosen: str, axes: Axes | None, runs: Mapping[str, StoredRun]) -> SweepLook:
        """Look once.

        Args:
            chosen: id of the sweep that is drawn.
            axes: rows and columns of its map, or None for the usual ones.
            runs: the runs of the home by id, as the app knows them.
        """
        records = self._catalogue.read()
        self._rows = {record.sweep.sweep_id: (record, self._row(record)) for record in records}
        rows = [row for _, row in reversed(self._rows.values())]
        picture = None
        if chosen in self._rows:
            record, row = self._rows[chosen]
            picture = self._draw(record, row.progress, axes, runs)
        look = SweepLook(rows=rows, damaged=dict(self._catalogue.damaged), picture=picture)
        if self._last is None or not _is_same(look, self._last):
            self._last = look
        return self._last

    def _row(self, record: SweepRecord) -> SweepRow:
        known, row = self._rows.get(record.sweep.sweep_id, (None, None))
        if row is not None and known is record:
            return row
        return SweepRow(sweep=record.sweep, progress=sweep_progress(_view(record, {})))

    def _draw(
        self, record: SweepRecord, progress: SweepProgress, axes: Axes | None, runs: Mapping[str, StoredRun]
    ) -> SweepPicture:
        view = _view(record, runs)
        source = (axes, [(run.run_id, run.status.state, run.status.epoch) for run in view.runs.values()])
        if self._picture is not None and self._picture[0] is record and self._picture[1] == source:
            return self._picture[2]
        drawn = None
        if map_keys(record.sweep.spec.plan):
            rows, columns = axes or (None, None)
            drawn = heat_map(view, rows=rows, columns=columns)
        picture = SweepPicture(
            view=view,
            progress=progress,
            drawn=drawn,
            ranked=view.ranked(),
            table=sweep_table(view),
            sensitivity=sensitivity(drawn) if drawn is not None else [],
            best_so_far=best_so_far(view),
        )
        self._picture = (record, source, picture)
        return picture


def _view(record: SweepRecord, runs: Mapping[str, StoredRun]) -> SweepView:
    own = {trial.run_id: runs[trial.run_id] for trial in record.trials if trial.run_id in runs}
    return SweepView(sweep=record.sweep, trials=record.trials, runs=own)


def _is_same(look: SweepLook, before: SweepLook) -> bool:
    rows = len(look.rows) == len(before.rows) and all(
        new is old for new, old in zip(look.rows, before.rows, strict=True)
    )
    return rows and look.picture is before.picture and look.damaged == before.damaged

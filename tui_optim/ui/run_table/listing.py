"""Which rows the run table has, and in which order: what the user has filtered, sorted, grouped and pinned."""

from collections.abc import Sequence
from dataclasses import replace

from tui_optim.report.comparison import setting_key
from tui_optim.report.run_fields import RunField, run_fields
from tui_optim.report.run_filter import NO_FILTER, RunFilter, parse_filter
from tui_optim.report.run_order import RunOrder
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.run_table.listed_row import ListedRow, with_families
from tui_optim.ui.run_table.rows import RowColumn

SORTED_BY = {
    "preset": "preset",
    "state": "state",
    "epoch": "epoch",
    "seed": "seed",
    "test_accuracy": "test_accuracy",
    "val_accuracy": "val_accuracy",
    "gap": "gap",
    "test_loss": "test_loss",
    "val_loss": "val_loss",
    "train_accuracy": "train_accuracy",
    "train_loss": "train_loss",
    "effective_epochs": "effective_epochs",
    "time": "train_time_s",
}
"""Columns that `s` turns through, each with the field that it is sorted by."""
LARGEST_FIRST = frozenset({"epoch", "test_accuracy", "val_accuracy", "train_accuracy"})
"""Columns of which a reader wants the largest first."""


class RunListing:
    """Makes rows of runs; nothing is made anew while neither the runs nor what the user wants of them has changed."""

    def __init__(self) -> None:
        """All runs, the newest first."""
        self.filter: RunFilter = NO_FILTER
        self.order: RunOrder | None = None
        self.is_grouped = False
        """Whether settings are listed in place of their runs."""
        self._opened: frozenset[str] = frozenset()
        """Keys of the settings whose runs are listed too."""
        self._settings: dict[str, tuple[object, ...]] = {}
        """Run id → what tells its setting from others; that never changes, and runs of one setting share it."""
        self._shared: dict[tuple[object, ...], tuple[object, ...]] = {}
        self._sorted_by = ""
        """The column that the order is of."""
        self._title = ""
        self._runs: list[StoredRun] = []
        self._num_older = 0
        self._wish: object = None
        self._rows: list[ListedRow] = []
        self._passing: set[str] = set()
        """Runs that passed the filter when some did: they stay in sight when none does any more."""
        self._num_passing = 0

    @property
    def follows_newest(self) -> bool:
        """Whether the newest run comes first, so that a cursor on the first row means the newest."""
        return self.order is None and not self.filter.terms and not self.is_grouped

    def rows(self, runs: Sequence[StoredRun], *, num_older: int = 0) -> list[ListedRow]:
        """The rows for these runs, which are all that may be listed, oldest first; `num_older` are there and not read yet."""
        wish = (self.filter, self.order, self.is_grouped, self._opened, num_older)
        if wish != self._wish or runs != self._runs:
            self._runs, self._wish, self._num_older = list(runs), wish, num_older
            self._rows = self._make_rows()
        return self._rows

    def filtered(self, runs: Sequence[StoredRun]) -> list[StoredRun]:
        """Those of the runs that the filter leaves, in the order given."""
        return [run for run in runs if self.filter.passes(run)]

    def apply(self, text: str, runs: Sequence[StoredRun]) -> bool:
        """Filter by what the user typed; False where no run would be left: then the filter stays as it was. Raises UsageError."""
        wanted = parse_filter(text, run_fields(runs))
        if wanted.terms and not any(map(wanted.passes, runs)):
            return False
        self.filter = wanted
        return True

    def turn_order(self, columns: Sequence[RowColumn]) -> None:
        """Sort by the next of the columns that are shown; after the last one by age again."""
        keys = ["", *(column.key for column in columns if column.key in SORTED_BY)]
        here = keys.index(self._sorted_by) if self._sorted_by in keys else 0
        key = keys[(here + 1) % len(keys)]
        self._sorted_by = key
        self._title = next((column.title for column in columns if column.key == key), "")
        field: RunField | None = run_fields()[SORTED_BY[key]] if key else None
        self.order = RunOrder(field=field, is_descending=key in LARGEST_FIRST) if field else None

    def toggle_group(self, key: str) -> None:
        """List the runs of a setting below it, or do not any more."""
        self._opened ^= {key}

    def turn_direction(self) -> bool:
        """The other end first; False where the order is that of age."""
        if self.order is None:
            return False
        self.order = self.order.reversed
        return True

    @property
    def remark(self) -> str:
        """What the user has asked for, for the title: `3 of 40, lr>=0.01 · ↓ test acc`; '' where all is as usual."""
        parts = []
        if self.filter.terms:
            parts.append(f"{self._num_passing} of {len(self._runs)}, {self.filter.text}")
        if self.order is not None:
            parts.append(f"{self.order.arrow} {self._title}")
        if self.is_grouped:
            parts.append("by setting")
        return " · ".join(parts)

    def _make_rows(self) -> list[ListedRow]:
        rows = [ListedRow(run=run, number=number) for number, run in enumerate(self._runs, start=self._num_older + 1)]
        rows.reverse()
        rows = self._passed(rows)
        if not self.is_grouped:
            arranged = self._arranged(rows)
            return arranged if self.order is not None else with_families(arranged)
        inside = {row.key: replace(row, is_inside=True) for row in rows}
        found: list[ListedRow] = []
        for row in self._arranged(self._grouped(rows)):
            below = [inside[run.run_id] for run in reversed(row.members)] if row.is_open else []
            found += [row, *self._arranged(below)]
        return found

    def _arranged(self, rows: list[ListedRow]) -> list[ListedRow]:
        order = self.order
        if order is not None:
            rows = order.arranged(rows, lambda row: row.value(order.field))
        return sorted(rows, key=lambda row: not row.is_pinned)

    def _grouped(self, rows: list[ListedRow]) -> list[ListedRow]:
        """The settings in place of their runs, where the newest of them stood; a run that is alone stays one."""
        groups: dict[tuple[object, ...], list[ListedRow]] = {}
        for row in rows:
            groups.setdefault(self._setting(row.run), []).append(row)
        found: list[ListedRow] = []
        for newest, *others in groups.values():
            members = tuple(row.run for row in reversed((newest, *others)))
            row = replace(newest, members=members) if others else newest
            found.append(replace(row, is_open=row.key in self._opened))
        return found

    def _setting(self, run: StoredRun) -> tuple[object, ...]:
        if run.run_id not in self._settings:
            key = setting_key(run.info.spec)
            self._settings[run.run_id] = self._shared.setdefault(key, key)
        return self._settings[run.run_id]

    def _passed(self, rows: list[ListedRow]) -> list[ListedRow]:
        if not self.filter.terms:
            return rows
        passing = [row for row in rows if self.filter.passes(row.run)]
        self._num_passing = len(passing)
        if passing:
            self._passing = {row.key for row in passing}
            return passing
        return [row for row in rows if row.key in self._passing]

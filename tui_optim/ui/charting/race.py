"""The race of a board's settings: which run in it, what of them is looked at, where the cursor stands, and the replay."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_optim.report.bands import BandKind, Seeds
from tui_optim.report.cells import Table
from tui_optim.report.measures import Measure
from tui_optim.report.race import finish, measures_of, standings
from tui_optim.report.race_table import standing_table, target_table
from tui_optim.report.replay import ClockReplay, place_at, training_time
from tui_optim.report.series import AXIS_NAMES, Axis
from tui_optim.report.targets import Target
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.charting.curves import Entry, Parting, Selection, chart_series, entries_of, parting_of, place_text
from tui_optim.ui.charting.overlay import Overlay
from tui_optim.ui.charting.series import ChartSeries

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest


class Race:
    """Looks at a board; draws nothing. Its cursor is None at the finish, where it stays while the race goes on."""

    def __init__(self, board: Board, scenario_id: str) -> None:
        """The runs that are marked; else all of the scenario, with those to come; where it has none, those on the charts."""
        marked, shown = board.overlay.marked, board.overlay.shown
        is_there = not shown or any(run.info.spec.scenario == scenario_id for run in board.runs)
        self.board = board
        self.overlay = Overlay()
        self.overlay.marked = set(marked or shown)
        self.replay = ClockReplay()
        """Once it is on, its clock says where everything stands, in place of the cursor."""
        self.targets: tuple[Target, ...] = ()
        self.is_log = False
        """Whether a loss is on a logarithmic axis."""
        self.cursor: float | None = None
        self.selection = Selection()
        """What is drawn, but for the split: that is the measure's."""
        self._scenario_id = scenario_id if is_there and not marked else ""
        self._scope = self._scenario_id or ("marked" if marked else "on the charts")
        self._wanted: Measure | None = None
        self.look()

    @property
    def about(self) -> str:
        """Which runs take part."""
        settings, runs = len(self.entries), len(self.runs)
        words = [f"{settings} setting{'' if settings == 1 else 's'}", f"{runs} run{'' if runs == 1 else 's'}"]
        words.append(self._scope)
        if left_out := self.overlay.num_left_out:
            words.append(f"{left_out} older left out: mark those to race")
        return " · ".join(words)

    @property
    def entries(self) -> list[Entry]:
        """Who takes part, oldest first."""
        return entries_of(self.board, self.overlay)

    @property
    def field(self) -> list[Seeds]:
        """Their runs and curves."""
        return [entry.seeds for entry in self.entries]

    @property
    def runs(self) -> list[StoredRun]:
        """All runs of the race."""
        return [run for seeds in self.field for run in seeds.runs]

    @property
    def measure(self) -> Measure | None:
        """What is raced for: the wanted measure where there is a point of it, else the first that there is."""
        there = measures_of(self.field)
        return self._wanted if self._wanted in there else next(iter(there), None)

    @property
    def usual_targets(self) -> list[Target]:
        """What the scenarios name: accuracies on the split that is raced for, or gaps."""
        if self.measure is None:
            return []
        accuracy = f"{self.measure.split}_accuracy"
        scenarios = {seeds.spec.scenario: seeds.spec.scenario_info for seeds in self.field}.values()
        otherwise = {one.id: "gap" if one.quadratic else f"{self.measure.split}_loss" for one in scenarios}
        targets = (
            Target(accuracy if one.has_accuracy else otherwise[one.id], value)
            for one in scenarios
            for value in one.targets
        )
        return list(dict.fromkeys(targets))

    @property
    def finish(self) -> float:
        """The last x; NaN before the first point."""
        return finish(self.field, self.measure, self.selection.axis) if self.measure else math.nan

    @property
    def x(self) -> float:
        """Where the cursor stands; NaN before the first point."""
        return self.finish if self.cursor is None else min(self.cursor, self.finish)

    @property
    def at(self) -> tuple[Axis, float]:
        """Where the settings are compared: at the cursor, in a replay at its clock."""
        return ("seconds", self.replay.clock_s) if self.replay.is_on else (self.selection.axis, self.x)

    @property
    def place(self) -> str:
        """The same in words."""
        axis, x = self.at
        return f"{place_text(x)} {AXIS_NAMES[axis]}"

    @property
    def cursor_x(self) -> float | None:
        """Where a line across the chart stands; None where every run of a replay stands somewhere else."""
        axis, x = self.at
        return x if axis == self.selection.axis else None

    @property
    def revision(self) -> Hashable:
        """Differs when anything that is shown would."""
        news = tuple(
            (
                entry.shown,
                tuple(run.status.state for run in entry.seeds.runs),
                tuple(one.revision for one in entry.seeds.series),
            )
            for entry in self.entries
        )
        return (news, self.selection, self._wanted, self.is_log, self.targets, self.x, self.replay)

    def look(self) -> None:
        """See which runs there are now."""
        runs = self.board.runs
        if self._scenario_id:
            runs = [run for run in runs if run.info.spec.scenario == self._scenario_id]
            self.overlay.mark_newest(runs)
        self.overlay.choose(runs)
        self.board.looked_at_elsewhere = frozenset(self.overlay.shown)

    def series(self) -> list[ChartSeries]:
        """The lines of the chart."""
        return [line for entry in self.entries for line in self._lines(entry)]

    def parting(self) -> Parting | None:
        """Where the bands of two settings part; hidden until a replay gets there."""
        found = parting_of(self.entries, self.measure.quantity, self.drawn, self.board.bands) if self.measure else None
        is_seen = found is not None and all(found.x <= min(self._places(entry)) for entry in self.entries)
        return found if is_seen else None

    def table(self, *, is_for_file: bool = False) -> Table | None:
        """The standings at the cursor, or the costs of the targets; None before the first point.

        One for a file has the intervals too, which take too long for a screen that follows a cursor.
        """
        if self.measure is None:
            return None
        if self.targets:
            axis, until_s = self.selection.axis, self.replay.clock_s if self.replay.is_on else math.inf
            return target_table(self.field, self.targets, axis, until_s=until_s, has_intervals=is_for_file)
        return standing_table(self.field, self.measure, *self.at)

    def figure(self) -> "FigureRequest":
        """The figure of what is looked at: measure, axis, band and targets; where single runs are, with their deviation."""
        from tui_optim.report.figures.kinds import FigureRequest  # nothing that the first frame shows

        band: BandKind = "sd" if self.selection.spread == "runs" else self.selection.spread
        return FigureRequest(
            kind="race", measure=self.measure, axis=self.selection.axis, band=band, targets=self.targets
        )

    def rows(self) -> list[Entry]:
        """Whose row of the table is which."""
        entries, measure = self.entries, self.measure
        if self.targets or measure is None:
            return entries
        found = standings(self.field, measure, *self.at)
        by_run = {entry.seeds.runs[0].run_id: entry for entry in entries}
        return [by_run[one.seeds.runs[0].run_id] for one in found]

    @property
    def drawn(self) -> Selection:
        """What the chart draws."""
        return replace(self.selection, split=self.measure.split) if self.measure else self.selection

    # What the user does

    def turn_axis(self) -> None:
        """Run over another x; the cursor keeps its share of the way."""
        before = self.finish
        self.selection = self.selection.with_next_axis()
        if self.cursor is not None and before > 0.0:
            self.cursor = self.cursor / before * self.finish

    def turn_measure(self) -> None:
        """Race for something else."""
        there: Sequence[Measure | None] = measures_of(self.field) or [None]
        self._wanted = there[(there.index(self.measure) + 1) % len(there)]

    def turn_spread(self) -> None:
        """Another kind of band, or single runs."""
        self.selection = self.selection.with_next_spread()

    def move(self, share: float) -> None:
        """Move the cursor, or the clock of a replay, by a share of the way."""
        if self.replay.is_on:
            self._put_clock(self.replay.at(self.replay.clock_s + share * self.replay.duration_s))
        else:
            self.go_to(self.x + share * self.finish)

    def go_to(self, x: float) -> None:
        """Put the cursor somewhere; at the finish it stays there. The clock of a replay is put back to 0."""
        if self.replay.is_on:
            self._put_clock(self.replay.at(0.0))
            return
        self.cursor = None if math.isnan(x) or x >= self.finish else max(0.0, x)

    def play_or_pause(self) -> None:
        """Start the replay where the cursor stands, from the start if that is the finish; hold it; let it go on."""
        if math.isnan(self.finish):
            return
        duration_s = training_time(self.field)
        share = 0.0 if self.cursor is None or not self.finish > 0.0 else self.cursor / self.finish
        self.replay = self.replay.turned(share * duration_s, duration_s)

    def advance(self, elapsed_s: float) -> None:
        """Let so much of a playing replay pass; at the finish it is over."""
        if self.replay.is_playing:
            self._put_clock(self.replay.played(elapsed_s))

    def change_pace(self, by: int) -> None:
        """Twice or half as fast."""
        self.replay = self.replay.at_pace(by, training_time(self.field))

    def leave_replay(self) -> bool:
        """Hide nothing any more, with the cursor after the same share of the way; returns whether something was hidden."""
        if not self.replay.is_on:
            return False
        share = 1.0 if self.replay.is_over else self.replay.clock_s / self.replay.duration_s
        self.replay = self.replay.left()
        self.go_to(share * self.finish)
        return True

    # What that comes to

    def _put_clock(self, replay: ClockReplay) -> None:
        self.replay = replay
        if replay.is_over:
            self.leave_replay()

    def _lines(self, entry: Entry) -> list[ChartSeries]:
        """Of a setting, each as far as it is to be seen: a run as far as it has come, a band as far as all its runs have."""
        if self.measure is None:
            return []
        lines = chart_series([entry], self.measure.quantity, self.drawn, self.board.bands)
        places = self._places(entry)
        each = places if len(lines) == len(places) else [min(places)] * len(lines)
        return [replace(line, until=x) for line, x in zip(lines, each, strict=True)]

    def _places(self, entry: Entry) -> list[float]:
        """How far each run has come; ∞ without a replay."""
        if not self.replay.is_on:
            return [math.inf] * len(entry.seeds.series)
        return [place_at(one, self.selection.axis, self.replay.clock_s) for one in entry.seeds.series]

"""The state behind the main screen: the runs, which are shown, their curves and what has happened to them."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tui_optim.report.bands import Seeds
from tui_optim.report.cells import plain_text
from tui_optim.report.series import RunSeries
from tui_optim.spec.events import Record
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.damage import damaged_logs_line, unread_line
from tui_optim.ui.charting.band_cache import BandCache
from tui_optim.ui.charting.overlay import Overlay, Shown
from tui_optim.ui.names import run_name
from tui_optim.ui.run_table.listing import RunListing
from tui_optim.ui.sentences import device_line, sentence
from tui_optim.ui.watch import Look

RECORDS_PER_STEP = 2_000
"""Most records folded in at once: about ten milliseconds, so that a key press never waits for a long log."""
LOG_LENGTH = 400
_UNREAD = RunSeries()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A sentence in the log pane."""

    time: float
    """Seconds since the epoch (UTC)."""
    about: str
    """Which run, or '' for the app itself."""
    text: str


class Board:
    """Knows all runs of the home; folds looks in without drawing anything. Used on the UI thread only."""

    def __init__(self) -> None:
        """Empty until the first look is taken."""
        self.runs: list[StoredRun] = []
        self.num_older = 0
        """How many runs are there before these that have not been looked at yet."""
        self.overlay = Overlay()
        self.listing = RunListing()
        self.is_listing_sweeps = False
        """Whether the runs of sweeps are listed among the others, also those that are over."""
        self.log: list[LogLine] = []
        """Sentences in the order of their times."""
        self.bands = BandCache()
        self.looked_at_elsewhere: frozenset[str] = frozenset()
        """Runs whose logs a screen above the main screen needs."""
        self._by_id: dict[str, StoredRun] = {}
        self._by_state: dict[str, list[StoredRun]] = {}
        self._scenarios: list[StoredRun] = []
        """A run of each scenario."""
        self._series: dict[str, RunSeries] = {}
        self._written: dict[str, int] = {}
        """How far each run's records are in the log, by sequence number."""
        self._backlog: deque[tuple[str, list[Record]]] = deque()
        self._damaged: set[str] = set()
        """Sentences about damaged folders and logs as of the last look."""
        self._told: set[str] = set()
        """Those that are in the log."""

    @property
    def followed(self) -> frozenset[str]:
        """The runs whose logs are read: the shown, the running, and those that are looked at elsewhere."""
        running = {run.run_id for run in self.in_state("running")}
        return self.looked_at_elsewhere | frozenset(self.overlay.shown) | running

    @property
    def has_backlog(self) -> bool:
        """Whether records wait to be folded in."""
        return bool(self._backlog)

    @property
    def is_busy(self) -> bool:
        """Whether some run trains or waits to."""
        return bool(self.in_state("running", "queued"))

    @property
    def listed(self) -> list[StoredRun]:
        """The runs that the table lists, oldest first: of sweeps only those that train or that the user has picked or pinned."""
        if self.is_listing_sweeps:
            return self.runs
        picked = {*self.overlay.marked, self.overlay.opened}
        return [
            run
            for run in self.runs
            if not run.info.sweep or run.status.state == "running" or run.run_id in picked or run.label.is_pinned
        ]

    def take(self, look: Look) -> None:
        """Take in what a look has found; its records wait until `fold` is called."""
        if look.runs != self.runs:
            self._take_runs(look.runs)
        self.num_older = look.num_older
        for run_id in look.let_go:
            self._series.pop(run_id, None)
        if look.damaged or look.damaged_logs or self._damaged:
            self._take_damaged(look)
        self._backlog.extend(look.records.items())

    def choose(self) -> None:
        """Decide anew which runs are shown."""
        self.overlay.choose(self.listed)

    def fold(self) -> None:
        """Fold a bounded number of waiting records into curves and sentences."""
        left = RECORDS_PER_STEP
        while self._backlog and left > 0:
            run_id, records = self._backlog.popleft()
            now, later = records[:left], records[left:]
            left -= len(now)
            if later:
                self._backlog.appendleft((run_id, later))
            self._series.setdefault(run_id, RunSeries()).absorb(now)
            self._write_down(run_id, now)

    def find(self, run_id: str) -> StoredRun | None:
        """A run by its id."""
        return self._by_id.get(run_id)

    def series(self, run_id: str) -> RunSeries | None:
        """A run's curves, where its log has been read."""
        return self._series.get(run_id)

    def shown(self) -> list[StoredRun]:
        """The runs on the charts, oldest first."""
        shown = set(self.overlay.shown)
        return [run for run in self.runs if run.run_id in shown]

    def seeds(self, entry: Shown) -> Seeds:
        """The runs of an entry of the charts with their curves; empty ones where a log has not been read."""
        runs = [run for run_id in entry.run_ids if (run := self._by_id.get(run_id)) is not None]
        return Seeds(runs=tuple(runs), series=tuple(self._series.get(run.run_id, _UNREAD) for run in runs))

    def in_state(self, *states: str) -> list[StoredRun]:
        """The runs in one of these states, oldest first."""
        found = [self._by_state[state] for state in states if state in self._by_state]
        if len(found) < 2:
            return [run for runs in found for run in runs]
        return [run for run in self.runs if run.status.state in states]

    def scopes(self, scenario_id: str) -> dict[str, list[StoredRun]]:
        """Choices of runs to export or compare by what they are called, the narrowest first; none is empty.

        Runs of sweeps are among them as they are listed: where the user asks for them.
        """
        marked = [run for run in self.runs if run.run_id in self.overlay.marked]
        here = [run for run in self.listed if run.info.spec.scenario == scenario_id]
        filtered = self.listing.filtered(self.listed) if self.listing.filter.terms else []
        choices = {"Marked": marked, "Filtered": filtered, "On the charts": self.shown()}
        num_hidden = len(self.runs) - len(self.listed)
        choices |= {"This scenario": here, f"All but {num_hidden} of sweeps" if num_hidden else "All": self.listed}
        return {f"{label} ({len(runs)})": runs for label, runs in choices.items() if runs}

    @property
    def counts(self) -> str:
        """How many runs train and wait, in words."""
        found = [(len(self.in_state(state)), state) for state in ("running", "queued", "paused")]
        return " · ".join(f"{count} {state}" for count, state in found if count)

    def device(self, preferred: StoredRun | None) -> str:
        """The device of a run, else of the newest run that is known to have started."""
        for run in [preferred, *reversed(self.runs)]:
            series = self._series.get(run.run_id) if run is not None else None
            if series is not None and series.started is not None:
                return device_line(series.started)
        return ""

    def note(self, text: str, *, time: float) -> None:
        """Add a sentence to the log that is of no run."""
        self._add_lines([LogLine(time=time, about="", text=text)])

    def _take_runs(self, runs: list[StoredRun]) -> None:
        self.runs = runs
        self._by_id = {run.run_id: run for run in runs}
        self._by_state = {}
        for run in runs:
            self._by_state.setdefault(run.status.state, []).append(run)
        self._scenarios = list({run.info.spec.scenario: run for run in runs}.values())
        self.choose()

    def _take_damaged(self, look: Look) -> None:
        """Tell in a line what two looks have found: a folder that is being deleted just now looks damaged for a moment."""
        folders, logs = self._lasting(look.damaged), self._lasting(look.damaged_logs)
        self._damaged = {*look.damaged.values(), *look.damaged_logs.values()}
        self._told.update(folders.values(), logs.values())
        if folders:
            self.note(f"Left out: {unread_line(folders)}", time=look.time)
        if logs:
            self.note(f"Left out: {damaged_logs_line(list(logs.values()))}", time=look.time)

    def _lasting(self, damaged: Mapping[str, str]) -> dict[str, str]:
        """Of damage by name, what was there at the last look too and has not been told."""
        return {name: why for name, why in damaged.items() if why in self._damaged and why not in self._told}

    def _write_down(self, run_id: str, records: Sequence[Record]) -> None:
        last, run = self._written.get(run_id, 0), self._by_id.get(run_id)
        self._written[run_id] = max([last, *(record.seq for record in records)])
        name = run_name(run, among=self._scenarios) if run else run_id
        lines = [
            LogLine(time=record.time, about=name, text=plain_text(text))
            for record in records
            if record.seq > last and (text := sentence(record)) is not None
        ]
        self._add_lines(lines)

    def _add_lines(self, lines: list[LogLine]) -> None:
        if lines:
            self.log = sorted([*self.log, *lines], key=lambda line: line.time)[-LOG_LENGTH:]

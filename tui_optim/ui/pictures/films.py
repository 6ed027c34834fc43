"""Runs of the circles network, one of them looked at: its film, and the epoch at which one stands."""

from bisect import bisect_right
from collections.abc import Hashable

from tui_optim.report.bands import Seeds
from tui_optim.report.series import RunSeries
from tui_optim.spec.pictures import Film, Frame
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.charting.curves import Entry
from tui_optim.ui.charting.overlay import Shown
from tui_optim.ui.names import run_name
from tui_optim.ui.pictures.timeline import Timeline

SLOT = 2
"""Colour of the run's curves: those of the classes come before it."""


class Films:
    """Looks at a board; draws nothing, reads nothing."""

    def __init__(self, board: Board, run_id: str | None) -> None:
        """`run_id` is looked at first; the newest run where it is None."""
        self.board = board
        self.timeline = Timeline()
        self.film: Film | None = None
        """That of the run, as far as it has been read."""
        self.problem = ""
        """Why it cannot be read."""
        self.runs: list[StoredRun] = []
        """All that have begun, oldest first."""
        self._chosen = run_id
        self.look()

    @property
    def run(self) -> StoredRun | None:
        """The run that is looked at."""
        chosen = next((run for run in self.runs if run.run_id == self._chosen), None)
        return chosen or (self.runs[-1] if self.runs else None)

    @property
    def name(self) -> str:
        """Of the run."""
        return run_name(self.run) if self.run else ""

    @property
    def place(self) -> str:
        """Which of the runs it is: `2 of 30`, the newest first."""
        if self.run is None:
            return ""
        return f"run {len(self.runs) - self.runs.index(self.run)} of {len(self.runs)}"

    @property
    def frame(self) -> Frame | None:
        """The latest frame up to where one stands."""
        if self.film is None or not self.film.frames:
            return None
        epochs = [frame.epoch for frame in self.film.frames]
        return self.film.frames[max(0, bisect_right(epochs, self.timeline.now) - 1)]

    @property
    def entry(self) -> Entry | None:
        """The run with its curves."""
        if self.run is None:
            return None
        series = self.board.series(self.run.run_id) or RunSeries()
        shown = Shown(slot=SLOT, run_ids=(self.run.run_id,))
        return Entry(shown=shown, seeds=Seeds(runs=(self.run,), series=(series,)))

    @property
    def revision(self) -> Hashable:
        """Differs when anything that is shown would."""
        entry, run = self.entry, self.run
        revision = entry.seeds.series[0].revision if entry else 0
        state = run.status.state if run else ""
        newest = self.film.frames[-1].epoch if self.film and self.film.frames else None
        return (self.name, self.place, state, revision, newest, self.problem, self.timeline.revision)

    def look(self) -> None:
        """See which runs there are now."""
        before = self.run
        self.runs = [
            run
            for run in self.board.runs
            if run.info.spec.scenario_info.picture == "boundary" and run.status.state != "queued"
        ]
        if self._chosen is None and self.run is not None:
            self._chosen = self.run.run_id  # the newest stays, whatever comes after it
        if self.run is not None and (before is None or before.run_id != self.run.run_id):
            self._forget()
        self.board.looked_at_elsewhere = frozenset([self.run.run_id] if self.run else [])

    def step(self, by: int) -> bool:
        """Go to a newer (by < 0) or an older run; returns whether there was one."""
        if self.run is None:
            return False
        place = self.runs.index(self.run) - by
        if not 0 <= place < len(self.runs):
            return False
        self._chosen = self.runs[place].run_id
        self._forget()
        self.look()
        return True

    def take(self, run_id: str, film: Film | None, problem: str = "") -> None:
        """What has been read of a run; it is not looked at any more where the user was faster."""
        if self.run is None or self.run.run_id != run_id:
            return
        self.problem = problem
        self.film = film or self.film
        if self.film and self.film.frames:
            self.timeline.finish = float(self.film.frames[-1].epoch)

    def _forget(self) -> None:
        self.film, self.problem = None, ""
        self.timeline.leave_replay()
        self.timeline.finish = 0.0

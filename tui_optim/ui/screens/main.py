"""The main screen: choose at the left, watch at the right."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches

from tui_optim.ui.announcement import announcement
from tui_optim.ui.bell import EndBell
from tui_optim.ui.board import Board
from tui_optim.ui.charting.overlay import MAX_SHOWN
from tui_optim.ui.charting.plotting import load_plotext
from tui_optim.ui.feed import Feed
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import EditSetting, OpenRun, RunEnded
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.results import ResultsScreen
from tui_optim.ui.sentences import idle_line
from tui_optim.ui.watch import StoreWatch
from tui_optim.ui.widgets.key_footer import KeyFooter
from tui_optim.ui.widgets.presets import PresetPanel
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.runs_pane import RunsPane
from tui_optim.ui.widgets.status_line import ProgressLine, StatusLine
from tui_optim.ui.widgets.tour_hint import TourHint
from tui_optim.ui.widgets.workbench import Workbench


class MainScreen(ResultsScreen):
    """Wires the panes to the board, the feed and the app."""

    AUTO_FOCUS = "#preset-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="filter", tooltip="filter the presets by name or family"),
        Binding("w", "export", "Export", id="export", tooltip="write the results table to a file and to the clipboard"),
        Binding("c", "compare", "Compare", id="compare", tooltip="compare settings over their seeds, against a reference"),
        Binding("r", "race", "Race", id="race", tooltip="settings at equal cost: ranks at a cursor, targets, replay"),
        Binding("g", "app.sweeps", "Sweeps", id="sweeps", tooltip="sweeps: search rates and other values, see the maps fill"),
        Binding("o", "app.picture", "Picture", id="picture", show=False, tooltip="picture: paths, decision boundary, images"),
        Binding("S", "list_sweeps", "All runs", id="runs.sweeps", show=False, tooltip="list the runs of sweeps too, and back"),
        Binding("s", "app.calculate", "One step", id="step", show=False, tooltip="one step of this optimizer, line by line"),
        Binding("H", "system", "System", id="system", show=False, tooltip="CPU, memory, GPUs, workers, speed, disk; clean up"),
        Binding("u", "unmark", "Unmark", id="unmark", show=False, tooltip="take all marks away, of presets and of runs"),
        Binding("escape", "leave", "Back", id="leave", show=False, tooltip="one layer out: cursor, filter, charts alone"),
    ]  # fmt: skip

    def __init__(self, launcher: Launcher, *, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since the epoch for the app's own sentences."""
        super().__init__()
        self.launcher = launcher
        self.board = Board()
        self.feed = Feed(StoreWatch(launcher.lab.home, clock=clock), self.board, on_news=self.show_news)
        self._clock = clock
        self._bell = EndBell()
        self._was_shown = False

    def compose(self) -> ComposeResult:
        """A line, the panes, a line, the keys."""
        yield StatusLine(id="status")
        yield Workbench(self.board, self.launcher, id="workbench")
        yield ProgressLine(id="progress")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show the newest runs; everything that may take long comes after the first frame."""
        self.feed.begin()
        for problem in self.launcher.lab.library.problems:
            self.say(problem)
        self.call_after_refresh(self._begin)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Whatever stood over it is gone, and needs no logs any more.

        When it is shown first, all its styles are new: to work them out once more would cost a start some 40 ms.
        """
        event.refresh_styles = self._was_shown
        self._was_shown = True
        if self.is_active:  # else another screen has been opened meanwhile, which may need logs of its own
            self.board.looked_at_elsewhere = frozenset()

    def _begin(self) -> None:
        self._follow()

    @work(group="feed")
    async def _follow(self) -> None:
        """The list of runs first: what draws their curves takes as long to load as a thousand runs."""
        await self.feed.look()
        await asyncio.to_thread(load_plotext)
        await self.feed.run()

    def say(self, text: str) -> None:
        """Write a sentence into the log."""
        self.board.note(with_keys(self.app, text), time=self._clock())
        with suppress(NoMatches):  # the screen is being taken down
            self.watching.show_log()

    def show_hints(self) -> None:
        """Begin the tour, where there is room for it."""
        if self.workbench.arrangement.has_lines:
            self.mount(TourHint(), before="#progress")

    # What the store says

    def show_news(self) -> None:
        """Bring the screen up to date with the board; called several times a second, does only what is needed."""
        self.launcher.see(self.board.find)
        with suppress(NoMatches):  # the screen is being taken down
            self.watching.show_news()
            self.show_lines()
        if self.feed.has_looked.is_set() and (ended := self._bell.ended(self.board)):
            self.post_message(RunEnded(announcement(ended, self.board.runs)))

    def refresh_all(self) -> None:
        """Bring everything up to date, however recent the last time was."""
        self.watching.show_all()
        self.show_lines()

    def name_keys(self) -> None:
        """The user has given other keys: name those."""
        self.workbench.name_panes()
        self.choosing.show_details()
        self.refresh_all()

    def show_data(self, *, problem: str = "") -> None:
        """Tell what is known about the scenario's data now; `problem` says why there is none."""
        self.choosing.show_data(problem=problem)
        self.show_lines()

    def show_lines(self) -> None:
        """Bring the lines above and below the panes up to date."""
        focused, running = self.watching.run_under_cursor, self.board.in_state("running")
        scenario = self.choosing.scenario
        source = self.launcher.sources.get(scenario.dataset)
        arrangement = self.workbench.arrangement
        self.query_one(StatusLine).show(
            scenario=scenario.id if arrangement.is_compact else scenario.title,
            counts=self.board.counts,
            is_sample=source is not None and source.kind == "sample",
            note=with_keys(self.app, arrangement.note),
            device=self.board.device(focused),
        )
        self.charts.tell_scenario(scenario.id)
        shown = focused if focused is not None and focused.status.state in ("running", "paused") else None
        hint = with_keys(self.app, idle_line(len(self.board.in_state("queued"))))
        self.query_one(ProgressLine).show(shown or (running[-1] if running else None), hint)

    # What the user does

    def on_scenario_panel_chosen(self) -> None:
        """Another scenario is highlighted."""
        self.show_lines()

    def on_run_highlighted(self) -> None:
        """The cursor stands on another run."""
        self.show_lines()

    def on_workbench_moved(self) -> None:
        """Another pane is current, or the size has changed."""
        arrangement = self.workbench.arrangement
        for line in (self.query_one(StatusLine), self.query_one(ProgressLine), self.query_one(KeyFooter)):
            line.display = arrangement.has_lines
        self.choosing.turn_to(self.workbench.view.current)
        self.show_lines()

    def on_edit_setting(self, message: EditSetting) -> None:
        """Let the user change a value."""
        if setting := self.choosing.setting(message.key):
            accept, preview = partial(self.choosing.change, setting.key), partial(self.choosing.rates_with, setting.key)
            self.app.push_screen(EditScreen(setting, accept=accept, preview=preview))

    def on_toggle_run(self) -> None:
        """A run was put on the charts, or taken off: its log may have to be read."""
        self.feed.wake()

    def on_toggle_seeds(self) -> None:
        """The same for all seeds of a setting."""
        self.feed.wake()

    def on_open_run(self, message: OpenRun) -> None:
        """Show a run's charts alone."""
        self.workbench.open_charts(message.run_id)
        self.charts.draw()
        self.feed.wake()

    def action_edit(self) -> None:
        """Go to the values."""
        self.workbench.go_to(Pane.DETAILS)

    def action_filter(self) -> None:
        """Filter the presets."""
        self.workbench.go_to(Pane.PRESETS)
        self.query_one(PresetPanel).open_filter()

    def action_leave(self) -> None:
        """One layer out; of two filters that of the pane with the focus goes first."""
        if self.charts.has_focus_within and self.charts.drop_cursor():
            return
        self.board.overlay.opened = None
        presets, runs = self.query_one(PresetPanel), self.query_one(RunsPane)
        filters = [runs.close_filter, presets.close_filter]
        if not self.workbench.close_charts():
            any(close() for close in (filters if runs.has_focus_within else reversed(filters)))
        self._show_overlay()

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.query_one(PresetPanel).clear_marks()
        self.board.overlay.marked.clear()
        self._show_overlay()

    def action_system(self) -> None:
        """Show what the machine and the workers do now."""
        from tui_optim.runs.system import SystemMeter  # nothing that the first frame needs
        from tui_optim.ui.screens.system import SystemScreen

        lab = self.launcher.lab
        self.app.push_screen(SystemScreen(self.board, SystemMeter(lab.home), lab))

    def action_list_sweeps(self) -> None:
        """List the runs of sweeps among the others, and back."""
        self.board.is_listing_sweeps = not self.board.is_listing_sweeps
        self._show_overlay()

    def show_newest(self) -> None:
        """Put the newest runs on the charts, whichever were marked."""
        self.board.overlay.marked.clear()
        self.charts.show_alone(None)
        self._show_overlay()

    def open_runs(self, run_ids: Sequence[str] | None) -> None:
        """Put these runs on the charts, and show the charts alone."""
        if run_ids and len(run_ids) == 1:
            self.query_one(RunTable).post_message(OpenRun(run_ids[0]))
        elif run_ids:
            self.board.overlay.marked = set(run_ids)
            self.workbench.open_charts(None)
            self._show_overlay()
            if left_out := self.board.overlay.num_left_out:
                self.notify(
                    f"The charts tell {MAX_SHOWN} settings apart: the newest are on them, {left_out} older are not."
                )

    def _show_overlay(self) -> None:
        self.watching.show_overlay()
        self.feed.wake()

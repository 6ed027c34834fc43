"""The main screen: choose at the left, watch at the right."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.css.query import NoMatches
from textual.timer import Timer
from textual.widgets import Footer

from tui_optim.spec.errors import UsageError
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import SCENARIOS, Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.about import Subject
from tui_optim.ui.board import Board
from tui_optim.ui.charts import load_plotext
from tui_optim.ui.feed import Feed
from tui_optim.ui.launcher import Launcher
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import (
    EditSetting,
    ExportRuns,
    FindData,
    OpenRun,
    PauseOrResume,
    QueueRuns,
    ResetSetting,
    StopRun,
    ToggleRun,
)
from tui_optim.ui.plan import Setting
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.export import ExportRequest, ExportScreen, working_folder
from tui_optim.ui.screens.panes import PaneScreen
from tui_optim.ui.sentences import idle_line
from tui_optim.ui.watch import StoreWatch
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.log import LogPane
from tui_optim.ui.widgets.presets import PresetPanel
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.scenarios import ScenarioPanel
from tui_optim.ui.widgets.status_line import ProgressLine, StatusLine
from tui_optim.ui.widgets.workbench import Workbench

TABLE_INTERVAL_S = 0.5
DETAILS_DELAY_S = 0.08


class MainScreen(PaneScreen):
    """Everything about one laboratory."""

    AUTO_FOCUS = "#preset-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", id="filter", tooltip="filter the presets by name or family"),
        Binding("p", "pause", "Pause", id="run.pause", show=False, tooltip="pause or resume the run under the cursor"),
        Binding("t", "stop", "Stop", id="run.stop", show=False, tooltip="stop the run under the cursor; its results are kept"),
        Binding("w", "export", "Export", id="export", tooltip="write the results table to a file and to the clipboard"),
        Binding("u", "unmark", "Unmark", id="unmark", show=False, tooltip="take all marks away, of presets and of runs"),
        Binding("escape", "leave", "Back", id="leave", show=False, tooltip="one layer out: filter, charts alone"),
    ]  # fmt: skip

    def __init__(self, launcher: Launcher, *, clock: Callable[[], float] = time.time) -> None:
        """`clock` gives seconds since the epoch for the app's own sentences."""
        super().__init__()
        self.launcher = launcher
        self.board = Board()
        self.feed = Feed(StoreWatch(launcher.lab.home), self.board, on_news=self.show_news)
        self.scenario: Scenario = next(iter(SCENARIOS.values()))
        self._data_problem = ""
        self._clock = clock
        self._table_at = 0.0
        self._details_timer: Timer | None = None
        self._is_about_scenario = False
        self._subject: Subject | None = None

    def compose(self) -> ComposeResult:
        """A line, the panes, a line, the keys."""
        yield StatusLine(id="status")
        yield Workbench(self.board, self.launcher.lab.library, id="workbench")
        yield ProgressLine(id="progress")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        """Start looking; everything that may take long comes after the first frame."""
        for problem in self.launcher.lab.library.problems:
            self.say(problem)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        self._follow()
        self.run_worker(load_plotext, thread=True)

    @work(group="feed")
    async def _follow(self) -> None:
        await self.feed.run()

    def say(self, text: str) -> None:
        """Write a sentence into the log."""
        self.board.note(text, time=self._clock())
        self.query_one(LogPane).show(self.board.log)

    # What the store says

    def show_news(self) -> None:
        """Bring the screen up to date with the board; called several times a second, does only what is needed."""
        with suppress(NoMatches):  # the screen is being taken down
            self._show_news()

    def _show_news(self) -> None:
        now, table = time.monotonic(), self.query_one(RunTable)
        if now - self._table_at >= TABLE_INTERVAL_S or len(self.board.runs) != table.row_count:
            self._table_at = now
            table.show(self.board.runs)
        self.charts.draw_when_due()
        self.query_one(LogPane).show(self.board.log)
        self.show_lines()

    def refresh_all(self) -> None:
        """Bring everything up to date, however recent the last time was."""
        self.query_one(RunTable).show(self.board.runs)
        self.charts.draw()
        self.query_one(LogPane).show(self.board.log)
        self.show_lines()

    def show_lines(self) -> None:
        """Bring the lines above and below the panes up to date."""
        focused, running = self._focused_run(), self.board.in_state("running")
        source = self.launcher.sources.get(self.scenario.dataset)
        arrangement = self.workbench.arrangement
        self.query_one(StatusLine).show(
            scenario=self.scenario.id if arrangement.is_compact else self.scenario.title,
            counts=self.board.counts,
            is_sample=source is not None and source.kind == "sample",
            note=arrangement.note,
            device=self.board.device(focused),
        )
        shown = focused if focused is not None and focused.status.state in ("running", "paused") else None
        hint = idle_line(len(self.board.in_state("queued")))
        self.query_one(ProgressLine).show(shown or (running[-1] if running else None), hint)

    def show_data(self, *, problem: str = "") -> None:
        """Tell what is known about the scenario's data now; `problem` says why there is none."""
        self._data_problem = problem
        self.show_details()
        self.show_lines()

    def show_details(self) -> None:
        """Show the highlighted preset, or the scenario where its pane was in use last."""
        current = self.workbench.view.current
        if current in (Pane.SCENARIOS, Pane.PRESETS):
            self._is_about_scenario = current is Pane.SCENARIOS
        subject = Subject(
            scenario=self.scenario,
            preset=None if self._is_about_scenario else self.query_one(PresetPanel).highlighted,
            data=self.launcher.sources.get(self.scenario.dataset),
            problem=self._data_problem,
        )
        if subject != self._subject:
            self._subject = subject
            settings, problem = self._settings(subject.preset)
            text = Content.assemble(subject.text, "\n\n", (problem, "$warning")) if problem else subject.text
            self.query_one(DetailsPanel).show(text, settings, subject.more)

    # What the user does

    def on_scenario_panel_chosen(self, event: ScenarioPanel.Chosen) -> None:
        """Another scenario is highlighted."""
        self.scenario, self._data_problem = event.scenario, ""
        self.show_details()
        self.show_lines()
        self.post_message(FindData(self.scenario, self.query_one(PresetPanel).highlighted))

    def on_preset_panel_chosen(self) -> None:
        """Another preset is highlighted: tell about it once the highlight rests, so that moving on is not held up."""
        if self._details_timer is not None:
            self._details_timer.stop()
        self._details_timer = self.set_timer(DETAILS_DELAY_S, self.show_details)

    def on_workbench_moved(self) -> None:
        """Another pane is current, or the size has changed."""
        arrangement = self.workbench.arrangement
        for line in (self.query_one(StatusLine), self.query_one(ProgressLine), self.query_one(Footer)):
            line.display = arrangement.has_lines
        self.show_details()
        self.show_lines()

    def on_run_highlighted(self) -> None:
        """The cursor stands on another run."""
        self.show_lines()

    def on_start_chosen(self) -> None:
        """Queue what is chosen."""
        panel = self.query_one(PresetPanel)
        if not panel.chosen:
            self.notify("No preset is highlighted: esc clears the filter.", severity="warning")
            return
        self.post_message(QueueRuns(self.scenario, panel.chosen))
        panel.clear_marks()

    def on_edit_setting(self, message: EditSetting) -> None:
        """Let the user change a value."""
        preset = self._subject.preset if self._subject else None
        if preset is None:
            return
        plan, scenario, key = self.launcher.plan, self.scenario, message.key
        setting = next((setting for setting in self._settings(preset)[0] if setting.key == key), None)
        if setting is None:
            return
        screen = EditScreen(setting, accept=lambda text: plan.change(scenario, preset, key, text))
        self.app.push_screen(screen, lambda _: self._show_settings())

    def on_reset_setting(self, message: ResetSetting) -> None:
        """Take a value back."""
        if self._subject and self._subject.preset:
            try:
                self.launcher.plan.reset(self.scenario, self._subject.preset, message.key)
            except UsageError as error:
                self.notify(str(error), severity="warning")
            self._show_settings()

    def on_toggle_run(self, message: ToggleRun) -> None:
        """Put a run on the charts, or take it off."""
        self.board.overlay.toggle(message.run_id)
        self._show_overlay()

    def on_open_run(self, message: OpenRun) -> None:
        """Show a run's charts alone."""
        self.board.overlay.opened = message.run_id
        self._show_overlay()
        self.workbench.open_charts(message.run_id)
        self.charts.draw()

    def action_edit(self) -> None:
        """Go to the values."""
        self.workbench.go_to(Pane.DETAILS)

    def action_filter(self) -> None:
        """Filter the presets."""
        self.workbench.go_to(Pane.PRESETS)
        self.query_one(PresetPanel).open_filter()

    def action_leave(self) -> None:
        """One layer out."""
        self.board.overlay.opened = None
        if not self.workbench.close_charts():
            self.query_one(PresetPanel).close_filter()
        self._show_overlay()

    def action_unmark(self) -> None:
        """Take all marks away."""
        self.query_one(PresetPanel).clear_marks()
        self.board.overlay.marked.clear()
        self._show_overlay()

    def action_pause(self) -> None:
        """Pause or resume the run under the cursor."""
        if run := self._focused_run_or_say():
            self.post_message(PauseOrResume(run))

    def action_stop(self) -> None:
        """Stop the run under the cursor."""
        if run := self._focused_run_or_say():
            self.post_message(StopRun(run))

    def action_export(self) -> None:
        """Ask what to export, then export it."""
        scopes = self._export_scopes()
        if not scopes:
            self.notify("There is nothing to export yet: enter on a preset starts a run.")
            return
        labels = {f"{label} ({len(runs)})": runs for label, runs in scopes.items()}

        def write(request: ExportRequest | None) -> None:
            if request is not None:
                self.post_message(ExportRuns(labels[request.scope], request.format, request.path))

        self.app.push_screen(ExportScreen({label: label for label in labels}, folder=working_folder()), write)

    def _export_scopes(self) -> dict[str, list[StoredRun]]:
        board = self.board
        marked = [run for run in board.runs if run.run_id in board.overlay.marked]
        here = [run for run in board.runs if run.info.spec.scenario == self.scenario.id]
        scopes = {"Marked": marked, "On the charts": board.shown(), "This scenario": here, "All": board.runs}
        return {label: runs for label, runs in scopes.items() if runs}

    def _show_settings(self) -> None:
        if self._subject and self._subject.preset:
            settings, problem = self._settings(self._subject.preset)
            if problem:
                self.notify(problem, severity="warning")
            else:
                self.query_one(DetailsPanel).show_settings(settings)

    def _settings(self, preset: Preset | None) -> tuple[list[Setting], str]:
        """The rows of the editor, or why there are none."""
        try:
            return (self.launcher.plan.settings(self.scenario, preset) if preset else []), ""
        except UsageError as error:
            return [], str(error)

    def _show_overlay(self) -> None:
        self.board.choose()
        self.query_one(RunTable).show(self.board.runs)
        self.charts.draw()
        self.feed.wake()

    def _focused_run(self) -> StoredRun | None:
        return self.board.find(self.query_one(RunTable).highlighted_run or "")

    def _focused_run_or_say(self) -> StoredRun | None:
        run = self._focused_run()
        if run is None:
            self.notify("There is no run yet: enter on a preset starts one.")
        return run

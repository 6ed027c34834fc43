"""What the keys of the run table do with runs that need no worker: filter, pin, name, note, delete, why they died, X-rays."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui_optim.report.cells import Table
from tui_optim.report.differences import difference_table
from tui_optim.report.run_names import deletion_phrase, is_phrase
from tui_optim.spec.commands import Order
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.label import clean_name, clean_note
from tui_optim.ui.board import Board
from tui_optim.ui.feed import Feed
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import DeleteRuns, LabelRun, RerunRun, TellRun
from tui_optim.ui.names import run_name
from tui_optim.ui.screens.line import LineScreen
from tui_optim.ui.screens.panes import PaneScreen
from tui_optim.ui.widgets.runs_pane import RunsPane
from tui_optim.ui.widgets.watching import WatchingPanes

if TYPE_CHECKING:
    from tui_optim.report.figures.kinds import FigureRequest


MAX_NAMED = 4


class RunScreen(PaneScreen):
    """A screen of panes with a run table among them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "filter_runs", "Filter", id="runs.filter", show=False, tooltip="filter runs: lr>=0.01 state=diverged"),
        Binding("W", "why", "Why", id="run.why", show=False, tooltip="why the run died or came to nothing, and what to try"),
        Binding("I", "xray", "X-ray", id="run.xray", show=False, tooltip="X-ray: gradients, updates, sharpness, noise, rates"),
    ]  # fmt: skip

    board: Board
    """What is known of the runs."""
    feed: Feed
    """Reads their logs."""
    launcher: Launcher
    """Carries out what is asked of them."""

    @property
    def watching(self) -> WatchingPanes:
        """The panes at the right."""
        return self.query_one(WatchingPanes)

    def run_or_say(self) -> StoredRun | None:
        """The run under the cursor; where there is none, or several in one row, that is said."""
        run, num_runs = self.watching.run_under_cursor, self.query_one(RunsPane).table.num_highlighted
        if run is None:
            self.notify("There is no run yet: ⟪preset.queue:enter⟫ on a preset starts one.")
        elif num_runs > 1:
            self.notify(f"This row stands for {num_runs} runs: ⟪run.open:enter⟫ lists them, then choose one.")
            return None
        return run

    def run_to_change(self) -> StoredRun | None:
        """The same, where this app may change anything; that is said before the user is asked for more."""
        run = self.run_or_say()
        return None if run is None or is_refused(self, self.launcher.lab) else run

    def action_filter_runs(self) -> None:
        """Filter the runs."""
        self.workbench.go_to(Pane.RUNS)
        self.query_one(RunsPane).open_filter()

    def action_why(self) -> None:
        """Tell why the run under the cursor died or came to nothing."""
        if run := self.run_or_say():
            self._tell_why(run)

    @work(group="why", exclusive=True)
    async def _tell_why(self, run: StoredRun) -> None:
        from tui_optim.report.series import load_results  # nothing that the first frame needs
        from tui_optim.report.verdict import suggested_run, suggestion_text, verdict_of, why_no_verdict
        from tui_optim.ui.screens.why import WhyScreen

        verdict = verdict_of(run, await asyncio.to_thread(load_results, run.folder))
        if verdict is None:
            self.notify(f"{run_name(run)} {why_no_verdict(run)}.")
            return
        suggestion = suggestion_text(run.info.spec, verdict) if verdict.has_suggestion else ""

        def rerun(is_wanted: bool | None) -> None:
            if is_wanted and not is_refused(self, self.launcher.lab):
                self.post_message(RerunRun(run, suggested_run(run, verdict), suggestion))

        self.app.push_screen(WhyScreen(f"Why: {run_name(run)}", verdict, suggestion=suggestion), rerun)

    def action_xray(self) -> None:
        """Show the X-rays of the run under the cursor."""
        run = self.run_or_say()
        if run is None:
            return
        from tui_optim.ui.screens.xray import XRayScreen  # nothing that the first frame needs

        def take(one: StoredRun) -> None:
            self.post_message(TellRun(one, Order(command="xray")))

        self.app.push_screen(XRayScreen(self.board, run.run_id, take=take))
        self.feed.wake()  # its log may have to be read

    def action_pin_run(self) -> None:
        """Keep the run under the cursor at the top, or let it go."""
        if run := self.run_or_say():
            self.post_message(LabelRun(run, is_pinned=not run.label.is_pinned))

    def action_name_run(self) -> None:
        """Ask for a name."""
        run = self.run_to_change()
        if run is None:
            return

        def name(text: str | None) -> None:
            if text is not None and text != run.label.name:
                self.post_message(LabelRun(run, name=text))

        about = "Shown wherever the run is named. An empty field takes the name away."
        self.app.push_screen(
            LineScreen(f"Name of {run_name(run)}", about=about, check=clean_name, value=run.label.name), name
        )

    def action_note_run(self) -> None:
        """Ask for a note."""
        run = self.run_to_change()
        if run is None:
            return

        def note(text: str | None) -> None:
            if text is not None and text != run.label.note:
                self.post_message(LabelRun(run, note=text))

        about = "Kept with the run; ⟪runs.filter:f⟫ finds it. An empty field takes the note away."
        self.app.push_screen(
            LineScreen(f"Note about {run_name(run)}", about=about, check=clean_note, value=run.label.note), note
        )

    def action_delete_runs(self) -> None:
        """Ask, then delete the run under the cursor, or all that are marked where it is one of them."""
        run = self.run_to_change()
        if run is None:
            return
        runs = self._meant_with(run)
        busy = [one for one in runs if one.status.state in ("running", "queued")]
        if busy:
            keys = "⟪run.stop:t⟫ stops it, then ⟪run.delete:D⟫ deletes it."
            self.notify(f"{run_name(busy[0])} is {busy[0].status.state}: {keys}", severity="warning")
            return
        phrase = deletion_phrase(runs)

        def check(text: str) -> str:
            if not is_phrase(text, runs):
                raise UsageError(f"That is not {phrase!r}: nothing is deleted.")
            return text

        def delete(text: str | None) -> None:
            if text is not None:
                self.post_message(DeleteRuns(runs))

        names = ", ".join(map(run_name, runs[:MAX_NAMED])) + (" …" if len(runs) > MAX_NAMED else "")
        about = f"Log, results and checkpoints of {names} go for good. Type {phrase} to do it."
        title = f"Delete {run_name(run)}?" if len(runs) == 1 else f"Delete {len(runs)} runs?"
        self.app.push_screen(LineScreen(title, about=about, check=check, enter="delete"), delete)

    def action_differences(self) -> None:
        """Show in what the marked runs and the one under the cursor differ."""
        run = self.run_or_say()
        if run is None:
            return
        from tui_optim.ui.screens.difference import DifferenceScreen  # nothing that the first frame needs

        wanted = {*self.board.overlay.marked, run.run_id}
        runs = [one for one in self.board.runs if one.run_id in wanted]
        if len(runs) < 2:
            self.notify("A difference needs two runs: ⟪run.overlay:space⟫ marks one, then ⟪run.differ:d⟫ on another.")
            return
        self.app.push_screen(
            DifferenceScreen(difference_table(runs), runs, export=partial(self.export_comparison, stem="difference"))
        )

    @abstractmethod
    def export_comparison(
        self,
        table: Table,
        runs: Sequence[StoredRun],
        figure: "FigureRequest | None" = None,
        *,
        stem: str = "comparison",
    ) -> None:
        """Ask where to write a table of runs."""

    def _meant_with(self, run: StoredRun) -> Sequence[StoredRun]:
        """All marked runs where this is one of them, else this one."""
        marked = self.board.overlay.marked
        return [one for one in self.board.runs if one.run_id in marked] if run.run_id in marked else [run]

"""What the screens ask of the app: each request is given to who can carry it out, and its outcome told."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual import work

from tui_optim.spec.errors import UsageError
from tui_optim.store.settings import StoredSettings
from tui_optim.ui.cautions import Cautions
from tui_optim.ui.laboratory.laboratory import Laboratory
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.laboratory.plan import Plan
from tui_optim.ui.laboratory.run_desk import RunDesk
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.messages import (
    CleanUp,
    DeleteRuns,
    FindData,
    ForkRun,
    LabelRun,
    PauseOrResume,
    QueueRuns,
    Refused,
    RerunRun,
    RunsExported,
    StartExperiment,
    StartSweep,
    StopQueued,
    StopRun,
    StopRuns,
    SweepExported,
    TellRun,
    TellSweep,
)
from tui_optim.ui.outcomes import Outcomes
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.sweeping.flow import SweepFlow
from tui_optim.ui.terminal.announcing import AnnouncingApp
from tui_optim.ui.terminal.clipboard import ClipboardApp, has_clipboard
from tui_optim.ui.toasts import ToastApp


class RequestsApp(ToastApp, AnnouncingApp, ClipboardApp):
    """An app that does what its screens ask for: with runs through the launcher and the desk, with sweeps through theirs."""

    def __init__(
        self,
        lab: Laboratory,
        *,
        clock: Callable[[], float],
        stored: StoredSettings | None,
        surroundings: Surroundings | None,
        settings_path: Path | None,
    ) -> None:
        """`clock` gives seconds since the epoch."""
        super().__init__(stored=stored, surroundings=surroundings, settings_path=settings_path)
        self.launcher = Launcher(lab, Plan())
        self._main = MainScreen(self.launcher, clock=clock)
        self._outcomes = Outcomes(self, note=self._main.say, settled=self._settled)
        self._cautions = Cautions(self.launcher, warn=self._outcomes.warn)
        self._desk = RunDesk(lab.client)
        self._sweeps = SweepFlow(self, self._main)

    def on_queue_runs(self, message: QueueRuns) -> None:
        """Queue runs."""
        self._cautions.about_logout()
        waiting = self._main.board.in_state("queued")
        self._outcomes.do(self.launcher.queue(message.scenario, message.presets, waiting=waiting))
        self._cautions.about_data(message.scenario)

    def on_start_experiment(self, message: StartExperiment) -> None:
        """Queue the runs of an experiment, and go to where they can be watched."""
        self._cautions.about_logout()
        while self.screen is not self._main:
            self.pop_screen()
        self._main.show_newest()
        waiting = self._main.board.in_state("queued")
        self._outcomes.do(self.launcher.start_experiment(message.topic.experiment, waiting=waiting))

    def on_pause_or_resume(self, message: PauseOrResume) -> None:
        """Pause or resume a run."""
        self._outcomes.do(self.launcher.pause_or_resume(message.run))

    def on_stop_run(self, message: StopRun) -> None:
        """Stop a run."""
        self._outcomes.do(self.launcher.stop(message.run))

    def on_label_run(self, message: LabelRun) -> None:
        """Name a run, note something about it, or pin it."""
        name, note, is_pinned = message.name, message.note, message.is_pinned
        self._outcomes.do(self._desk.label(message.run, name=name, note=note, is_pinned=is_pinned))

    def on_delete_runs(self, message: DeleteRuns) -> None:
        """Delete runs for good."""
        self._outcomes.do(self._desk.delete(message.runs))

    def on_clean_up(self, message: CleanUp) -> None:
        """Remove checkpoints that nothing needs."""
        self._outcomes.do(self._desk.clean(keeps_best=message.keeps_best))

    def on_rerun_run(self, message: RerunRun) -> None:
        """Queue what the verdict of a run suggests."""
        waiting = self._main.board.in_state("queued")
        self._outcomes.do(self.launcher.rerun(message.run, message.spec, changes=message.changes, waiting=waiting))

    def on_fork_run(self, message: ForkRun) -> None:
        """Queue a fork."""
        self._cautions.about_logout()
        self._outcomes.do(self.launcher.fork(message.draft))

    def on_tell_run(self, message: TellRun) -> None:
        """Evaluate, keep, change rate or length, kill."""
        self._outcomes.do(self.launcher.order(message.run, message.order))

    def on_stop_queued(self, message: StopQueued) -> None:
        """Stop what waits."""
        self._outcomes.do(self.launcher.stop_queued(message.runs))

    def on_stop_runs(self, message: StopRuns) -> None:
        """Stop the runs of a sweep's point."""
        self._outcomes.do(self._sweeps.desk.stop_runs(message.runs))

    def on_tell_sweep(self, message: TellSweep) -> None:
        """Pause, stop or resume a sweep, or try its failed trials again."""
        self._outcomes.do(self._sweeps.desk.tell(message.sweep, message.command))

    def on_start_sweep(self, message: StartSweep) -> None:
        """Start a sweep and show it."""
        self._cautions.about_logout()
        self._outcomes.do(self._sweeps.desk.start(message.spec))
        self._sweeps.open()

    def on_sweep_exported(self, message: SweepExported) -> None:
        """A table goes to the clipboard too."""
        if message.text:
            self.copy_to_clipboard(message.text)
        self._outcomes.tell(f"Wrote the sweep to {_place(message.path, is_copied=bool(message.text))}.")

    def on_runs_exported(self, message: RunsExported) -> None:
        """A table goes to the clipboard too."""
        count = "1 run" if message.num_runs == 1 else f"{message.num_runs} runs"
        if message.text:
            self.copy_to_clipboard(message.text)
        self._outcomes.tell(f"Wrote {count} to {_place(message.path, is_copied=bool(message.text))}.")

    def on_refused(self, message: Refused) -> None:
        """Say why not."""
        self._outcomes.refuse(message.text)

    def on_find_data(self, message: FindData) -> None:
        """Look for data, then let a worker load it."""
        self._find_data(message)

    def action_set_slots(self, num_slots: int) -> None:
        """Set how many runs train at once."""
        self._outcomes.do(self.launcher.set_slots(num_slots))

    @work(group="data", exclusive=True)
    async def _find_data(self, message: FindData) -> None:
        try:
            await self.launcher.find_data(message.scenario)
        except UsageError as error:
            self._main.show_data(problem=str(error))
            return
        if not self._main.is_attached:  # the user has quit meanwhile
            return
        self._main.show_data()
        if message.preset is not None:
            with suppress(UsageError):  # no more than a head start: what is wrong is said when it is queued
                await self.launcher.warm_up(message.scenario, message.preset)

    def _settled(self) -> None:
        """Something was done, or was not: look at what there is now."""
        self._main.feed.wake()
        self._sweeps.wake()


def _place(path: Path, *, is_copied: bool) -> str:
    """Where something was written to."""
    return f"{path}{' and to the clipboard' if is_copied and has_clipboard() else ''}"

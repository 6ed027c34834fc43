"""Telling the run under the cursor something while it trains, and stopping those that wait."""

import asyncio
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType

from tui_optim.spec.commands import Command, Order, check_order
from tui_optim.spec.errors import UsageError, shown
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.messages import ForkRun, PauseOrResume, StopQueued, StopRun, TellRun
from tui_optim.ui.names import run_name
from tui_optim.ui.screens.confirm import ConfirmScreen
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.runs import RunScreen


class CommandingScreen(RunScreen):
    """The keys that command a run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "pause", "Pause", id="run.pause", show=False, tooltip="pause or resume the run under the cursor"),
        Binding(
            "t",
            "stop",
            "Stop",
            id="run.stop",
            show=False,
            tooltip="stop the run under the cursor; its results are kept",
        ),
        Binding("E", "tell('evaluate')", "Evaluate", id="run.evaluate", show=False, tooltip="evaluate the run now"),
        Binding(
            "K",
            "tell('checkpoint')",
            "Checkpoint",
            id="run.checkpoint",
            show=False,
            tooltip="keep a checkpoint of the run now",
        ),
        Binding(
            "left_parenthesis",
            "rate(0.5)",
            "Rate ×½",
            key_display="(",
            id="run.rate.half",
            show=False,
            tooltip="half the run's learning rate",
        ),
        Binding(
            "right_parenthesis",
            "rate(2.0)",
            "Rate ×2",
            key_display=")",
            id="run.rate.double",
            show=False,
            tooltip="double the run's learning rate",
        ),
        Binding(
            "F",
            "fork",
            "Fork",
            id="run.fork",
            show=False,
            tooltip="go on from a checkpoint of the run as another: other optimizer, rate or schedule",
        ),
        Binding(
            "X",
            "extend",
            "Extend",
            id="run.extend",
            show=False,
            tooltip="give the run more epochs, also when it has finished",
        ),
    ]

    def action_fork(self) -> None:
        """Ask from where and with what, then queue a fork of the run under the cursor."""
        if run := self.run_to_change():
            self._ask_fork(run)

    @work(group="fork", exclusive=True)
    async def _ask_fork(self, run: StoredRun) -> None:
        from tui_optim.store.kept import kept_checkpoints  # nothing that the first frame needs
        from tui_optim.ui.laboratory.fork_draft import ForkDraft
        from tui_optim.ui.screens.fork import ForkScreen

        kept = await asyncio.to_thread(kept_checkpoints, run.folder)
        if not kept:
            is_over = run.status.state in AT_THEIR_END
            more = "it can only be started anew." if is_over else "⟪run.checkpoint:K⟫ keeps one while it trains."
            self.notify(f"{run_name(run)} has no checkpoint; {more}")
            return

        def fork(draft: ForkDraft | None) -> None:
            if draft is not None:
                self.post_message(ForkRun(draft))

        draft = ForkDraft(run, kept, list(self.launcher.lab.library.presets.values()))
        self.app.push_screen(ForkScreen(run_name(run), draft), fork)

    def action_pause(self) -> None:
        """Pause or resume the run under the cursor."""
        if run := self.run_or_say():
            self.post_message(PauseOrResume(run))

    def action_stop(self) -> None:
        """Stop the run under the cursor."""
        if run := self.run_or_say():
            self.post_message(StopRun(run))

    def action_tell(self, command: Command) -> None:
        """Tell the run under the cursor."""
        if run := self.run_or_say():
            self.post_message(TellRun(run, Order(command=command)))

    def action_rate(self, factor: float) -> None:
        """Multiply its rate."""
        if run := self.run_or_say():
            self.post_message(TellRun(run, Order(command="rate", value=factor)))

    def action_extend(self) -> None:
        """Ask for how many epochs it goes on."""
        run = self.run_to_change()
        if run is None:
            return

        def extend(text: str | None) -> None:
            if text:
                self.post_message(TellRun(run, _extension(text)))

        self.app.push_screen(EditScreen(_MORE_EPOCHS, accept=partial(_check, run)), extend)

    def action_kill(self) -> None:
        """Ask, then end the process of the run under the cursor."""
        run = self.run_to_change()
        if run is None:
            return
        if run.status.state != "running":
            self.notify(f"{run_name(run)} is {run.status.state}: only a running run can be killed", severity="warning")
            return

        def kill(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self.post_message(TellRun(run, Order(command="kill")))

        about = (
            "Its process ends at once. What came after its last checkpoint is lost; ⟪run.pause:p⟫ goes on from there."
        )
        self.app.push_screen(ConfirmScreen(f"Kill {run_name(run)}?", about=about), kill)

    def action_stop_queued(self) -> None:
        """Ask, then stop all runs that wait."""
        queued = self.board.in_state("queued")
        if not queued:
            self.notify("No run is queued.")
            return
        if is_refused(self, self.launcher.lab):
            return

        def stop(is_confirmed: bool | None) -> None:
            if is_confirmed:
                self.post_message(StopQueued(queued))

        runs = "the queued run" if len(queued) == 1 else f"all {len(queued)} queued runs"
        about = "Runs that train already go on. ⟪run.pause:p⟫ on a stopped run queues it again."
        self.app.push_screen(ConfirmScreen(f"Stop {runs}?", about=about), stop)


_MORE_EPOCHS = Setting(
    key="more epochs",
    text="5",
    help="the run goes on beyond its planned end; a schedule over its length then holds its last rate",
    expected="a whole number from 1",
    is_changed=False,
)


def _extension(text: str) -> Order:
    """Raises UsageError."""
    try:
        return Order(command="extend", value=float(int(text)))
    except (ValueError, OverflowError):
        raise UsageError(f"{shown(text.strip())} more epochs: expected a whole number from 1") from None


def _check(run: StoredRun, text: str) -> None:
    spec = run.info.spec
    check_order(_extension(text), spec, epochs=max(spec.epochs, run.status.epochs))

"""The way through the screens of sweeps: from the main screen to them, to a new sweep, and back to the charts.

Their modules are imported when they are needed, or ahead of that by `load`: they cost 40 ms that the first frame can do without.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any
from weakref import ref

from textual.app import App, SystemCommand
from textual.screen import Screen

from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import need_extra
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.read_only import is_refused
from tui_optim.ui.messages import StartSweep
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.widgets.presets import PresetPanel

if TYPE_CHECKING:
    from tui_optim.spec.sweeps.sweep import SweepSpec
    from tui_optim.ui.screens.sweeps import SweepsScreen
    from tui_optim.ui.sweeping.desk import Judged, SweepDesk
    from tui_optim.ui.sweeping.draft import SweepDraft

MAX_NAMED = 8


class SweepFlow:
    """Opens and closes; what sweeps do is the desk's."""

    def __init__(self, app: App[None], main: MainScreen) -> None:
        """`main` knows the runs and which presets are marked."""
        self._app = app
        self._main = main
        self._opened: Callable[[], SweepsScreen | None] = lambda: None
        """The screen that was opened last, for as long as it is there."""

    @cached_property
    def desk(self) -> "SweepDesk":
        """What carries out the user's wishes."""
        from tui_optim.ui.sweeping.desk import SweepDesk

        return SweepDesk(self._main.launcher)

    def is_open(self, screen: Screen[Any]) -> bool:
        """Whether this is the screen of sweeps."""
        return screen is self._opened()

    def open(self) -> None:
        """Show the sweeps; the runs that the user picks there come onto the charts."""
        from tui_optim.ui.screens.sweeps import SweepsScreen

        if self._app.screen is self._main:
            screen = SweepsScreen(
                self._main.board, self.desk, new=self.ask_new, export_comparison=self._main.export_comparison
            )
            self._opened = ref(screen)
            self._app.push_screen(screen, self._main.open_runs)

    def ask_new(self) -> None:
        """Ask for a sweep of the marked presets, or the highlighted one, on the highlighted scenario."""
        from tui_optim.ui.screens.new_sweep import NewSweepScreen

        if is_refused(self._main, self._main.launcher.lab):
            return
        scenario = self._main.choosing.scenario
        presets = self._main.query_one(PresetPanel).chosen
        if not presets:
            self._app.notify(
                "No preset is highlighted on the main screen: ⟪leave:esc⟫ clears its filter.", severity="warning"
            )
            return
        names = [preset.id for preset in presets]

        async def judge(draft: "SweepDraft") -> "Judged":
            return await self.desk.judge(draft.plan([scenario.id], names), self._main.board.runs)

        shown = ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
        plan = self._main.launcher.plan
        if any(plan.overrides(scenario, preset) for preset in presets):
            shown += "; values changed in the details are not taken over: set them here"
        form = NewSweepScreen(
            scenario.id, f"presets: {shown}", self.desk.draft, keep=self._keep, judge=judge, missing=_missing_extra()
        )
        self._app.push_screen(form, self._start)

    def wake(self) -> None:
        """Something was done: let the screen look."""
        screen = self._opened()
        if screen is not None and screen in self._app.screen_stack:
            screen.wake()

    def commands(self, screen: Screen[Any]) -> Iterator[SystemCommand]:
        """Actions by name, for the main screen and for that of sweeps."""
        if screen is self._main or self.is_open(screen):
            about = "a new sweep on the highlighted scenario; ⟪sweep.new:n⟫ on the sweeps screen"
            yield SystemCommand("Sweep the marked presets", with_keys(self._app, about), self.ask_new)

    def _keep(self, draft: "SweepDraft") -> None:
        self.desk.draft = draft

    def _start(self, spec: "SweepSpec | None") -> None:
        if spec is not None:
            self._main.query_one(PresetPanel).clear_marks()
            self._app.post_message(StartSweep(spec))


def _missing_extra() -> str:
    try:
        need_extra("tune", needed_by="search tpe")
    except UsageError as error:
        return str(error)
    return ""

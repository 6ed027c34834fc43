"""From the panes to what explains them: the one-step calculator and the explanations, each loaded when it is first asked for."""

from typing import Any

from textual.app import App
from textual.screen import Screen

from tui_optim.spec.errors import UsageError
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.teaching.explained import topic_of_chart, topic_of_setting
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.presets import PresetPanel
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.scenarios import ScenarioList


class Teaching:
    """Opens the screens that explain, about what the user stands on."""

    def __init__(self, app: App[None], main: MainScreen) -> None:
        """Over the app's main screen."""
        self._app, self._main = app, main

    def calculate(self) -> None:
        """Open the calculator with the highlighted preset's optimizer and the values that its run would get."""
        from tui_optim.ui.screens.step import StepScreen
        from tui_optim.ui.teaching.step_form import StepForm

        preset = self._main.query_one(PresetPanel).highlighted
        if preset is None:
            self._app.notify("No preset is highlighted: ⟪leave:esc⟫ clears the filter.", severity="warning")
            return
        try:
            form = StepForm(preset.optimizer, self._main.choosing.hyperparameters(preset))
        except UsageError as error:
            self._app.notify(f"{error}.", severity="warning")
            return
        schedule = str(preset.schedule.get("kind", "constant"))
        left_out = "" if schedule == "constant" else f"{schedule} left out: lr stays"
        self._app.push_screen(StepScreen(form, source=preset.name, left_out=left_out))

    def explain(self, screen: Screen[Any]) -> None:
        """Open the explanations at what is under the cursor of a screen."""
        from tui_optim.spec.explain.catalogue import all_topics
        from tui_optim.ui.screens.explain import ExplainScreen

        topics = all_topics(self._main.launcher.lab.library.presets)
        name = self._name(screen)
        self._app.push_screen(ExplainScreen(topics, name if topics.get(name) else "preset"))

    def _name(self, screen: Screen[Any]) -> str:
        """What the user stands on; the highlighted preset where that has no explanation of its own."""
        from tui_optim.ui.screens.picture import PictureScreen
        from tui_optim.ui.screens.race import RaceScreen
        from tui_optim.ui.screens.step import StepScreen
        from tui_optim.ui.screens.sweeps import SweepsScreen

        if isinstance(screen, StepScreen):
            return screen.form.optimizer.id
        if isinstance(screen, RaceScreen):
            return "race"
        if isinstance(screen, PictureScreen):
            return screen.topic
        if isinstance(screen, SweepsScreen):
            return "sweep"
        focused, choosing = self._main.focused, self._main.choosing
        preset = self._main.query_one(PresetPanel).highlighted
        if isinstance(focused, ScenarioList) or preset is None:
            return choosing.scenario.id
        if isinstance(focused, DetailsPanel) and (row := focused.highlighted):
            rows = {setting.key: setting.text for setting in focused.settings}
            return topic_of_setting(row, preset_id=preset.id, rows=rows)
        if isinstance(focused, Chart):
            return topic_of_chart(self._main.charts.quantity_of(focused), self._main.charts.selection.split)
        run = self._main.watching.run_under_cursor
        if isinstance(focused, RunTable) and run is not None:
            return "divergence" if run.status.state == "diverged" else run.info.spec.preset
        return preset.id

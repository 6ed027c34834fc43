"""The panes at the left: a scenario, presets, and the values that their runs would get."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.planned_rates import planned_rates
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import SCENARIOS, Scenario, all_scenarios, find_scenario
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.laboratory.launcher import Launcher
from tui_optim.ui.laboratory.run_options import DATA_KEYS
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import FindData, QueueRuns, ResetSetting
from tui_optim.ui.once import once
from tui_optim.ui.teaching.about import RATES_HEIGHT, Subject, rates_text
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.presets import PresetList, PresetPanel
from tui_optim.ui.widgets.scenarios import ScenarioList, ScenarioPanel
from tui_optim.ui.widgets.tabs import TabStrip

DETAILS_DELAY_S = 0.08
RATE_KEYS = ("lr", "epochs")
"""Rows that decide the rate over the run, beside those of the schedule."""
RATES_WIDTH = 54


class ChoosingPanes(Vertical):
    """Chooses what is queued; the details tell about what is highlighted."""

    def __init__(self, launcher: Launcher, *, id: str | None = None) -> None:
        """Choose from the launcher's presets, into its plan."""
        super().__init__(id=id)
        self.launcher = launcher
        self._told: Scenario | None = None
        """What presets and details were last brought to."""
        self._data_problem = ""
        self._details_timer: Timer | None = None
        self._is_about_scenario = False
        self._subject: Subject | None = None

    def compose(self) -> ComposeResult:
        """Two lists and the details; a strip of tabs for where they have no room beside one another."""
        yield TabStrip()
        with Vertical(id="choose"):
            yield ScenarioPanel(id="scenarios", classes="pane tabbed")
            yield PresetPanel(self.launcher.lab.library, id="presets", classes="pane tabbed")
        yield DetailsPanel(id="details", classes="pane tabbed")

    @property
    def scenario(self) -> Scenario:
        """The highlighted one, also where a key comes before the message that says so."""
        lists = self.query(ScenarioList)  # none yet before the first frame
        highlighted = lists.first().highlighted_id if lists else None
        return find_scenario(highlighted) if highlighted else next(iter(SCENARIOS.values()))

    @property
    def highlighted_preset(self) -> str | None:
        """Id of the preset under the highlight."""
        preset = self.query_one(PresetPanel).highlighted
        return preset.id if preset else None

    def highlight(self, *, scenario_id: str | None = None, preset_id: str | None = None) -> None:
        """Put the highlights on a scenario and on a preset, where they are given and there."""
        if scenario_id in all_scenarios():
            self.query_one(ScenarioList).highlight(scenario_id)
        if preset_id in self.launcher.lab.library.presets:
            panel = self.query_one(PresetPanel)
            panel.close_filter()
            panel.query_one(PresetList).highlight(preset_id)

    def show_data(self, *, problem: str = "") -> None:
        """Tell what is known about the scenario's data now; `problem` says why there is none."""
        self._data_problem = problem
        self.show_details()

    def turn_to(self, pane: Pane) -> None:
        """Tell about the preset or the scenario, whichever pane was in use last."""
        if pane in (Pane.SCENARIOS, Pane.PRESETS):
            self._is_about_scenario = pane is Pane.SCENARIOS
        self.show_details()

    def show_details(self) -> None:
        """Tell about what is highlighted now."""
        subject = Subject(
            scenario=self.scenario,
            preset=None if self._is_about_scenario else self.query_one(PresetPanel).highlighted,
            data=self.launcher.sources.get(self.scenario.dataset),
            problem=self._data_problem,
            picture_key=with_keys(self.app, "⟪picture:o⟫"),
        )
        if subject != self._subject:
            self._subject = subject
            settings, problem = self._settings()
            text = Content.assemble(subject.text, "\n\n", (problem, "$warning")) if problem else subject.text
            self.query_one(DetailsPanel).show(text, settings, subject.more, drawing=self._draw_rates)

    def setting(self, key: str) -> Setting | None:
        """The row with this key, as it is now."""
        return next((setting for setting in self._settings()[0] if setting.key == key), None)

    def hyperparameters(self, preset: Preset) -> Mapping[str, Value]:
        """Those that a run of a preset would get now; the preset's own where it does not suit the scenario."""
        try:
            return self.launcher.plan.spec(self.scenario, preset).hyperparameters
        except UsageError:
            return preset.hyperparameters

    def rates_with(self, key: str, text: str) -> Content:
        """The rate over a run if this row were so; empty where it has no part in it, or is not valid."""
        if (preset := self._preset) is None or not (key in RATE_KEYS or key.startswith("schedule.")):
            return Content()
        plan = self.launcher.plan.copy()
        try:
            plan.change(self.scenario, preset, key, text)
            return rates_text(planned_rates(plan.spec(self.scenario, preset)), RATES_WIDTH, height=RATES_HEIGHT - 1)
        except UsageError:
            return Content()

    def change(self, key: str, text: str) -> None:
        """Set a row to what the user typed. Raises UsageError and changes nothing when it is not valid."""
        if preset := self._preset:
            self.launcher.plan.change(self.scenario, preset, key, text)
            self._after_change(key)

    def on_reset_setting(self, message: ResetSetting) -> None:
        """Take a row back."""
        if preset := self._preset:
            try:
                self.launcher.plan.reset(self.scenario, preset, message.key)
            except UsageError as error:
                self.notify(str(error), severity="warning")
            self._after_change(message.key)

    def on_scenario_panel_chosen(self) -> None:
        """Another scenario is highlighted."""
        self._turn_to_scenario()

    def on_preset_panel_chosen(self) -> None:
        """Another preset is highlighted: tell about it once the highlight rests, so that moving on is not held up."""
        if self._details_timer is not None:
            self._details_timer.stop()
        self._details_timer = once(self, DETAILS_DELAY_S, self.show_details)

    def on_start_chosen(self) -> None:
        """Queue what is chosen."""
        self._turn_to_scenario()
        panel = self.query_one(PresetPanel)
        if not panel.chosen:
            self.notify("No preset is highlighted: ⟪leave:esc⟫ clears the filter.", severity="warning")
            return
        self.post_message(QueueRuns(self.scenario, panel.chosen))
        panel.clear_marks()

    def _turn_to_scenario(self) -> None:
        """Presets, details and data of the scenario that is highlighted now."""
        scenario = self.scenario
        if scenario != self._told:
            self._told, self._data_problem = scenario, ""
            self.query_one(PresetPanel).show_for(scenario)
            self.show_details()
            self._find_data()

    @property
    def _preset(self) -> Preset | None:
        """The preset that the details tell about."""
        return self._subject.preset if self._subject else None

    def _settings(self) -> tuple[list[Setting], str]:
        """The rows of the editor, or why there are none."""
        try:
            return (self.launcher.plan.settings(self.scenario, self._preset) if self._preset else []), ""
        except UsageError as error:
            return [], str(error)

    def _draw_rates(self, width: int) -> Content:
        """The rate over a run as it is planned now."""
        if self._preset is None:
            return Content()
        try:
            return rates_text(planned_rates(self.launcher.plan.spec(self.scenario, self._preset)), width)
        except UsageError:  # the details say why there is no run
            return Content()

    def _after_change(self, key: str) -> None:
        settings, problem = self._settings()
        if problem:
            self.notify(problem, severity="warning")
        else:
            self.query_one(DetailsPanel).show_settings(settings, drawing=self._draw_rates)
        if key in DATA_KEYS:
            self._find_data()

    def _find_data(self) -> None:
        self.post_message(FindData(self.scenario, self.query_one(PresetPanel).highlighted))

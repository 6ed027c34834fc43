"""The scenario panel."""

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui_optim.spec.scenarios import Scenario, all_scenarios
from tui_optim.ui.messages import StartChosen
from tui_optim.ui.widgets.choice_list import ChoiceList


class ScenarioList(ChoiceList):
    """The scenarios."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "queue",
            "Queue",
            key_display="enter",
            id="scenario.queue",
            tooltip="queue the chosen presets on this scenario",
        ),
    ]

    def action_queue(self) -> None:
        """Queue the chosen presets on the highlighted scenario."""
        self.post_message(StartChosen())


class ScenarioPanel(Vertical):
    """Chooses what is trained."""

    class Chosen(Message):
        """The highlight stands on another scenario."""

    def compose(self) -> ComposeResult:
        """The list alone."""
        names = panel_names(list(all_scenarios().values()))
        yield ScenarioList(*(Option(Content(f" {name}"), id=one) for one, name in names.items()), id="scenario-list")

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say which scenario is highlighted."""
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Chosen())


def panel_names(scenarios: Sequence[Scenario]) -> dict[str, str]:
    """What stands in the panel, by id: the title, after the id where files of the user's have given it twice."""
    titles = Counter(scenario.title for scenario in scenarios)
    return {one.id: f"{one.id}: {one.title}" if titles[one.title] > 1 else one.title for one in scenarios}

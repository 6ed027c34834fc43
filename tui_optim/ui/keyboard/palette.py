"""What the palette finds beside actions: scenarios, presets, runs and settings by name. Each hit says what enter does.

A word filter comes first, and only what passes is ranked: a thousand runs are looked through between two keys.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from textual.command import Hit, Hits, Provider
from textual.screen import Screen
from textual.style import Style

from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import all_scenarios
from tui_optim.spec.settings import FIELDS, choices, value_text
from tui_optim.ui.layout import Pane
from tui_optim.ui.messages import QueueRuns
from tui_optim.ui.names import run_name
from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.screens.main import MainScreen

MAX_HITS = 40
"""Of each kind: the first that match, for runs the newest."""


class Entry(NamedTuple):
    """What can be found."""

    text: str
    help: str
    """What enter does."""
    action: Callable[[], None]


class EntryProvider(Provider):
    """Finds entries that have all typed words in them."""

    def __init__(self, screen: Screen[Any], match_style: Style | None = None) -> None:
        """As Textual makes it: `screen` is the one below the palette."""
        super().__init__(screen, match_style)
        self._entries: list[tuple[str, Entry]] = []

    @abstractmethod
    def entries(self) -> Iterator[Entry]:
        """All of them, the more welcome first."""

    async def startup(self) -> None:
        """Collect them once for all keys that are typed."""
        self._entries = [(entry.text.lower(), entry) for entry in self.entries()]

    async def search(self, query: str) -> Hits:
        """Those that match."""
        words, matcher = query.lower().split(), self.matcher(query)
        found = (entry for text, entry in self._entries if all(word in text for word in words))
        for _, entry in zip(range(MAX_HITS), found, strict=False):
            score = matcher.match(entry.text)
            yield Hit(max(score, 0.01), matcher.highlight(entry.text), entry.action, entry.text, entry.help)


class ScenarioProvider(EntryProvider):
    """Goes to a scenario."""

    def entries(self) -> Iterator[Entry]:
        """On the main screen all of them."""
        if isinstance(screen := self.screen, MainScreen):
            for scenario in all_scenarios().values():
                go = partial(_go_to, screen, Pane.SCENARIOS, scenario_id=scenario.id)
                yield Entry(f"Scenario: {scenario.title} ({scenario.id})", "enter goes there", go)


class PresetProvider(EntryProvider):
    """Goes to a preset, or queues it."""

    def entries(self) -> Iterator[Entry]:
        """On the main screen all of them."""
        if isinstance(screen := self.screen, MainScreen):
            title = screen.choosing.scenario.title
            for preset in screen.launcher.lab.library.presets.values():
                name = f"{preset.name} ({preset.id})"
                go = partial(_go_to, screen, Pane.PRESETS, preset_id=preset.id)
                yield Entry(f"Preset: {name}", "enter goes there", go)
                yield Entry(f"Queue: {name}", f"enter queues it on {title}", partial(_queue, screen, preset))


class RunProvider(EntryProvider):
    """Opens a run."""

    def entries(self) -> Iterator[Entry]:
        """On the main screen all that are listed, the newest first."""
        if isinstance(screen := self.screen, MainScreen):
            for run in reversed(screen.board.listed):
                text = f"Run: {run_name(run)} on {run.info.spec.scenario}, {run.status.state} ({run.run_id})"
                yield Entry(text, "enter shows its charts alone", partial(screen.open_runs, [run.run_id]))


class SettingProvider(EntryProvider):
    """Changes a setting."""

    def entries(self) -> Iterator[Entry]:
        """A line for each value that it may have; those without a list are typed in the settings screen."""
        if not isinstance(app := self.app, PersonalApp):
            return
        for name in FIELDS:
            now = value_text(app.preferences.settings, name)
            for value in choices(name):
                change = partial(app.preferences.keep, name, value)
                yield Entry(f"Setting: {name} {value}", f"enter sets it; it is {now} now", change)
            if not choices(name):
                yield Entry(f"Setting: {name} {now}", "enter opens the settings", app.action_settings)


def _go_to(screen: MainScreen, pane: Pane, *, scenario_id: str | None = None, preset_id: str | None = None) -> None:
    screen.choosing.highlight(scenario_id=scenario_id, preset_id=preset_id)
    screen.workbench.go_to(pane)


def _queue(screen: MainScreen, preset: Preset) -> None:
    screen.choosing.post_message(QueueRuns(screen.choosing.scenario, [preset]))

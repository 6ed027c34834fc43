"""An app that follows its user's settings, and lets them be changed from any screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from tui_optim.spec.settings import Settings
from tui_optim.store.settings import StoredSettings
from tui_optim.ui.look.preferences import Preferences
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.look.theme import FALLBACK_VARIABLES

MARKER_TOLD_S = 1.5


class PersonalApp(App[None]):
    """Theme, characters and keys are those of the settings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("B", "turn_ground", "Light or dark", id="ground", show=False, tooltip="light or dark"),
        Binding("A", "turn_marker", "Marker", id="marker", show=False, tooltip="curves of braille, dots, blocks, ASCII"),
        Binding("O", "settings", "Settings", id="settings", show=False, tooltip="settings: colours, characters, keys, …"),
    ]  # fmt: skip

    def __init__(
        self,
        *,
        stored: StoredSettings | None = None,
        surroundings: Surroundings | None = None,
        settings_path: Path | None = None,
    ) -> None:
        """Without a path, what is changed holds until the end."""
        super().__init__()
        stored, surroundings = stored or StoredSettings(Settings()), surroundings or Surroundings()
        self.preferences = Preferences(self, stored, surroundings, path=settings_path, on_change=self.follow)
        self.preferences.begin()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Series colours for themes that have none."""
        return FALLBACK_VARIABLES

    def get_line_filters(self) -> Sequence[LineFilter]:
        """With the one that maps characters, where there is something to map."""
        glyphs = self.preferences.filter
        return [*super().get_line_filters(), *([glyphs] if glyphs.enabled else [])]

    def on_mount(self) -> None:
        """Keep what is chosen from the list of all themes."""
        self.theme_changed_signal.subscribe(self, lambda theme: self.preferences.take_theme(theme.name))

    def follow(self, name: str) -> None:
        """A setting is another one."""

    def action_settings(self) -> None:
        """Show and change the settings."""
        from tui_optim.ui.screens.settings import SettingsScreen  # knows all keys: nothing that the first frame needs

        if not isinstance(self.screen, SettingsScreen):
            self.push_screen(SettingsScreen(self.preferences))

    def action_turn_ground(self) -> None:
        """From dark to light and back."""
        self.preferences.turn_ground()

    def action_turn_marker(self) -> None:
        """Other characters for the curves."""
        self.notify(f"Curves are made of {self.preferences.turn_marker()}.", timeout=MARKER_TOLD_S)


def is_ascii_only(app: App[Any]) -> bool:
    """Whether an app shows nothing but ASCII: pictures of half blocks need another way to be drawn."""
    return isinstance(app, PersonalApp) and app.preferences.is_ascii

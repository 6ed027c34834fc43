"""The settings at work: how they reach the app, and how the app changes them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App
from textual.widget import Widget

from tui_optim.spec.errors import UsageError
from tui_optim.spec.settings import KEYS, MARKERS, Settings, with_value
from tui_optim.store.settings import StoredSettings, store_setting
from tui_optim.ui.look.appearance import THEMES, setting_name, starting_theme, theme_name, turned
from tui_optim.ui.look.glyphs import GlyphFilter
from tui_optim.ui.look.surroundings import Surroundings


class Preferences:
    """The user's settings in this app; what is changed here is in the file at once."""

    def __init__(
        self,
        app: App[Any],
        stored: StoredSettings,
        surroundings: Surroundings,
        *,
        path: Path | None,
        on_change: Callable[[str], None],
    ) -> None:
        """`path` is the file that changes go to, None for none; `on_change` is told what is another one now."""
        self._app = app
        self._path = path
        self._on_change = on_change
        self.settings = stored.settings
        self.problems = list(stored.problems)
        self.surroundings = surroundings
        self.keymap: dict[str, str] = {}
        """The user's keys that are in use, by id."""
        self.filter = GlyphFilter(stored.settings.marker, is_ascii=self.is_ascii)
        """Maps what the terminal gets."""

    @property
    def is_ascii(self) -> bool:
        """Whether nothing but ASCII is shown."""
        return self.surroundings.is_ascii(self.settings)

    @property
    def path(self) -> Path | None:
        """Where the settings are."""
        return self._path

    def begin(self) -> None:
        """Before the first frame."""
        for theme in THEMES.values():
            self._app.register_theme(theme)
        self._app.theme = self._theme()
        if os.environ.get("SSH_CONNECTION"):
            self._app.animation_level = "none"

    def set_keys(self) -> list[str]:
        """Put the user's keys to use; returns a sentence for each that cannot be."""
        if not self.settings.keys and not self.keymap:
            return []
        from tui_optim.ui.keyboard.keymap import judged  # knows all screens: nothing that the first frame needs

        self.keymap, problems = judged(self.settings.keys)
        self._app.set_keymap(self.keymap)
        return problems

    def change(self, name: str, text: str | None) -> None:
        """Set a value, or None for its default, and write it. Raises UsageError: nothing has changed then."""
        if self._path is not None:
            self.settings = store_setting(name, text, path=self._path)
        else:
            self.settings = _changed(self.settings, name, text)
        if name.partition(".")[0] == KEYS:
            self.set_keys()
        elif name == "theme":
            self._app.theme = self._theme()
        elif name in ("marker", "characters"):
            self.filter = GlyphFilter(self.settings.marker, is_ascii=self.is_ascii)
            self._refresh()
        self._on_change(name)

    def turn_ground(self) -> None:
        """From dark to light and back."""
        self.keep("theme", turned(self._app.theme, is_dark=self._app.current_theme.dark))

    def turn_marker(self) -> str:
        """The next kind of curves; returns which."""
        following = MARKERS[(MARKERS.index(self.settings.marker) + 1) % len(MARKERS)]
        self.keep("marker", following)
        return following

    def take_theme(self, name: str) -> None:
        """The user has chosen a theme from the list of all."""
        if name != theme_name(self.settings.theme) and name != self._theme():
            self.keep("theme", setting_name(name))

    def keep(self, name: str, text: str) -> None:
        """Set a value for now, also where the file cannot be written."""
        try:
            self.change(name, text)
        except UsageError as error:
            path, self._path = self._path, None
            self.change(name, text)
            self._path = path
            self._app.notify(f"This holds until you leave: {error}", severity="warning")

    def _theme(self) -> str:
        return starting_theme(
            self.settings.theme,
            is_dark=self.surroundings.is_dark,
            color_system=self._app.console.color_system,
            is_colourless=self._app.no_color,
        )

    def _refresh(self) -> None:
        for screen in self._app.screen_stack:
            for widget in screen.walk_children(Widget):
                widget.refresh()


def _changed(settings: Settings, name: str, text: str | None) -> Settings:
    table, _, key = name.partition(".")
    if table != KEYS or not key:
        return with_value(settings, name, getattr(Settings(), name, None) if text is None else text)
    keys = {one: value for one, value in settings.keys.items() if one != key} | ({} if text is None else {key: text})
    return with_value(settings, KEYS, keys)

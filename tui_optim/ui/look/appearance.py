"""Which theme a terminal gets: what the user has set, else what the terminal says of its ground and its colours."""

from collections.abc import Mapping

from textual.theme import Theme

from tui_optim.ui.look.ansi_themes import ANSI_DARK, ANSI_LIGHT
from tui_optim.ui.look.safe_themes import SAFE_DARK, SAFE_LIGHT
from tui_optim.ui.look.theme import DARK, LIGHT

PREFIX = "tui-optim-"
THEMES: Mapping[str, Theme] = {
    theme.name.removeprefix(PREFIX): theme for theme in (DARK, LIGHT, SAFE_DARK, SAFE_LIGHT, ANSI_DARK, ANSI_LIGHT)
}
"""Ours, by what the setting calls them."""
FEW_COLOURS = (None, "standard")
"""What rich calls a terminal of 16 colours or fewer."""


def starting_theme(setting: str, *, is_dark: bool | None, color_system: str | None, is_colourless: bool = False) -> str:
    """Name of the theme to start with; dark where the terminal does not say what its ground is.

    Without colour (NO_COLOR) the sixteen would leave nothing to see the cursor by; the others become greys.
    """
    if setting != "auto":
        return theme_name(setting)
    ground = "light" if is_dark is False else "dark"
    few = color_system in FEW_COLOURS and not is_colourless
    return theme_name(f"16-{ground}" if few else ground)


def turned(name: str, *, is_dark: bool) -> str:
    """Setting of the same family's theme on the other ground; for a foreign theme, which `is_dark` or not, our plain one."""
    own = setting_name(name)
    if own not in THEMES:
        return "light" if is_dark else "dark"
    return own.removesuffix("dark") + "light" if own.endswith("dark") else own.removesuffix("light") + "dark"


def theme_name(setting: str) -> str:
    """What Textual calls it."""
    return THEMES[setting].name if setting in THEMES else setting


def setting_name(name: str) -> str:
    """What the setting calls it."""
    return name.removeprefix(PREFIX)

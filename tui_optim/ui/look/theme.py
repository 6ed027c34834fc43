"""Colours: a dark and a light theme, with eight colours for series.

The series colours follow Okabe & Ito 2008, lightened or darkened to stand out on each background and moved so that a terminal
of 16 colours shows eight (light: seven) different ones. `safe_themes` keeps to what all kinds of colour vision tell apart,
`ansi_themes` to what any terminal of 16 colours has.
"""

from collections.abc import Mapping
from functools import cache

from textual.color import Color
from textual.theme import Theme

_DARK_SERIES = ("#56b4e9", "#e69f00", "#30c060", "#ee77dd", "#f0e442", "#f46d43", "#7f8cff", "#d0d0d0")
_LIGHT_SERIES = ("#0072b2", "#a85a00", "#007a3d", "#a8327d", "#c0201a", "#3a3fd8", "#444444", "#7a6a00")

HEAT = ("#f6e626", "#4fc25a", "#159a9c", "#2a4fb0", "#3b0f70")
"""Backgrounds of a heat map from the best to the worst, on either theme: each is darker than the one before, also without hue.

Five different colours in a terminal of 16 as well: bright yellow, bright green, cyan, bright blue, blue.
"""
HEAT_TEXT = ("#101418", "#101418", "#101418", "#ffffff", "#ffffff")
_HEAT = {f"heat-{level}": colour for level, colour in enumerate(HEAT)} | {
    f"heat-text-{level}": colour for level, colour in enumerate(HEAT_TEXT)
}

DARK = Theme(
    name="tui-optim-dark",
    primary="#56b4e9",
    secondary="#8da0f5",
    accent="#e69f00",
    foreground="#d7dce2",
    background="#101418",
    surface="#101418",
    panel="#1b2229",
    success="#2fbf8f",
    warning="#e6b422",
    error="#f0655a",
    dark=True,
    variables={
        "border": "#56b4e9",
        "border-blurred": "#3a4651",
        "block-cursor-background": "#25506e",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#222b34",
        "block-cursor-blurred-foreground": "#d7dce2",
        "footer-background": "#161c22",
        "footer-key-foreground": "#e69f00",
        "footer-description-foreground": "#9aa7b4",
        "scrollbar": "#3a4651",
        "scrollbar-background": "#161c22",
        "scrollbar-corner-color": "#161c22",
        "scrollbar-background-hover": "#161c22",
        "scrollbar-background-active": "#161c22",
        "quiet": "#8493a1",
        "faint": "#5b6975",
        **{f"series-{index}": colour for index, colour in enumerate(_DARK_SERIES)},
        **_HEAT,
    },
)

LIGHT = Theme(
    name="tui-optim-light",
    primary="#0072b2",
    secondary="#4b4fc4",
    accent="#a85400",
    foreground="#1f262d",
    background="#fbfbf9",
    surface="#fbfbf9",
    panel="#eceeec",
    success="#00795a",
    warning="#8a6400",
    error="#b3261e",
    dark=False,
    variables={
        "border": "#0072b2",
        "border-blurred": "#c3cad0",
        "block-cursor-background": "#0072b2",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#dfe5e9",
        "block-cursor-blurred-foreground": "#1f262d",
        "footer-background": "#eceeec",
        "footer-key-foreground": "#a85400",
        "footer-description-foreground": "#4d5a65",
        "scrollbar": "#c3cad0",
        "scrollbar-background": "#eceeec",
        "scrollbar-corner-color": "#eceeec",
        "scrollbar-background-hover": "#eceeec",
        "scrollbar-background-active": "#eceeec",
        "quiet": "#5a6772",
        "faint": "#93a0aa",
        **{f"series-{index}": colour for index, colour in enumerate(_LIGHT_SERIES)},
        **_HEAT,
    },
)

FALLBACK_VARIABLES = {
    name: value for name, value in DARK.variables.items() if name.startswith(("series-", "heat-", "quiet", "faint"))
}
"""For Textual's own themes, which know nothing of series and heat maps."""


LEAST_CONTRAST = 2.0
"""Of a coloured text on a cursor; the texts of a theme have 4.5 and more on its ground."""


def ink(variables: Mapping[str, str], name: str) -> str:
    """A colour of the theme for rich, which calls the terminal's own colours by other names than Textual."""
    return variables[name].removeprefix("ansi_")


@cache
def is_legible(text: str, ground: str) -> bool:
    """Whether a colour can be read on another, both as `#rrggbb`, by the contrast ratio of WCAG 2.1."""
    bright, dim = sorted((_luminance(Color.parse(colour)) for colour in (text, ground)), reverse=True)
    return (bright + 0.05) / (dim + 0.05) >= LEAST_CONTRAST


def _luminance(colour: Color) -> float:
    shares = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized)
    return sum(weight * share for weight, share in zip((0.2126, 0.7152, 0.0722), shares, strict=True))

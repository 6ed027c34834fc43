"""Themes of the terminal's own sixteen colours, by their names alone: its scheme decides what they look like.

Series take the six hues, the colour of text, and bright magenta: many schemes (Solarized) make greys of most bright
colours, but these eight differ in all of them. Nothing is dimmed or blended, and the ground is the terminal's.
"""

from textual.theme import Theme

_HUES = ("cyan", "yellow", "green", "magenta", "red", "default", "bright_magenta", "blue")
_HUES_ON_LIGHT = ("blue", "red", "green", "magenta", "cyan", "default", "bright_magenta", "yellow")
_HEAT = {
    **{f"heat-{level}": f"ansi_{name}" for level, name in enumerate(("yellow", "green", "cyan", "blue", "magenta"))},
    **{f"heat-text-{level}": "ansi_black" if level < 3 else "ansi_bright_white" for level in range(5)},
}


def _variables(series: tuple[str, ...], *, border: str, quiet: str, ground: str, text: str) -> dict[str, str]:
    return {
        "ansi-background": ground,
        "ansi-foreground": text,
        "border": border,
        "border-blurred": "ansi_bright_black",
        "block-cursor-background": "ansi_blue",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "ansi_bright_black" if text == "ansi_white" else "ansi_white",
        "block-cursor-blurred-foreground": "ansi_bright_white" if text == "ansi_white" else "ansi_black",
        "input-cursor-text-style": "reverse",
        "footer-key-foreground": border,
        "footer-description-foreground": quiet,
        "scrollbar": "ansi_bright_black",
        "scrollbar-background": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "quiet": quiet,
        "faint": "ansi_bright_black",
        **{f"series-{slot}": f"ansi_{name}" for slot, name in enumerate(series)},
        **_HEAT,
    }


def _theme(name: str, *, primary: str, secondary: str, accent: str, variables: dict[str, str], dark: bool) -> Theme:
    return Theme(
        name=name,
        ansi=True,
        primary=primary,
        secondary=secondary,
        accent=accent,
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        success="ansi_green",
        warning="ansi_yellow" if dark else "ansi_magenta",
        error="ansi_red",
        dark=dark,
        variables=variables,
    )


ANSI_DARK = _theme(
    "tui-optim-16-dark",
    primary="ansi_cyan",
    secondary="ansi_magenta",
    accent="ansi_yellow",
    variables=_variables(_HUES, border="ansi_cyan", quiet="ansi_white", ground="ansi_black", text="ansi_white"),
    dark=True,
)
ANSI_LIGHT = _theme(
    "tui-optim-16-light",
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_red",
    variables=_variables(
        _HUES_ON_LIGHT, border="ansi_blue", quiet="ansi_bright_black", ground="ansi_white", text="ansi_black"
    ),
    dark=False,
)

"""Colours that all kinds of colour vision tell apart, on dark and on light ground.

Dark: the palette of Okabe & Ito, Color Universal Design (2008), as it stands, with a light grey in place of its black.
Light: the scheme "muted" of P. Tol, Colour Schemes (SRON/EPS/TN/09-002, 2021), whose yellow and light blue are too
pale on white: black and grey stand in for them.
"""

from dataclasses import replace

from tui_optim.ui.look.theme import DARK, LIGHT

OKABE_ITO = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#0072b2", "#d0d0d0")
TOL_MUTED = ("#332288", "#cc6677", "#117733", "#aa4499", "#999933", "#882255", "#44aa99", "#000000")

SAFE_DARK = replace(
    DARK,
    name="tui-optim-safe-dark",
    success="#56b4e9",
    warning="#f0e442",
    error="#e8743b",
    variables={**DARK.variables, **{f"series-{slot}": colour for slot, colour in enumerate(OKABE_ITO)}},
)
SAFE_LIGHT = replace(
    LIGHT,
    name="tui-optim-safe-light",
    success="#0072b2",
    warning="#7a5c00",
    error="#882255",
    variables={**LIGHT.variables, **{f"series-{slot}": colour for slot, colour in enumerate(TOL_MUTED)}},
)

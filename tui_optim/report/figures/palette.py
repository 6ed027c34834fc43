"""Colours, markers and dashes: lines that differ in all three, told apart by colour-blind readers and on grey paper.

Colours are those of Okabe and Ito 2008 ("Color universal design") without the yellow, which is too light for a line on paper,
and with a wine red of Tol's (2021, "Colour schemes", SRON technical note).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

INK, QUIET, FAINT, PAPER = "#1f262d", "#5a6773", "#d5dade", "#fefefe"
"""Text and frame; what stands behind; grid lines; the page."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#882255", "#111111")
_MARKERS = ("o", "s", "^", "D", "v", "h", "<", "p", ">", "*", "d")
"""None is a cross: that marks a divergence."""
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 1.6),
    (1.4, 1.4),
    (6, 1.5, 1.4, 1.5),
    (8, 3),
    (3, 1.2, 1.2, 1.2, 1.2, 1.2),
)
MAX_LINES = 12
"""More lines cannot be told apart in one panel."""

ON_DARK: dict[str, str] = {
    INK: "#e4e8ec",
    QUIET: "#9aa7b4",
    FAINT: "#39434d",
    PAPER: "#14191e",
    "#0072b2": "#5aaee8",
    "#d55e00": "#f08a4b",
    "#009e73": "#3cc9a0",
    "#cc79a7": "#e5a3c8",
    "#e69f00": "#f2b84b",
    "#56b4e9": "#9bd6f7",
    "#882255": "#d77aa8",
    "#111111": "#ffffff",
}
"""What stands for each colour on a dark page."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a line is drawn."""

    colour: str
    marker: str
    dashes: Sequence[float]


def look(number: int) -> Look:
    """The look of the line of this number, from 0 on; neighbours differ in colour, marker and dashes."""
    return Look(
        COLOURS[number % len(COLOURS)],
        _MARKERS[number % len(_MARKERS)],
        _DASHES[number % len(_DASHES)],
    )


def themed(svg: str) -> str:
    """The element with variables for its colours, which a page sets (`variables`)."""

    def replaced(style: re.Match[str]) -> str:
        return re.sub(
            "#([0-9a-f]{6})", lambda found: f"var(--c{found[1]})" if found[0] in ON_DARK else found[0], style[0]
        )

    return re.sub(r'\bstyle="[^"]*"', replaced, svg)


def variables(*, is_dark: bool) -> str:
    """The colours as declarations of CSS variables."""
    return "".join(f"--c{light[1:]}:{dark if is_dark else light};" for light, dark in ON_DARK.items())

"""Pictures of coloured pixels, two to a cell, one above the other; they are square in most terminals.

In a terminal of 16 colours greys come out as four, and tints as whatever is nearest; without colour nothing would be left of
them. `shades` draws with characters instead: dense for light.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby

from rich.color import Color
from rich.segment import Segment
from rich.style import Style

Rgb = tuple[int, int, int]
UPPER_HALF = "▀"
SHADES = " ░▒▓█"
"""From dark to light."""


@lru_cache(maxsize=4096)
def style_of(front: Rgb | None, back: Rgb | None, *, is_bold: bool = False) -> Style:
    """A style of these colours; None leaves the terminal's own."""
    return Style(
        color=Color.from_rgb(*front) if front else None,
        bgcolor=Color.from_rgb(*back) if back else None,
        bold=is_bold or None,
    )


def half_blocks(
    pixels: Sequence[Sequence[Rgb]], marks: Mapping[tuple[int, int], tuple[str, Rgb]] | None = None
) -> list[list[Segment]]:
    """Lines of an image with an even number of rows.

    `marks` are characters with their colours by (row, column) of cells: they stand on the upper pixel's colour.
    """
    found = marks or {}
    lines: list[list[Segment]] = []
    for row in range(len(pixels) // 2):
        upper, lower = pixels[2 * row], pixels[2 * row + 1]
        cells: list[tuple[str, Rgb, Rgb, bool]] = [
            (" ", top, top, False) if top == bottom else (UPPER_HALF, top, bottom, False)
            for top, bottom in zip(upper, lower, strict=True)
        ]
        for column in range(len(cells)):
            if (row, column) in found:
                character, colour = found[row, column]
                cells[column] = (character, colour, upper[column], True)
        lines.append(
            [
                Segment(character * len(list(run)), style_of(front, back, is_bold=is_bold))
                for (character, front, back, is_bold), run in groupby(cells)
            ]
        )
    return lines


def shades(values: Sequence[Sequence[float]]) -> list[str]:
    """Lines of an image with an even number of rows whose pixels are 0 … 1: one character for two of them."""
    lines: list[str] = []
    for row in range(len(values) // 2):
        pairs = zip(values[2 * row], values[2 * row + 1], strict=True)
        lines.append("".join(SHADES[min(len(SHADES) - 1, int((a + b) / 2 * len(SHADES)))] for a, b in pairs))
    return lines


def mixed(under: Rgb, over: Rgb, share: float) -> Rgb:
    """A colour between two: `share` of the second."""
    r, g, b = (round((1 - share) * u + share * o) for u, o in zip(under, over, strict=True))
    return r, g, b


def rgb_of(style: Style, *, is_background: bool = False) -> Rgb:
    """The colour of a style as numbers; black where it has none."""
    colour = style.bgcolor if is_background else style.color
    if colour is None:
        return 0, 0, 0
    r, g, b = colour.get_truecolor()
    return r, g, b

"""The one place that maps characters: what curves are made of, and ASCII in place of all else.

Everything is drawn in braille and written in Unicode; a filter at the end of Textual's rendering maps what a terminal or a
person cannot have. It maps cell by cell, so that nothing moves: what is wider than its stand-in is cut, accents are dropped.
"""

import unicodedata
from collections.abc import Mapping

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from tui_optim.spec.settings import Marker

_BLANK = 0x2800
_LEFT, _RIGHT = (0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80)
"""Bits of a braille cell's two columns, from the top."""
_WEAVE = 0x01 | 0x04 | 0x10 | 0x80
"""The dots that a band may have (`ui.shading`)."""
_QUADRANTS = " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"
"""By upper left 1, upper right 2, lower left 4, lower right 8."""
SAMPLE = "⣀⠤⠒⠉⠒⠤⣀⡠⠊⢸⢕⢕"
"""A wave, a rise, an upright and a band."""

_ASCII_TEXT = {
    **dict(zip("●▲■◆▼★○△", "o^#%v*@A", strict=True)),
    **dict(zip("▶‖✓□↯✗✕✂◉⋯", ">|+szxx-@.", strict=True)),
    **dict(zip("━╍┊╨─│┤├┼┬┴└┘┌┐╭╮╰╯╷╵╴╶", "=-:^-||++++++++++++||--", strict=True)),
    **dict(zip("░▒▓█▀▄▌▐▘▝▖▗▞▚▛▜▙▟", ".:%#'_||''../\\####", strict=True)),
    **dict(zip("▁▂▃▅▆▇▔▏▎▍▋▊▉▕", "__...##'||||||", strict=True)),
    **dict(zip("←→↑↓↕⌫▾▸▼", "<>^v|<v>v", strict=True)),
    **dict(zip("−–—‐…·•×÷±≤≥≈∞∈√∇∂∫‖°½⅓⅔§‹›“”‘’⊙⊗∘′", "----~.oxo+<>~&e/VdS|o///S<>\"\"''.xo'", strict=True)),
    **dict(zip("αβγδεζηθικλμνξοπρστυφχψωℓϑ", "abgdezntiklmnxoprstufxywlt", strict=True)),
    **dict(zip("ΑΒΓΔΕΖΗΘΛΞΠΣΦΨΩ", "ABGDEZHTLXPSFYW", strict=True)),
    **dict(zip("⌈⌉⌊⌋", "[][]", strict=True)),
    "÷": "/",
    "\U0001f50e": "> ",
}


def _rows(bits: int, column: tuple[int, ...]) -> list[int]:
    return [row for row, bit in enumerate(column) if bits & bit]


def is_weave(bits: int) -> bool:
    """Whether the dots of a cell are of a band, not of a line."""
    return not bits & ~_WEAVE and (bits.bit_count() > 2 or bits in (0x01 | 0x04, 0x10 | 0x80))


def block_of(bits: int) -> str:
    """A braille cell in quarters of a cell."""
    if is_weave(bits):
        return "░"
    parts = (0x01 | 0x02, 0x08 | 0x10, 0x04 | 0x40, 0x20 | 0x80)
    return _QUADRANTS[sum(1 << place for place, part in enumerate(parts) if bits & part)]


def shape_of(bits: int) -> str:
    """A braille cell as the ASCII character that is most like it."""
    left, right = _rows(bits, _LEFT), _rows(bits, _RIGHT)
    if is_weave(bits):
        return ":"
    if bits.bit_count() > 5:
        return "&"
    if not left or not right:
        rows = left or right
        mean = sum(rows) / len(rows) if rows else 0.0
        return " " if not rows else "|" if len(rows) > 2 else "'" if mean < 1.0 else "." if mean > 2.0 else "-"
    start, end = sum(left) / len(left), sum(right) / len(right)
    if abs(start - end) >= 1.0:
        return "/" if start > end else "\\"
    mean = (start + end) / 2.0
    return "'" if mean < 1.0 else "_" if mean > 2.5 else "-"


_OF_CURVES: Mapping[Marker, Mapping[int, str]] = {
    "braille": {},
    "dots": {_BLANK + bits: "•" if bits else " " for bits in range(256)},
    "blocks": {_BLANK + bits: block_of(bits) for bits in range(256)},
    "ascii": {_BLANK + bits: shape_of(bits) for bits in range(256)},
}


class _Ascii(dict[int, str]):
    """Stand-ins by code point; those that are not listed are found once."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if code < 0x80:
            found = character
        else:
            width = cell_len(character)
            plain = "".join(one for one in unicodedata.normalize("NFKD", character) if one.isascii())
            found = plain[:width] if len(plain) == width else plain[:1] * bool(width) or "?" * width
        self[code] = found
        return found


_WHOLE = {" ± ": "+/-", "  ∞": "inf"}
"""What no one character stands for: with the blanks beside it, in as many cells."""
ASCII = _Ascii({ord(one): plain for one, plain in _ASCII_TEXT.items()} | dict(_OF_CURVES["ascii"]))
"""For `str.translate`: any text to as many cells of ASCII."""


def sample(marker: Marker) -> str:
    """What curves look like with a marker."""
    return mapped(SAMPLE, marker, is_ascii=False)


def mapped(text: str, marker: Marker, *, is_ascii: bool) -> str:
    """A text as the app would show it."""
    return to_ascii(text) if is_ascii else text.translate(_OF_CURVES[marker])


def to_ascii(text: str) -> str:
    """A text in ASCII, cell by cell, but for signs of figures: a `+` in the place of `±` would be another figure."""
    for sign, whole in _WHOLE.items():
        text = text.replace(sign, whole)
    return text.translate(ASCII)


class GlyphFilter(LineFilter):
    """Maps every line that goes to the terminal."""

    def __init__(self, marker: Marker, *, is_ascii: bool) -> None:
        """Off where there is nothing to map."""
        super().__init__(enabled=is_ascii or marker != "braille")
        self._marker, self._is_ascii = marker, is_ascii

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments in other characters."""
        del background
        marker, is_ascii = self._marker, self._is_ascii
        return [
            segment
            if segment.text.isascii()
            else Segment(mapped(segment.text, marker, is_ascii=is_ascii), segment.style, segment.control)
            for segment in segments
        ]

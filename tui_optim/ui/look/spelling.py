"""Formulas in ASCII: where a text is broken into lines afterwards, letters and signs may be as long as their names.

`glyphs` maps what is left cell by cell, in which θ would be no more than t.
"""

import re
from collections.abc import Iterator
from itertools import accumulate

from textual.content import Content, Span

_NAMES = {
    **dict(
        zip(
            "αβγδεζηθκλμνξπρστφχψωϑ",
            [
                "alpha",
                "beta",
                "gamma",
                "delta",
                "epsilon",
                "zeta",
                "eta",
                "theta",
                "kappa",
                "lambda",
                "mu",
                "nu",
                "xi",
                "pi",
                "rho",
                "sigma",
                "tau",
                "phi",
                "chi",
                "psi",
                "omega",
                "theta",
            ],
            strict=True,
        )
    ),
    **dict(
        zip("ΓΔΘΛΞΠΣΦΨΩ", ["Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "sum", "Phi", "Psi", "Omega"], strict=True)
    ),
    **{"√": "sqrt", "∇": "grad", "∂": "d", "∞": "inf", "∈": "in", "ℓ": "loss"},
}
_SIGNS = {
    **{
        "←": "<-",
        "→": "->",
        "≤": "<=",
        "≥": ">=",
        "≈": "~=",
        "±": "+/-",
        "‖": "||",
        "…": "...",
        "½": "1/2",
        "⅓": "1/3",
    },
    **{"²": "^2", "³": "^3", "ᵀ": "^T", "ᵗ": "^t", "ᵏ": "^k", "ⁿ": "^n", "⁻": "^-", "⊙": "*", "·": "*", "×": "x"},
    **{"\u0302": "_hat", "\u0303": "_tilde", "\u0304": "_mean"},
}
_ROOT = re.compile(r"√(?:\d[\d.]*|\w[\u0300-\u036f₀-₉]*)")


def spelled(content: Content) -> Content:
    """The text with names in place of Greek letters and signs, in the same styles."""
    plain = content.plain
    if plain.isascii():
        return content
    pieces = [_piece(plain, place) for place in range(len(plain))]
    for place, last in _roots(plain):
        pieces[place], pieces[last] = f"{pieces[place].rstrip()}(", f"{pieces[last]})"
    starts = [0, *accumulate(map(len, pieces))]
    spans = [Span(starts[span.start], starts[min(span.end, len(plain))], span.style) for span in content.spans]
    return Content("".join(pieces), spans=spans)


def spelled_text(text: str) -> str:
    """The same of a text without styles."""
    return spelled(Content(text)).plain


def _roots(plain: str) -> Iterator[tuple[int, int]]:
    """Where the root of one letter or number stands, and where that ends: in ASCII it needs parentheses."""
    for found in _ROOT.finditer(plain):
        yield found.start(), found.end() - 1


def _piece(plain: str, place: int) -> str:
    character = plain[place]
    if character not in _NAMES:
        return _SIGNS.get(character, character)
    before, after = plain[place - 1 : place], plain[place + 1 : place + 2]
    left = " " if (before.isalnum() and before.isascii()) or before in ("½", "⅓") else ""
    is_letter = after in _NAMES or (after.isascii() and after.isalpha())
    return f"{left}{_NAMES[character]}{' ' if is_letter else ''}"

"""How far apart colours are for several kinds of colour vision.

Simulation: Machado, Oliveira & Fernandes, IEEE TVCG 15 (2009), severity 1.0; distance: CIE 1976 L*a*b*.
"""

import math
from itertools import combinations

Rgb = tuple[float, float, float]
_MATRICES = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
VISIONS = tuple(_MATRICES)
_TO_XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
_WHITE = (0.95047, 1.0, 1.08883)


def least_distance(colours: tuple[str, ...], vision: str) -> float:
    """Between the two of these that are hardest to tell apart."""
    places = [_lab(_seen(_linear(colour), vision)) for colour in colours]
    return min(math.dist(one, other) for one, other in combinations(places, 2))


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio, 1 to 21."""
    bright, dark = sorted((_times(_TO_XYZ, _linear(colour))[1] for colour in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _linear(colour: str) -> Rgb:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return red, green, blue


def _seen(colour: Rgb, vision: str) -> Rgb:
    red, green, blue = (min(1.0, max(0.0, part)) for part in _times(_MATRICES[vision], colour))
    return red, green, blue


def _lab(colour: Rgb) -> Rgb:
    x, y, z = (_root(part / white) for part, white in zip(_times(_TO_XYZ, colour), _WHITE, strict=True))
    return 116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)


def _root(t: float) -> float:
    return float(t ** (1.0 / 3.0)) if t > 216.0 / 24389.0 else (24389.0 / 27.0 * t + 16.0) / 116.0


def _times(matrix: tuple[Rgb, ...], colour: Rgb) -> Rgb:
    x, y, z = (sum(a * b for a, b in zip(row, colour, strict=True)) for row in matrix)
    return x, y, z

"""Ranges of an axis as users type them: `0.1..1`."""

import math

from tui_optim.spec.errors import UsageError

Range = tuple[float, float]
"""From … to, rising, both finite."""


def parse_range(text: str, *, name: str) -> Range:
    """Read `LOW..HIGH`. Raises UsageError that says what is wrong with the range of this name."""
    low, separator, high = text.strip().partition("..")
    try:
        found = float(low), float(high)
    except ValueError:
        separator, found = "", (0.0, 0.0)
    if not separator or not all(map(math.isfinite, found)):
        raise UsageError(f"{name}: a range looks like 0.1..1, not {text!r}")
    if not found[0] < found[1]:
        raise UsageError(f"{name}: {text} has no width; the lower end comes first, as in 0.1..1")
    return found


def range_text(found: Range) -> str:
    """The same, short."""
    return "..".join(f"{value:.4g}" for value in found)

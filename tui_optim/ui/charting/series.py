"""What a chart is asked to draw: lines with bands, and the limits of its axes."""

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from tui_optim.ui.charting.axis import Pattern

RAW = 50
"""Added to the slot of a line it is that of the curve that the line smooths."""
BAND = 100
"""Added to the slot of a line it is that of its band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartSeries:
    """A line of a chart."""

    xs: Sequence[float]
    ys: Sequence[float]
    slot: int
    """Which colour: 0…99; comes back in the spans."""
    marker: str = ""
    """One character set along the line, so that lines differ without colour."""
    pattern: Pattern = "solid"
    low: Sequence[float] = ()
    """Lower edge of a band around the line, for each x; a gap where it is not finite."""
    high: Sequence[float] = ()
    version: Hashable = None
    """Differs where points do, for a line that changes elsewhere than at its end."""
    is_each_marked: bool = False
    """Whether the marker stands at every point: for lines of few points that mean something by themselves."""
    is_behind: bool = False
    """Whether it is a trace behind the lines."""
    until: float = math.inf
    """What lies beyond this x is hidden; the limits stay those of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLimits:
    """Fixed limits; None, or one that is not finite, fits the data."""

    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None

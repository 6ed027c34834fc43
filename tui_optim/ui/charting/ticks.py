"""Where an axis has its ticks, and what stands beside them."""

import math
from dataclasses import dataclass

from tui_optim.ui.charting.axis import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled position on an axis."""

    value: float
    label: str


def linear_ticks(limits: Limits, *, count: int) -> list[Tick]:
    """At most about `count` ticks at 1, 2 or 5 × 10ⁿ."""
    step = _nice_step((limits.high - limits.low) / max(1, count))
    first = math.ceil(limits.low / step - 1e-9)
    last = math.floor(limits.high / step + 1e-9)
    if last - first > 4 * max(1, count):
        return []
    values = [index * step for index in range(first, last + 1)]
    return [Tick(value=value, label=_label(value, step)) for value in values]


def log_ticks(limits: Limits, *, count: int) -> list[Tick]:
    """Ticks on an axis whose limits are log10 values: decades, 1-2-5 within few decades, round numbers within a part of one."""
    first, last = math.floor(limits.low), math.ceil(limits.high)
    decades = last - first
    factors = (1, 2, 5) if decades <= max(1, count // 2) else (1,)
    stride = max(1, math.ceil(decades / max(1, count)))
    ticks = [
        Tick(value=exponent + math.log10(factor), label=_power_label(exponent, factor))
        for exponent in range(first, last + 1)
        if (exponent - first) % stride == 0
        for factor in factors
    ]
    shown = [tick for tick in ticks if limits.low - 1e-9 <= tick.value <= limits.high + 1e-9]
    if len(shown) < 2 and decades <= 2:
        plain = linear_ticks(Limits(low=10.0**limits.low, high=10.0**limits.high), count=count)
        return [Tick(value=math.log10(tick.value), label=tick.label) for tick in plain if tick.value > 0.0]
    return shown


def _nice_step(rough: float) -> float:
    exponent = math.floor(math.log10(max(rough, 1e-300)))
    base = 10.0**exponent
    for factor in (1.0, 2.0, 5.0, 10.0):
        if factor * base >= rough * (1 - 1e-9):
            return factor * base
    return 10.0 * base


def _label(value: float, step: float) -> str:
    if value == 0.0 or abs(value) < step / 1e6:
        return "0"
    largest = abs(value)
    if largest >= 1e6 or largest < 1e-4:
        return f"{value:.3g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    if largest >= 1e4 and step >= 100:
        return f"{value / 1000:g}k"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:.{decimals}f}"


def _power_label(exponent: int, factor: int) -> str:
    if -3 <= exponent <= 4:
        return f"{factor * 10.0**exponent:g}"
    return f"{factor}e{exponent}"

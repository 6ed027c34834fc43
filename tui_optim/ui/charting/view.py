"""How the charts look at their curves: window, limits, scales, smoothing and cursor, as a value with plain rules."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tui_optim.report.ranges import Range, parse_range, range_text
from tui_optim.report.series import Quantity
from tui_optim.report.smoothing import SMOOTHINGS
from tui_optim.spec.errors import UsageError
from tui_optim.ui.charting.curves import place_text
from tui_optim.ui.charting.series import ChartSeries

ZOOM = 0.5
"""A step of zooming in shows this share of what was shown."""
NARROWEST = 1e-5
"""Least share of the whole that can be shown."""
LOG_QUANTITIES: tuple[Quantity, ...] = ("loss", "gap", "grad_norm")
"""What may be on a logarithmic axis: it falls by orders of magnitude."""
EXAMPLE = "for example x=0..10 y=0.1..1; auto follows the data again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartView:
    """What both charts share, but for the limits of y, which each quantity has for itself."""

    is_log_x: bool = False
    is_log_y: bool = False
    smoothing: float = 0.0
    """Weight of the moving average; 0 smooths nothing."""
    x: Range | None = None
    """What is shown of x; None follows the data."""
    ys: tuple[tuple[Quantity, Range], ...] = ()
    """Typed limits."""
    clips_outliers: bool = True
    cursor: float | None = None
    """Where values are read off."""

    def is_log_y_of(self, quantity: Quantity) -> bool:
        """Whether this quantity is on a logarithmic axis."""
        return self.is_log_y and quantity in LOG_QUANTITIES

    def y_of(self, quantity: Quantity) -> Range | None:
        """Its typed limits, where its axis can have them."""
        found = dict(self.ys).get(quantity)
        return None if found is None or (self.is_log_y_of(quantity) and found[0] <= 0.0) else found

    def window(self, extent: Range) -> Range:
        """What is shown of x, where all there is goes over this extent."""
        low, high = self.x or extent
        if self.is_log_x and low <= 0.0:
            low = min(extent[0], high / 10.0)
        return low, high

    def with_smoothing(self, by: int) -> "ChartView":
        """More or less of it."""
        index = min(len(SMOOTHINGS) - 1, max(0, SMOOTHINGS.index(self.smoothing) + by))
        return replace(self, smoothing=SMOOTHINGS[index])

    def reset(self) -> "ChartView":
        """All there is, following the data; scales, smoothing and cursor stay."""
        return replace(self, x=None, ys=())

    def zoomed(self, factor: float, extent: Range) -> "ChartView":
        """Show `factor` times as much: around the cursor; else the right end, where it is seen, or the centre stays."""
        low, high = self._on_axis(self.window(extent))
        first, last = self._on_axis(extent)
        width = (high - low) * factor
        if factor < 1.0 and width < NARROWEST * (last - first):
            return self
        if width >= max(last, high) - min(first, low):
            return replace(self, x=None)
        at = None if self.cursor is None else self._place(self.cursor)
        if at is None or not low <= at <= high:
            at = high if high >= last else (low + high) / 2.0
        start = at - (at - low) * factor
        start = min(max(start, min(first, low)), max(last, high) - width)
        return self._showing(start, start + width)

    def panned(self, share: float, extent: Range) -> "ChartView":
        """Move what is shown by a share of its width, no further than there are points; all is shown where nothing is zoomed."""
        if self.x is None:
            return self
        low, high = self._on_axis(self.window(extent))
        first, last = self._on_axis(extent)
        by = share * (high - low)
        by = max(by, min(first - low, 0.0)) if by < 0.0 else min(by, max(last - high, 0.0))
        return self._showing(low + by, high + by) if by else self

    def with_cursor(self, share: float, extent: Range) -> "ChartView":
        """Move the cursor by a share of what is shown, which follows it; it enters from the side that it comes from."""
        low, high = self._on_axis(self.window(extent))
        first, last = self._on_axis(extent)
        if self.cursor is None:
            return replace(self, cursor=self._value(min(high, last) if share < 0.0 else max(low, first)))
        at = min(max(self._place(self.cursor) + share * (high - low), first), last)
        moved = replace(self, cursor=self._value(at))
        if self.x is not None and not low <= at <= high:
            by = at - low if at < low else at - high
            return moved._showing(low + by, high + by)
        return moved

    def on_data(self, extent: Range) -> "ChartView":
        """With its cursor where there are points: where other runs are shown it may stand beyond theirs."""
        if self.cursor is None or extent[0] <= self.cursor <= extent[1]:
            return self
        return replace(self, cursor=min(max(self.cursor, extent[0]), extent[1]))

    def on_other_axis(self, before: Range, after: Range) -> "ChartView":
        """The same shares of the way where x has another unit; typed limits of x are shares too then."""

        def moved(x: float) -> float:
            return after[0] + (x - before[0]) / (before[1] - before[0]) * (after[1] - after[0])

        if not before[1] > before[0]:
            return replace(self, x=None, cursor=None)
        x = (moved(self.x[0]), moved(self.x[1])) if self.x else None
        return replace(self, x=x, cursor=None if self.cursor is None else moved(self.cursor))

    def limits_text(self, quantity: Quantity) -> str:
        """The limits as `with_limits` reads them; '' where all follow the data."""
        y = dict(self.ys).get(quantity)
        words = [f"x={range_text(self.x)}"] if self.x else []
        return " ".join([*words, *([f"y={range_text(y)}"] if y else [])])

    def with_limits(self, text: str, quantity: Quantity) -> "ChartView":
        """Take typed limits over: x of both charts, y of this quantity. Raises UsageError."""
        view = self
        for word in text.split() or ["auto"]:
            name, separator, value = word.partition("=")
            name = name.lower()
            if name == "auto" and not separator:
                view = replace(view, x=None, ys=_without(view.ys, quantity))
            elif name not in ("x", "y") or not separator:
                raise UsageError(f"{word!r} is no limit: {EXAMPLE}")
            elif value.lower() == "auto":
                view = replace(view, x=None) if name == "x" else replace(view, ys=_without(view.ys, quantity))
            else:
                view = view._with_limit(name, parse_range(value, name=name), quantity)
        return view

    def _with_limit(self, name: str, found: Range, quantity: Quantity) -> "ChartView":
        is_log = self.is_log_x if name == "x" else self.is_log_y_of(quantity)
        if is_log and found[0] <= 0.0:
            key = "⟪chart.log-x:Y⟫" if name == "x" else "⟪chart.log:y⟫"
            raise UsageError(f"{name} is on a logarithmic axis: its limits lie above 0; {key} makes it linear")
        if name == "x":
            is_in_sight = self.cursor is not None and found[0] <= self.cursor <= found[1]
            return replace(self, x=found, cursor=self.cursor if is_in_sight else None)
        return replace(self, ys=(*_without(self.ys, quantity), (quantity, found)))

    def _place(self, x: float) -> float:
        """Where on the axis, in decades where it is logarithmic."""
        return math.log10(x) if self.is_log_x and x > 0.0 else x

    def _on_axis(self, found: Range) -> Range:
        return self._place(found[0]), self._place(found[1])

    def _value(self, place: float) -> float:
        return 10.0**place if self.is_log_x else place

    def _showing(self, low: float, high: float) -> "ChartView":
        return replace(self, x=(self._value(low), self._value(high)))


def extent_of(series: Sequence[ChartSeries], *, is_log: bool) -> Range:
    """From where to where x goes: from 0, on a logarithmic axis from the first point above it."""
    last = max((one.xs[-1] for one in series if len(one.xs)), default=0.0)
    if not last > 0.0:
        return (0.1, 1.0) if is_log else (0.0, 1.0)
    if not is_log:
        return 0.0, last
    firsts = (next((x for x in one.xs if x > 0.0), last) for one in series if len(one.xs))
    first = min(firsts)
    return (first if first < last else last / 10.0), last


def has_line_in(view: ChartView, quantity: Quantity, series: Sequence[ChartSeries]) -> bool:
    """Whether some line passes through the limits that were typed, or that the view was moved to."""
    if view.x is None and view.y_of(quantity) is None:
        return True
    (left, right), (low, high) = view.x or _ALL, view.y_of(quantity) or _ALL
    lines = ([*zip(one.xs, one.ys, strict=True)] for one in series)
    pairs = (pair for line in lines for pair in pairwise(line if len(line) > 1 else line * 2))
    return any(
        max(x, next_x) >= left and min(x, next_x) <= right and max(y, next_y) >= low and min(y, next_y) <= high
        for (x, y), (next_x, next_y) in pairs
    )


def view_words(
    view: ChartView, quantity: Quantity, *, is_smooth: bool, num_outside: int, is_empty: bool = False
) -> list[tuple[str, str]]:
    """What is unusual about a chart, each in full and in short."""
    words: list[tuple[str, str]] = [("nothing here", "nothing here")] if is_empty else []
    if is_smooth:
        words.append((f"EMA {view.smoothing:g}", f"EMA {view.smoothing:g}".replace("0.", ".")))
    if view.x is not None:
        words.append((f"zoom {place_text(view.x[0])}–{place_text(view.x[1])}", "zoom"))
    if (y := view.y_of(quantity)) is not None:
        words.append((f"y {range_text(y)}", "y set"))
    if num_outside:
        words.append((f"{num_outside} outside", f"↕{num_outside}"))
    return words


_ALL = (-math.inf, math.inf)


def _without(ys: tuple[tuple[Quantity, Range], ...], quantity: Quantity) -> tuple[tuple[Quantity, Range], ...]:
    return tuple(one for one in ys if one[0] != quantity)

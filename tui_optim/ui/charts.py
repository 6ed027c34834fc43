"""The one door to plotext.

plotext 6 draws on a C++ kernel that aborts the whole process, without a Python exception, when a line holds a NaN or a point
far outside the limits; ±inf and values ≤ 0 on a log axis raise. Diverged runs are normal here, so nothing reaches it raw:
series are cleaned, clipped to the limits, decimated and mapped to the unit square first (`ui.axis`), logarithms are taken
here, ticks are ours, and sizes without room are answered without calling it. Draw on one thread only.

plotext is imported with the first drawn chart: it costs a third of a second that the first frame does not need.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from tui_optim.ui.axis import (
    HUGE,
    Limits,
    Pattern,
    Point,
    Tick,
    clipped,
    dashes,
    decimated,
    fit_limits,
    linear_ticks,
    log_ticks,
    unbroken,
    widened,
)
from tui_optim.ui.shading import Cell, Edges, shaded, unbroken_edges

FRAME = -1
"""Slot of frame, ticks and blanks."""
BAND = 100
"""Added to the slot of a line it is that of its band."""
POINTER = 200
"""Slot of pointers."""
MIN_WIDTH, MIN_HEIGHT = 16, 4
MAX_WIDTH, MAX_HEIGHT = 1000, 400
MARKER_EVERY = 16
"""Columns between two markers on a line."""
_COLOURED = re.compile(r"\x1b\[0m(?:\x1b\[38;5;(\d+)m)?")
_FIRST_COLOUR = 16


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Points at a place on the x axis."""

    x: float
    marker: str
    is_tall: bool = False
    """Whether it goes over the whole height, behind the lines; else it stands on the axis."""


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one colour."""

    text: str
    slot: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartLimits:
    """Fixed limits; None, or one that is not finite, fits the data."""

    x: tuple[float, float] | None = None
    y: tuple[float, float] | None = None


Line = list[Span]


def draw_chart(
    series: Sequence[ChartSeries],
    *,
    width: int,
    height: int,
    x_label: str = "",
    y_label: str = "",
    log_x: bool = False,
    log_y: bool = False,
    limits: ChartLimits | None = None,
    pointers: Sequence[Pointer] = (),
    until: float = math.inf,
) -> list[Line]:
    """Draw lines, bands and pointers over a frame with ticks; `height` lines of exactly `width` cells, [] for an empty size.

    Labels are left out where there is no room. Nothing to draw, or no room, gives blank lines. `until` hides what lies
    beyond this x; the limits stay those of all.
    """
    width, height = min(width, MAX_WIDTH), min(height, MAX_HEIGHT)
    if width <= 0 or height <= 0:
        return []
    limits = limits or ChartLimits()
    if log_x:
        series = [replace(one, xs=list(map(_log, one.xs))) for one in series]
        pointers = [replace(one, x=_log(one.x)) for one in pointers]
        limits = replace(limits, x=(_log(limits.x[0]), _log(limits.x[1])) if limits.x else None)
        until = _log(until) if until > 0 else -math.inf
    pieces = _pieces(series, log_y=log_y)
    if not pieces or width < MIN_WIDTH or height < MIN_HEIGHT:
        return [[Span(" " * width, FRAME)] for _ in range(height)]
    bands = _edges(series, log_y=log_y)
    shown = [*(piece for _, piece in pieces), *_band_corners(bands)]
    x_limits, y_limits = _limits(shown, limits, log_y=log_y)
    x_ticks = (log_ticks if log_x else linear_ticks)(x_limits, count=max(2, width // 9))
    y_count = max(2, height // 2)
    y_ticks = (log_ticks if log_y else linear_ticks)(y_limits, count=y_count)
    label_width = max((len(tick.label) for tick in y_ticks), default=0)
    columns, rows = max(1, width - label_width - 1), max(1, height - 2)

    figure = _new_figure(width, height)
    _set_ticks(figure, "x", "lower", x_ticks, x_limits)
    _set_ticks(figure, "y", "left", y_ticks, y_limits)
    if x_label and height >= MIN_HEIGHT + 3:
        figure.label(x_label, "x", "lower")
    if y_label and height >= MIN_HEIGHT + 3:
        figure.label(y_label, "y", "left")
    if until < math.inf:
        series = [_cut(one, until) for one in series]
        pieces, bands = _pieces(series, log_y=log_y), _edges(series, log_y=log_y)
    lines = [
        (
            one,
            [(x_limits.fraction(x), y_limits.fraction(y)) for x, y in decimated(piece, x_limits, columns=columns)],
        )
        for one, piece in sorted(pieces, key=lambda item: item[0].pattern != "solid")
    ]
    for one, unit in lines:
        _draw_line(figure, one, unit, columns, rows)
    for one, unit in lines:
        _draw_markers(figure, one, unit, columns)
    drawn = _read_lines(figure.build().string(), width, height)
    shades = shaded([(BAND + one.slot, edges) for one, edges in bands], x_limits, y_limits, columns=columns, rows=rows)
    marks = [mark for one in pointers for mark in _pointer_cells(one, x_limits, columns=columns, rows=rows)]
    return _painted(drawn, left=label_width + 1, height=rows, shades=shades, marks=marks) if shades or marks else drawn


def _log(x: float) -> float:
    """The logarithm of base 10; NaN, which is drawn as a gap, where there is none."""
    return math.log10(x) if x > 0 else math.nan


def load_plotext() -> None:
    """Import plotext ahead of the first chart; may be called in a thread."""
    import plotext

    plotext.terminal.limit(False, False)


def _pieces(series: Sequence[ChartSeries], *, log_y: bool) -> list[tuple[ChartSeries, list[Point]]]:
    return [(one, piece) for one in series for piece in unbroken(one.xs, one.ys, log_y=log_y)]


def _edges(series: Sequence[ChartSeries], *, log_y: bool) -> list[tuple[ChartSeries, Edges]]:
    return [(one, edges) for one in series for edges in unbroken_edges(one.xs, one.low, one.high, log_y=log_y)]


def _cut(one: ChartSeries, x: float) -> ChartSeries:
    """The part up to x, with a point at x itself."""
    i = bisect_right(one.xs, x)
    if i >= len(one.xs):
        return one
    xs, (ys, low, high) = one.xs[:i], (values[:i] for values in (one.ys, one.low, one.high))
    if i and one.xs[i] > one.xs[i - 1]:
        t = (x - one.xs[i - 1]) / (one.xs[i] - one.xs[i - 1])
        ends = [
            [(1.0 - t) * values[i - 1] + t * values[i]] if i < len(values) else []
            for values in (one.ys, one.low, one.high)
        ]
        xs, ys, low, high = [*xs, x], [*ys, *ends[0]], [*low, *ends[1]], [*high, *ends[2]]
    return replace(one, xs=xs, ys=ys, low=low, high=high)


def _limits(pieces: list[list[Point]], given: ChartLimits, *, log_y: bool) -> tuple[Limits, Limits]:
    xs = (x for piece in pieces for x in (piece[0][0], piece[-1][0]))
    ys = (y for piece in pieces for _, y in piece)
    x_limits = widened(*given.x) if given.x and all(map(math.isfinite, given.x)) else fit_limits(xs)
    if given.y is None:
        return x_limits, fit_limits(ys, clip_outliers=not log_y, margin=0.04)
    bounds = [piece for value in given.y for piece in unbroken([0.0], [value], log_y=log_y)]
    fixed = [piece[0][1] for piece in bounds]
    return x_limits, widened(*fixed) if len(fixed) == 2 else fit_limits(ys, margin=0.04)


def _band_corners(bands: Sequence[tuple[ChartSeries, Edges]]) -> list[list[Point]]:
    """Both edges of the bands as lines, for the limits."""
    corners = [[(x, y) for x, *ends in edges for y in ends if abs(y) < HUGE] for _, edges in bands]
    return [piece for piece in corners if piece]


def _new_figure(width: int, height: int) -> Any:
    import plotext

    plotext.terminal.limit(False, False)
    figure = type(plotext.figure)(plotext.terminal)
    figure.theme("colorless")
    figure.legend(False)
    figure.plot_size(width, height)
    figure.ruler("x").lim(0.0, 1.0)
    figure.ruler("y").lim(0.0, 1.0)
    figure.axes(False, axis="x", side="upper")
    figure.axes(False, axis="y", side="right")
    return figure


def _set_ticks(figure: Any, axis: str, side: str, ticks: list[Tick], limits: Limits) -> None:
    positions = [min(1.0, max(0.0, limits.fraction(tick.value))) for tick in ticks]
    figure.ruler(axis, side).ticks(positions, labels=[tick.label for tick in ticks])


def _draw_line(figure: Any, series: ChartSeries, unit: list[Point], columns: int, rows: int) -> None:
    pieces = [
        piece for part in clipped(unit) for piece in dashes(part, series.pattern, dots=(2 * columns, 4 * rows)) if piece
    ]
    _add(figure, series.slot, "braille", pieces)


def _draw_markers(figure: Any, series: ChartSeries, unit: list[Point], columns: int) -> None:
    if series.marker:
        marked = _visible(unit) if series.is_each_marked else _marked(unit, series.slot, columns)
        _add(figure, series.slot, series.marker, [[point] for point in marked])


def _marked(unit: list[Point], slot: int, columns: int) -> Iterator[Point]:
    """The last visible point and points `MARKER_EVERY` columns apart, shifted by slot: lines that coincide show both."""
    visible = _visible(unit)
    if not visible:
        return
    following = (slot % 4 + 1) * MARKER_EVERY / 4
    for point in visible[:-1]:
        if point[0] * columns >= following and visible[-1][0] * columns - point[0] * columns > 3:
            yield point
            following = point[0] * columns + MARKER_EVERY
    yield visible[-1]


def _visible(unit: list[Point]) -> list[Point]:
    return [point for point in unit if 0.0 <= point[0] <= 1.0 and 0.0 <= point[1] <= 1.0]


def _add(figure: Any, slot: int, marker: str, pieces: list[list[Point]]) -> None:
    """Draw pieces of a line as one signal, broken between them; a piece of one point is a dot."""
    if not pieces:
        return
    import plotext

    xs = [x for piece in pieces for x, _ in piece]
    ys = [y for piece in pieces for _, y in piece]
    styled = plotext.marker(marker, pixel=_FIRST_COLOUR + slot)
    signal = figure.signal(xs, ys, marker=styled).lines(True)
    start = 0
    for piece in pieces:
        signal.line(start, False)
        start += len(piece)
    # plotext looks at the colour of every point to choose the next free colour; here colours are given, and this is
    # two thirds of the cost of drawing
    signal._get_unique_pixels = list
    figure.draw(signal)


def _pointer_cells(
    pointer: Pointer, x_limits: Limits, *, columns: int, rows: int
) -> Iterator[tuple[Cell, tuple[str, int]]]:
    """The cells of a pointer; the row below the area is the axis."""
    x = x_limits.fraction(pointer.x) if math.isfinite(pointer.x) else -1.0
    if 0.0 <= x <= 1.0:
        for row in range(rows) if pointer.is_tall else (rows,):
            yield (row, round(x * (columns - 1))), (pointer.marker, POINTER)


def _painted(
    lines: list[Line],
    *,
    left: int,
    height: int,
    shades: Mapping[Cell, tuple[str, int]],
    marks: Iterable[tuple[Cell, tuple[str, int]]],
) -> list[Line]:
    """The lines with marks and shades set in: marks over shades, in the area only where no line is."""
    inked = {**shades, **dict(marks)}
    painted: list[Line] = []
    for row, line in enumerate(lines):
        cells = [(character, span.slot) for span in line for character in span.text]
        for column in range(len(cells) - left):
            if (row, column) in inked and (row >= height or cells[left + column][0] in " \u2800"):
                cells[left + column] = inked[row, column]
        runs = groupby(cells, key=itemgetter(1))
        painted.append([Span("".join(character for character, _ in run), slot) for slot, run in runs])
    return painted


def _read_lines(text: str, width: int, height: int) -> list[Line]:
    lines = [_read_line(raw, width) for raw in text.split("\n")[:height]]
    return lines + [[Span(" " * width, FRAME)] for _ in range(height - len(lines))]


def _read_line(raw: str, width: int) -> Line:
    spans: Line = []
    left = width
    pieces = _COLOURED.split(raw)
    for colour, text in zip([None, *pieces[1::2]], pieces[0::2], strict=False):
        shown = text[:left]
        if shown:
            spans.append(Span(shown, int(colour) - _FIRST_COLOUR if colour else FRAME))
            left -= len(shown)
    if left:
        spans.append(Span(" " * left, FRAME))
    return spans

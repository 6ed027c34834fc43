"""What all curves have at the cursor, as rows of text: as measured, and smoothed where they are."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from tui_optim.report.series import Quantity, Split
from tui_optim.ui.charting.axis import Pattern
from tui_optim.ui.charting.series import RAW, ChartSeries

NOTHING = "–"
_HEADS: dict[Quantity, str] = {
    "loss": "loss",
    "accuracy": "acc %",
    "gap": "gap",
    "lr": "rate",
    "grad_norm": "‖∇‖",
    "throughput": "ex/s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A curve of each setting: its head, and the texts by the settings' slots."""

    head: str
    texts: dict[int, str]


def columns_at(
    x: float, quantity: Quantity, series: Sequence[ChartSeries], patterns: Sequence[tuple[Pattern, Split | None]]
) -> list[Column]:
    """What the lines of one chart have at x: a column for each (pattern, split), and one for what it smooths.

    The values are those of the points that are nearest, not of the lines between points. Several lines of a setting, its
    single runs, are the lowest and the highest value. Where a line has not begun or has ended there is none.
    """
    found: list[Column] = []
    for pattern, split in patterns:
        head = " ".join([_HEADS[quantity], *([split] if split else [])])
        lines = [one for one in series if one.pattern == pattern and len(one.xs)]
        raw, shown = ([one for one in lines if one.is_behind is behind] for behind in (True, False))
        if not shown:
            continue
        if raw:
            found.append(Column(head=head, texts=_texts(x, raw)))
        found.append(Column(head="EMA" if raw else head, texts=_texts(x, shown)))
    return found


def value_at(one: ChartSeries, x: float) -> float | None:
    """The y of the point nearest to x; None before the first and beyond the last point."""
    if not len(one.xs):
        return None
    nearest = min(max(x, one.xs[0]), one.xs[-1])
    if not math.isclose(x, nearest, rel_tol=1e-9):  # a logarithm and back is a little beside
        return None
    x, after = nearest, bisect_left(one.xs, nearest)
    is_before_nearer = after > 0 and x - one.xs[after - 1] < one.xs[after] - x
    return one.ys[after - 1 if is_before_nearer else after]


def value_text(value: float) -> str:
    """Short enough for a column, exact enough to compare."""
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if value == 0.0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{value:.2e}".replace("e-0", "e-").replace("e+0", "e")


def _texts(x: float, lines: Sequence[ChartSeries]) -> dict[int, str]:
    values: dict[int, list[float]] = {}
    for one in lines:
        value = value_at(one, x)
        there = values.setdefault(one.slot - RAW if one.is_behind else one.slot, [])
        if value is not None:
            there.append(value)
    return {slot: _range_text(there) for slot, there in values.items()}


def _range_text(values: Sequence[float]) -> str:
    texts = list(dict.fromkeys(map(value_text, sorted(values, key=lambda y: (math.isnan(y), y)))))
    return f"{texts[0]}…{texts[-1]}" if len(texts) > 1 else texts[0] if texts else NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """All that stands at the cursor."""

    place: str
    """Where the cursor is, in words."""
    columns: tuple[Column, ...]


def rows_of(
    readout: Readout, names: Sequence[tuple[int, str, str]], *, width: int, height: int
) -> list[tuple[int, str]]:
    """(slot, text) of the rows below a head of slot −1; `names` are (slot, marker, name) of the settings.

    What has no room is counted: columns at the end of the head, rows in the last one.
    """
    longest = max([len(readout.place), *(len(name) + 2 for _, _, name in names)])
    first = min(longest, max(12, width - 18, 0) if width < 40 else max(16, width // 3))
    widths = [2 + max(map(len, [one.head, *one.texts.values()])) for one in readout.columns]
    room, shown = width - first, 0
    for number, needed in enumerate(widths):
        left = 4 if number < len(widths) - 1 else 0
        if needed + left > room:
            break
        room, shown = room - needed, shown + 1
    columns = list(zip(readout.columns[:shown], widths, strict=False))
    more = f"  +{len(widths) - shown}" if shown < len(widths) else ""
    head = _cut(readout.place, first) + "".join(one.head.rjust(needed) for one, needed in columns) + more
    rows = [
        (
            slot,
            _cut(f"{marker} {name}", first)
            + "".join(one.texts.get(slot, NOTHING).rjust(size) for one, size in columns),
        )
        for slot, marker, name in names
    ]
    num_rows = max(1, height - 1)
    if len(rows) > num_rows:
        rows = [*rows[: num_rows - 1], (-1, f"+{len(rows) - num_rows + 1} more")]
    return [(-1, head), *rows]


def _cut(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"

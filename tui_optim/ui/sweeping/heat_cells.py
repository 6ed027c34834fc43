"""A heat map as text: what stands in a cell and in which style; it reads without colour as well."""

import math
from collections.abc import Iterable

from tui_optim.report.cells import Column, format_cell
from tui_optim.report.columns import measure
from tui_optim.report.heatmap import CellState, HeatCell, HeatMap

NUM_LEVELS = 5
WINNER, MORE = "★", "…"
GLYPHS: dict[CellState, str] = {
    "none": "",
    "awaited": "…",
    "queued": "·",
    "running": "▶",
    "paused": "‖",
    "finished": "",
    "pruned": "✂",
    "diverged": "↯",
    "stopped": "□",
    "failed": "✗",
}
WORDS: dict[CellState, str] = {
    "none": "not part of the sweep",
    "awaited": "to come",
    "queued": "queued",
    "running": "running",
    "paused": "paused",
    "finished": "finished",
    "pruned": "pruned",
    "diverged": "diverged",
    "stopped": "stopped",
    "failed": "failed",
}
_EXPLAINED: tuple[CellState, ...] = (
    "running",
    "paused",
    "queued",
    "awaited",
    "pruned",
    "diverged",
    "stopped",
    "failed",
)
_MANY_EPOCHS = 100
"""From here on a share says more than the epochs do."""


def metric_column(metric: str) -> Column:
    """How a metric is shown."""
    split, _, quantity = metric.partition("_")
    return measure(split, quantity)


def figure(metric: str, value: float) -> str:
    """A figure short enough for a cell: at most seven characters."""
    if not math.isfinite(value):
        return format_cell(metric_column(metric), value)
    shown = 100 * value if metric.endswith("accuracy") else value
    if 0 < abs(shown) < 0.001 or abs(shown) >= 1e5:
        return f"{shown:.1e}".replace("e-0", "e-").replace("e+0", "e")
    decimals = 2 if metric.endswith("accuracy") else max(0, 5 - len(str(int(abs(shown)))))
    return f"{shown:.{decimals}f}"


def cell_text(cell: HeatCell, metric: str) -> str:
    """`0.4862★`, `▶ 3/10`, `✂ ep 3`, `✂ 1–3` (of several seeds), `↯ ep 2`, `·`."""
    if cell.state == "finished" and cell.value is not None:
        mark = WINNER if cell.is_winner else MORE if cell.num_open else ""
        return figure(metric, cell.value) + mark
    glyph = GLYPHS[cell.state]
    if cell.state in ("running", "paused"):
        return f"{glyph} {progress_text(cell)}"
    if cell.ended_after is not None and cell.ended_after[1]:
        first, last = cell.ended_after
        return f"{glyph} ep {last}" if first == last else f"{glyph} {first}–{last}"
    return glyph or "–" * (cell.state == "finished")


def progress_text(cell: HeatCell) -> str:
    """How far a point is: epochs of one run, the share of many epochs or seeds."""
    if len(cell.trials) > 1 or cell.epochs >= _MANY_EPOCHS:
        return f"{100 * cell.epoch // max(1, cell.epochs)}%"
    return f"{cell.epoch}/{cell.epochs}"


def level(cell: HeatCell) -> int | None:
    """Which fifth of the ranks a finished cell is in, 0 the best; None for all others."""
    return None if cell.rank is None else min(NUM_LEVELS - 1, int(cell.rank * NUM_LEVELS))


def explained(drawn: HeatMap) -> list[tuple[str, str]]:
    """Glyph and word of the states that occur."""
    cells = [cell for line in drawn.cells for cell in line]
    present = {cell.state for cell in cells}
    found = [(GLYPHS[state], WORDS[state]) for state in _EXPLAINED if state in present]
    return [*([(WINNER, "best")] if any(cell.is_winner for cell in cells) else []), *found]


def extremes(cells: Iterable[HeatCell]) -> tuple[HeatCell, HeatCell] | None:
    """The best and the worst coloured cell."""
    ranked = sorted((cell for cell in cells if cell.rank is not None), key=lambda cell: cell.rank or 0.0)
    return (ranked[0], ranked[-1]) if ranked else None

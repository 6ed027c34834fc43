"""What the terminal shows: of a frame only the cells that differ from it are sent.

Textual draws a widget whole when its border changes its colour: a key that goes to another pane would send 36 kB, a second and a
half over a slow link, for two borders and the footer, which are 5.
"""

from collections.abc import Iterator, Sequence

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.control import Control
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

WORTH_SKIPPING = 8
"""Cells that are the same between two that are not: to skip fewer costs more than to send them again."""

Cell = tuple[str, Style | None]
"""A character with what combines with it, and its style; '' is the right half of the one before."""


class ChangedCells(CompositorUpdate):
    """Pieces of lines, each where it belongs."""

    def __init__(self, pieces: Sequence[tuple[int, int, Strip]]) -> None:
        """(y, x, what stands there)."""
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """What is written to the terminal."""
        return "".join(f"{Control.move_to(x, y).segment.text}{strip.render(console)}" for y, x, strip in self.pieces)


class Shown:
    """Remembers, cell by cell, what was sent; not whether the terminal still shows it."""

    def __init__(self) -> None:
        """Nothing is known."""
        self._rows: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """The terminal may show anything: the next frame is sent as it is."""
        self._rows.clear()

    def difference(self, update: CompositorUpdate) -> CompositorUpdate | None:
        """What has to be sent of an update, from now on taken as sent; None where the terminal shows it already."""
        if not isinstance(update, (ChopsUpdate, LayoutUpdate)):
            self.forget()
            return update
        changed = [
            (y, x + start, strip.crop(start, end))
            for y, x, strip in _pieces(update)
            for start, end in self._take(y, x, _cells(strip), width=strip.cell_length)
        ]
        return ChangedCells(changed) if changed else None

    def _take(self, y: int, x: int, cells: list[Cell], *, width: int) -> list[tuple[int, int]]:
        """Remember cells; returns from where to where they differ from those before."""
        if len(cells) != width:  # characters that are joined in a way that only the terminal knows
            self._rows.pop(y, None)
            return [(0, width)]
        row = self._rows.setdefault(y, [])
        row += [None] * (x + len(cells) - len(row))
        before = row[x : x + len(cells)]
        row[x : x + len(cells)] = cells
        return _runs([i for i, (new, old) in enumerate(zip(cells, before, strict=True)) if new != old], cells)


def _pieces(update: ChopsUpdate | LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    """(y, x, what is to stand there), as Textual would write it."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(line)
        return
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x < right and end > left:
                yield y, x, strip.crop(0, min(end, right) - x)


def _cells(strip: Strip) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, _ in strip:
        if text.isascii():
            cells += [(character, style) for character in text]
            continue
        for character in text:
            width = get_character_cell_size(character)
            if width == 0 and cells:
                cells[-1] = cells[-1][0] + character, cells[-1][1]
            else:
                cells += [(character, style), ("", style)][:width]
    return cells


def _runs(places: list[int], cells: list[Cell]) -> list[tuple[int, int]]:
    """Places in few pieces, none of which parts a wide character."""
    runs: list[tuple[int, int]] = []
    for place in places:
        start, end = place, place + 1
        while start > 0 and not cells[start][0]:
            start -= 1
        while end < len(cells) and not cells[end][0]:
            end += 1
        if runs and start - runs[-1][1] <= WORTH_SKIPPING:
            start = runs.pop()[0]
        runs.append((start, end))
    return runs

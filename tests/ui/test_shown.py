"""Of a frame only what differs is sent, and the terminal shows the same as if all were."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui_optim.ui.terminal.shown import WORTH_SKIPPING, ChangedCells, Shown

WIDTH, HEIGHT = 24, 3
STYLES = (Style(color="red"), Style(color="blue", bold=True))
Grid = dict[tuple[int, int], tuple[str, Style | None]]


def line(*parts: tuple[str, int], width: int = WIDTH) -> Strip:
    """Text in styles by number, cut or filled to a width."""
    return Strip([Segment(text, STYLES[number]) for text, number in parts]).adjust_cell_length(width, STYLES[0])


def whole(lines: Sequence[Strip]) -> LayoutUpdate:
    """A frame of the whole screen."""
    return LayoutUpdate([[one] for one in lines], Region(0, 0, WIDTH, len(lines)))


def part(y: int, x: int, strip: Strip, *, until: int | None = None) -> ChopsUpdate:
    """A frame of a piece of one line, of which Textual wants the cells before `until`."""
    end = x + strip.cell_length
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[y] = {0: None, x: strip} if x else {x: strip}
    ends: list[list[int]] = [[] for _ in range(HEIGHT)]
    ends[y] = [x, end] if x else [end]
    return ChopsUpdate(chops, [(y, x, until or end)], ends)


def written(grid: Grid, update: CompositorUpdate | None) -> Grid:
    """What a terminal shows after it; half a wide character is none."""
    pieces: list[tuple[int, int, Strip]] = []
    if isinstance(update, LayoutUpdate):
        pieces = [(y, 0, strip) for y, strips in enumerate(update.strips) for strip in strips]
    elif isinstance(update, ChopsUpdate):
        for y, x1, x2 in update.spans:
            pieces += [(y, x, strip.crop(0, x2 - x)) for x, strip in update.chops[y].items() if strip and x >= x1]
    elif isinstance(update, ChangedCells):
        pieces = list(update.pieces)
    for y, x, strip in pieces:
        for text, style, _ in strip:
            for character in text:
                for place in range(cell_len(character)):
                    grid[y, x] = ("" if place else character, style)
                    x += 1
    return grid


strips = st.lists(st.tuples(st.text("ab ⣿漢", max_size=9), st.integers(0, 1)), max_size=5).map(
    lambda parts: line(*parts)
)
frames = st.one_of(
    st.lists(strips, min_size=HEIGHT, max_size=HEIGHT).map(whole),
    st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, 9), strips).map(
        lambda one: part(one[0], one[1], one[2].crop(0, 12))
    ),
)


@given(st.lists(frames, max_size=6))
def test_the_terminal_shows_what_it_would_have_shown(updates: list[CompositorUpdate]) -> None:
    """Whatever follows on what: whole frames and parts, wide characters, changes of style alone."""
    shown, sparing, lavish = Shown(), Grid(), Grid()
    for update in updates:
        written(lavish, update)
        written(sparing, shown.difference(update))
        assert sparing == lavish


def test_the_same_again_is_not_sent() -> None:
    """Not one byte; after all is forgotten everything is."""
    shown, frame = Shown(), whole([line(("loss 0.5", 0))] * HEIGHT)
    assert shown.difference(frame) is not None
    assert shown.difference(frame) is None
    shown.forget()
    (first, *_) = _pieces(shown.difference(frame))
    assert first[2].cell_length == WIDTH


def test_changes_that_are_near_are_sent_in_one() -> None:
    """And those far from each other apart: between them the cursor jumps."""
    shown = Shown()
    shown.difference(whole([line(("a" * WIDTH, 0))]))
    near = "ba" + "a" * (WORTH_SKIPPING - 1) + "b"
    assert [(x, piece.text) for _, x, piece in _pieces(shown.difference(part(0, 0, line((near, 0), width=10))))] == [
        (0, near)
    ]
    far = line(("b" + "a" * 20 + "c", 0), width=22)
    assert [(x, piece.text) for _, x, piece in _pieces(shown.difference(part(0, 0, far)))] == [(9, "a"), (21, "c")]


@pytest.mark.parametrize("text", ["a👩\u200d🔬b", "e\u0301 x"])
def test_joined_characters_come_as_they_are(text: str) -> None:
    """What only the terminal knows the width of is sent whole, again and again; an accent is of its letter."""
    shown = Shown()
    strip = Strip([Segment(text, STYLES[0])])
    shown.difference(part(0, 0, strip))
    again = shown.difference(part(0, 0, strip))
    assert again is None if len(text) == 4 else "".join(piece.text for *_, piece in _pieces(again)) == text


def _pieces(update: CompositorUpdate | None) -> Sequence[tuple[int, int, Strip]]:
    assert isinstance(update, ChangedCells)
    return update.pieces

"""What has been left is let go of: screen, widgets, and the lines that these had drawn."""

import gc
import platform
from collections.abc import Callable
from functools import partial
from weakref import ref

import psutil
import pytest
from textual.screen import Screen
from textual.widget import Widget

from tests.ui.stage import FakeClient, make_app, until, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.let_go import give_memory_back
from tui_optim.ui.screens.main import MainScreen

KEYS = ("question_mark", "c", "r", "i", "H", "g")
"""Each opens a screen or a dialog that `esc` leaves."""


async def test_screens_that_were_left_are_forgotten(home: Home, client: FakeClient) -> None:
    """An app that is open all day would otherwise hold what every look at a screen has drawn."""
    for preset in ("sgd", "adam"):
        write_run(home, preset)
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        left = {}
        for key in KEYS:
            await pilot.press(key)
            await until(pilot, partial(_is_away, app), what=f"{key} opens something")
            await until(pilot, partial(_has_drawn, app.screen), what=f"what {key} opens is drawn")
            left[key] = _parts(app.screen)
            await pilot.press("escape")
            await until(pilot, lambda: not _is_away(app), what=f"{key} is left")
        await pilot.press("j")  # a key that is over is not held on to, nor is what it was sent to
        # What still reads in a thread for a screen, the machine for one, holds it until it has read.
        await until(pilot, lambda: not _kept(left), what="all that was left is let go of")
        assert _kept(left) == {}


def _is_away(app: LabApp) -> bool:
    return not isinstance(app.screen, MainScreen)


def _has_drawn(screen: Screen[object]) -> bool:
    return any(one._styles_cache._cache for one in screen.walk_children(Widget))


def _parts(screen: Screen[object]) -> list[Callable[[], object]]:
    """Weak references to its widgets, and to what holds their lines."""
    widgets = [screen, *screen.walk_children(Widget)]
    return [ref(one) for widget in widgets for one in (widget, widget._styles_cache)]


def _kept(left: dict[str, list[Callable[[], object]]]) -> dict[str, set[str]]:
    gc.collect()
    kept = {key: {type(one).__name__ for part in parts if (one := part()) is not None} for key, parts in left.items()}
    return {key: names for key, names in kept.items() if names}


def test_memory_in_gaps_is_given_back() -> None:
    """What is free between things that are held goes back to the machine; by itself the C library keeps it."""
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("only glibc can")
    process = psutil.Process()
    kept = [bytearray(4000) for _ in range(20_000)]
    for number in range(0, len(kept), 200):
        kept[number : number + 199] = [bytearray()] * 199  # one of 200 is held: no page at the end is free
    before = process.memory_info().rss
    give_memory_back()
    assert before - process.memory_info().rss > 40e6
    assert len(kept[199]) == 4000

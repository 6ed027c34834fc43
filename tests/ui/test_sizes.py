"""Every size of terminal, and any key at each of them."""

import pytest

from tests.ui.stage import FakeClient, main_screen, make_app, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui.keyboard.words import named
from tui_optim.ui.layout import Pane, View, arrange
from tui_optim.ui.widgets.workbench import Workbench

KEYS = ["tab", "4", "x", "y", "6", "7", "1", "3", "left_square_bracket", "left_square_bracket", "z", "escape", "2"]


SIZES = [(20, 5), (1, 1), (0, 0), (40, 12), (59, 40), (100, 15), (200, 50)]


async def test_the_app_survives_any_size(home: Home, client: FakeClient) -> None:
    """Shrinking to a strange size, pressing keys there and growing back leaves a working app, one size after the other."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.press(*KEYS)
            await pilot.resize_terminal(80, 24)
            await pilot.pause()
            assert main_screen(app).query_one(Workbench).view.current is Pane.PRESETS, size
            assert app.focused is not None, size
            assert app.focused.id == "preset-list", size


@pytest.mark.parametrize("width", range(0, 200, 7))
@pytest.mark.parametrize("height", [0, 1, 5, 15, 16, 24, 29, 30, 50])
def test_the_current_pane_is_always_shown(width: int, height: int) -> None:
    """Wherever the user goes, at any size, the pane is on the screen."""
    for pane in Pane:
        for is_left_hidden in (False, True):
            view = View(current=pane, tab=pane if pane <= Pane.DETAILS else Pane.PRESETS, is_left_hidden=is_left_hidden)
            arrangement = arrange(width, height, view)
            is_out_of_sight = is_left_hidden and pane <= Pane.DETAILS and not arrangement.is_single
            assert pane in arrangement.visible or is_out_of_sight


def test_a_hidden_pane_is_named() -> None:
    """At 80×24 the log has no room, and the user is told which key shows it."""
    arrangement = arrange(80, 24, View())
    assert Pane.LOG not in arrangement.visible
    assert named(arrangement.note, {}) == "hidden: 7 log"

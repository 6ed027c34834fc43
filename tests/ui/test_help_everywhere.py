"""Wherever the user is, `?` has the keys of that place, ASCII is enough where it has to be, and what is hidden is named."""

import re
from functools import partial

from textual.screen import Screen
from textual.widgets import Static

from tests.ui.stage import FakeClient, make_app, until, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.look.surroundings import Surroundings
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.sweeps import SweepsScreen

WAYS = {
    "": "charts alone",
    "z right": "charts alone",
    "r": "type targets",
    "g": "a new sweep of the marked presets",
    "c": "compare the others with the preset under the cursor",
    "w": "write",
    "O": "default",
    "s": "with bias correction",
    "i": "filter the topics",
    "6 o": "one image of each class",
    "6 I": "the next measures",
    "3 enter": "back",
    "ctrl+p": "",
}
"""Keys that lead to a place, and what its help says."""
UNNAMED = re.compile(r"[?⟪][a-z-]+\.[a-z.-]+:")
"""A key in a sentence that was not put into words, mapped to ASCII or not."""


async def test_help_and_ascii_are_everywhere(home: Home, client: FakeClient) -> None:
    """On every screen and in every dialog but where a line is typed; `?` leaves again. No screen has more than ASCII."""
    for seed in (1, 2):
        write_run(home, "adam", seed=seed, rate=0.2 + 0.1 * seed)
    write_run(home, "sgd", state="diverged", done=3, reason="the loss is not finite at step 31")
    app = make_app(home, client, surroundings=Surroundings(is_ascii_asked=True))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=3)
        for keys, said in WAYS.items():
            before = app.screen
            await pilot.press(*keys.split())
            await until(pilot, partial(_is_open, app, keys, before), what=f"{keys} opens something")
            here = app.screen
            await pilot.pause()
            shown = app.export_screenshot()
            assert shown.isascii(), keys
            assert not UNNAMED.search(shown), keys
            if not (here.focused is not None and here.focused.check_consume_key("question_mark", "?")):
                await pilot.press("question_mark")
                assert isinstance(app.screen, HelpScreen), keys
                assert said in app.screen._text().plain, keys
                await pilot.pause()
                assert app.export_screenshot().isascii(), keys
                await pilot.press("question_mark")
            assert app.screen is here
            while app.screen is not app.screen_stack[0]:
                await pilot.press("escape")
            await pilot.press(*["escape"] * 2)


async def test_sweeps_say_what_is_hidden(home: Home, client: FakeClient) -> None:
    """In a narrow window the sweep behind the list; anywhere the list, once it has been put away."""
    app = make_app(home, client)
    async with app.run_test(size=(50, 20)) as pilot:
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen), what="the sweeps are open")
        line = app.screen.query_one("#sweeps-line", Static)
        await until(
            pilot, lambda: line.content == "tui-optim  sweeps  hidden: sweep (enter)", what="the sweep is named"
        )
        await pilot.press("left_square_bracket")
        assert line.content == "tui-optim  sweeps  hidden: list ([)"
        await pilot.resize_terminal(120, 36)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: line.content == "tui-optim  sweeps", what="nothing is hidden")


def _is_open(app: LabApp, keys: str, before: Screen[object]) -> bool:
    return keys in ("", "z right") or app.screen is not before

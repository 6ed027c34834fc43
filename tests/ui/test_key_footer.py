"""The footer shows whole keys, and the way out at any width."""

from typing import ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from tui_optim.ui.widgets.key_footer import KeyFooter

NAMES = ("Queue", "Mark", "Edit", "Filter", "Help", "Quit")


class Many(App[None]):
    """Six keys; 44 cells of footer."""

    BINDINGS: ClassVar[list[BindingType]] = [(str(i), f"go('{name}')", name) for i, name in enumerate(NAMES)]

    def __init__(self) -> None:
        super().__init__()
        self.gone: list[str] = []

    def compose(self) -> ComposeResult:
        yield KeyFooter()

    def action_go(self, name: str) -> None:
        self.gone.append(name)


@pytest.mark.parametrize(
    ("width", "names"),
    [(44, NAMES), (43, ("Queue", "Mark", "Edit", "Help", "Quit")), (10, ("Help", "Quit"))],
)
async def test_keys_that_do_not_fit_are_left_out_and_the_last_two_stay(width: int, names: tuple[str, ...]) -> None:
    """Nothing is cut in the middle of a word; a wider window brings the others back."""
    async with Many().run_test(size=(width, 4)) as pilot:
        await pilot.pause()
        assert shown(pilot.app) == list(names)
        await pilot.resize_terminal(120, 4)
        await pilot.pause()
        assert shown(pilot.app) == list(NAMES)


async def test_the_mouse_presses_the_key_that_it_is_on() -> None:
    """And nothing where no key stands."""
    async with (app := Many()).run_test(size=(60, 4)) as pilot:
        await pilot.pause()
        line = app.query_one(KeyFooter).render_line(0).text
        await pilot.click(KeyFooter, offset=(line.index("Edit"), 0))
        await pilot.click(KeyFooter, offset=(line.index("5"), 0))
        await pilot.click(KeyFooter, offset=(55, 0))
        assert app.gone == ["Edit", "Quit"]


class Other(Screen[None]):
    """A screen with a footer of its own."""

    def compose(self) -> ComposeResult:
        yield KeyFooter()


async def test_a_screen_that_is_left_takes_its_footer_along() -> None:
    """Also where its keys have changed in the moment before: the footer, which would look at them later, has no screen then."""
    async with (app := Many()).run_test(size=(60, 4)) as pilot:
        other = Other()
        await app.push_screen(other)
        footer = other.query_one(KeyFooter)
        await app.pop_screen()
        footer.keys_changed(other)
        footer.take_keys()
        await pilot.pause()
        assert shown(app) == list(NAMES)


def shown(app: App[None]) -> list[str]:
    """What the footer says, in its order."""
    return [key.description for key in app.query_one(KeyFooter).shown]

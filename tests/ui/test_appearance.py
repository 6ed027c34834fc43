"""A terminal gets colours that it can show and that its reader can tell apart."""

import os
import pty
import re
import termios

import pytest
from rich.style import Style
from rich.text import Text
from textual.theme import BUILTIN_THEMES

from tests.ui.colour_vision import VISIONS, contrast, least_distance
from tests.ui.stage import FakeClient, main_screen, make_app
from tui_optim.spec.settings import OTHER_THEMES, OUR_THEMES
from tui_optim.store.home import Home
from tui_optim.ui.charting.overlay import MARKERS
from tui_optim.ui.look.appearance import THEMES, starting_theme, turned
from tui_optim.ui.look.safe_themes import OKABE_ITO, SAFE_DARK, SAFE_LIGHT, TOL_MUTED
from tui_optim.ui.look.theme import LIGHT, is_legible
from tui_optim.ui.terminal.background import QUESTIONS, GroundQuestion, is_dark_answer, is_dark_variable
from tui_optim.ui.widgets.choice_list import ChoiceList
from tui_optim.ui.widgets.status_line import StatusLine


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(("colours", "theme"), [(OKABE_ITO, SAFE_DARK), (TOL_MUTED, SAFE_LIGHT)])
def test_the_safe_series_differ_for_every_kind_of_colour_vision(
    vision: str, colours: tuple[str, ...], theme: object
) -> None:
    """Eight of them, clearly apart in the simulation, each standing out from its ground."""
    assert len(set(colours)) == len(MARKERS)
    assert least_distance(colours, vision) > 15.0
    assert min(contrast(colour, getattr(theme, "background")) for colour in colours) > 2.5  # noqa: B009


@pytest.mark.parametrize("name", ["16-dark", "16-light"])
def test_the_sixteen_are_named_by_the_terminal(name: str) -> None:
    """No colour of ours is in it, and eight series have eight names."""
    variables = THEMES[name].variables
    colours = [value for key, value in variables.items() if "style" not in key]
    assert all(re.fullmatch(r"ansi_[a-z_]+", colour) for colour in colours)
    assert len({variables[f"series-{slot}"] for slot in range(8)}) == len(MARKERS)


async def test_what_the_app_says_of_itself_has_its_colour_among_sixteen(home: Home, client: FakeClient) -> None:
    """The mark beside its name is drawn by rich, which knows the terminal's colours by other names."""
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)):
        app.theme = THEMES["16-dark"].name
        status = main_screen(app).query_one(StatusLine)
        status.stand(("read-only",))
        shown = status.render()
        assert isinstance(shown, Text)
        (style,) = [span.style for span in shown.spans if shown.plain[span.start : span.end] == "read-only"]
        assert Style.parse(str(style)).color is not None


def test_no_colour_is_lost_on_the_cursor() -> None:
    """Where a state or a series would hardly stand out from the cursor's ground, it has the colour of the cursor's text."""
    for theme in (THEMES["dark"], THEMES["light"], SAFE_DARK, SAFE_LIGHT):
        ground = theme.variables["block-cursor-background"]
        series = [theme.variables[f"series-{slot}"] for slot in range(8)]
        assert [one for one in series if is_legible(one, ground)] == [
            one for one in series if contrast(one, ground) >= 2.0
        ]
        assert is_legible(theme.variables["block-cursor-foreground"], ground)


async def test_the_row_under_the_cursor_can_be_read(home: Home, client: FakeClient) -> None:
    """In the light theme too, whose grey and orange are lost on blue; other rows keep their colours."""
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        app.theme = "tui-optim-light"
        await pilot.press("O", "down")
        rows = app.screen.query_one(ChoiceList)
        variables = LIGHT.variables
        lines = [[one for one in rows.render_line(y) if one.text.strip()] for y in (0, 1)]
        other, under = [{one.style.color.name for one in line if one.style and one.style.color} for line in lines]
        assert under == {variables["block-cursor-foreground"]}
        assert variables["quiet"] in other


def test_the_setting_knows_all_themes() -> None:
    """Ours as they are, and those that Textual brings."""
    assert tuple(THEMES) == OUR_THEMES
    assert set(OTHER_THEMES) == set(BUILTIN_THEMES)


def test_what_a_terminal_gets() -> None:
    """What was set; else its ground, dark where nobody says; with few colours its own, unless there is to be none at all."""
    assert starting_theme("safe-dark", is_dark=False, color_system=None) == "tui-optim-safe-dark"
    assert starting_theme("nord", is_dark=False, color_system=None) == "nord"
    assert starting_theme("auto", is_dark=None, color_system="256") == "tui-optim-dark"
    assert starting_theme("auto", is_dark=False, color_system="truecolor") == "tui-optim-light"
    assert starting_theme("auto", is_dark=False, color_system="standard") == "tui-optim-16-light"
    assert starting_theme("auto", is_dark=None, color_system="standard", is_colourless=True) == "tui-optim-dark"
    assert [turned(f"tui-optim-{name}", is_dark=True) for name in ("dark", "light", "16-dark", "safe-light")] == [
        *("light", "dark", "16-light", "safe-dark")
    ]
    assert (turned("nord", is_dark=True), turned("nord", is_dark=False)) == ("light", "dark")


@pytest.mark.parametrize(
    ("said", "is_dark"),
    [
        (b"\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;c", True),
        (b"\x1b]11;rgb:ffff/fafa/f0f0\x07\x1b[?1;2c", False),
        (b"\x1b]11;rgba:ff/ff/ff/ff\x07", False),
        (b"\x1b[?1;2c", None),
        (b"", None),
    ],
)
def test_the_terminal_says_what_its_ground_is(said: bytes, is_dark: bool | None) -> None:
    """It is asked, the answer is not echoed, and its modes are as before; no answer is no answer."""
    screen, terminal = pty.openpty()
    try:
        before = termios.tcgetattr(terminal)
        question = GroundQuestion(terminal, limit_s=0.0 if b"[?" not in said else 60.0)
        assert os.read(screen, 100) == QUESTIONS
        os.write(screen, said)
        assert question.answer() is is_dark or b"[?" not in said
        assert is_dark_answer(said) is is_dark
        assert termios.tcgetattr(terminal) == before
    finally:
        os.close(screen)
        os.close(terminal)


def test_a_variable_is_the_second_source() -> None:
    """Colours 0 to 6 and 8 are dark; what is no number says nothing."""
    grounds = {"15;0": True, "0;15": False, "12;default;8": True, "0;7": False, "x": None, "0;default": None}
    assert {text: is_dark_variable({"COLORFGBG": text}) for text in grounds} == grounds
    assert is_dark_variable({}) is None


async def test_no_color_leaves_greys_and_a_cursor(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a terminal of sixteen colours: every colour that is sent has equal parts of red, green and blue."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv("TERM", "xterm")
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        found = re.findall(r"-r\d+ \{ fill: #([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", app.export_screenshot())[1:]
        assert len(found) > 3  # the first is that of the picture's own ground
        assert all(len(set(parts)) == 1 for parts in found)

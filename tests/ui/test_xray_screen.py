"""The X-ray of a run on the screen: panels by the room there is, turned by a key, written to a file, taken now."""

from pathlib import Path

from textual.strip import Strip

from tests.ui.stage import FakeClient, board_of, make_app, until, until_drawn, write_run
from tests.xray_runs import write_xrayed
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.xray import XRayScreen
from tui_optim.ui.widgets.title_line import TitleLine
from tui_optim.ui.widgets.xray_pane import XRayPane

TITLES = [
    "Gradient norm",
    "Update ÷ weight",
    "Sharpness",
    "Gradient noise scale",
    "Effective rate",
    "Momentum–gradient angle",
]


def xray_screen(app: LabApp) -> XRayScreen:
    screen = app.screen
    assert isinstance(screen, XRayScreen)
    return screen


def shown(app: LabApp) -> list[str]:
    """The titles of the panels on the screen."""
    return [pane.panel.title for pane in xray_screen(app).query(XRayPane) if pane.display and pane.panel]


async def test_i_shows_four_panels_and_m_the_others(home: Home, client: FakeClient) -> None:
    """It follows the run; n asks for an X-ray, w writes the figure, i explains, ? has its keys, esc goes back."""
    run = write_xrayed(home, state="running")
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "I")
        await until(pilot, lambda: isinstance(app.screen, XRayScreen) and app.screen.xrays, what="X-rays are read")
        await until(pilot, lambda: shown(app) == TITLES[:4], what="four panels")
        line = xray_screen(app).query_one(TitleLine)
        assert "adam·s42  measure 1–4 of 6   X-ray: " in str(line.content)
        assert "% of training time" in str(line.content)
        await pilot.press("m")
        assert shown(app) == [*TITLES[4:], *TITLES[:2]]
        assert "measure 5–6, 1–2 of 6" in str(line.content)
        await pilot.press("M", "n")
        assert shown(app) == TITLES[:4]
        await until(pilot, lambda: ("xray", run.run_id) in client.told, what="an X-ray is asked for")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, EditScreen), what="the name is asked for")
        await pilot.press("enter")
        await until(pilot, Path("xray.svg").exists, what="the figure is written")
        await until(pilot, lambda: isinstance(app.screen, XRayScreen), what="the dialog is gone")
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen), what="the help")
        assert isinstance(app.screen, HelpScreen)
        assert any(title.startswith("X-ray") for title, _ in app.screen.groups)
        await pilot.press("escape", "i")
        await until(pilot, lambda: isinstance(app.screen, ExplainScreen), what="an explanation")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="back")
        assert board_of(app).looked_at_elsewhere == frozenset()


async def test_a_run_without_an_xray_says_how_to_get_one(home: Home, client: FakeClient) -> None:
    """One panel at a time where there is room for one."""
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "I")
        await until(pilot, lambda: isinstance(app.screen, XRayScreen) and app.screen.is_settled, what="it is open")
        assert shown(app) == TITLES[:1]
        text = " ".join(segment.text for strip in _chart(app) for segment in strip)
        assert "tui-optim run … --xray auto" in " ".join(text.split())
        await pilot.press("m", "m")
        assert shown(app) == TITLES[2:3]
        await pilot.press("w")
        assert isinstance(app.screen, XRayScreen)  # there is nothing to write


def _chart(app: LabApp) -> list[Strip]:
    pane = next(iter(xray_screen(app).query(XRayPane)))
    return pane.chart.strips

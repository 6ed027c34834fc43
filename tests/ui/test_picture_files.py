"""w on a picture writes it as a figure, beside all else; a name that is taken or has another ending is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.image_runs import write_judged
from tests.small_runs import RINGS, gradient_descent, write_descent, write_film
from tests.ui.stage import FakeClient, make_app, until, until_drawn
from tui_optim.store.datasets import SAMPLE_ROOT
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.edit import EditScreen

SIZE = (120, 36)


@pytest.mark.parametrize(
    ("furnish", "keys", "stem"),
    [
        (lambda home: write_descent(home, "quadratic-f1", gradient_descent(0.1)), ["6", "o"], "contour"),
        (lambda home: write_descent(home, "quadratic-f1", gradient_descent(0.1)), ["6", "o", "v"], "descent"),
        (lambda home: write_film(home, (1, RINGS)), ["6", "o"], "boundary"),
        (write_judged, ["6", "o"], "mistakes"),
        (write_judged, ["6", "o", "v"], "confusion"),
        (write_judged, ["o"], "classes"),
    ],
)
async def test_w_writes_what_is_shown(
    home: Home,
    client: FakeClient,
    monkeypatch: pytest.MonkeyPatch,
    furnish: Callable[[Home], object],
    keys: list[str],
    stem: str,
) -> None:
    """An SVG under the proposed name, in the working folder."""
    monkeypatch.setenv("TUI_OPTIM_DATA", str(SAMPLE_ROOT))
    furnish(home)
    app = make_app(home, client)
    del app.launcher.sources["fashion-mnist"]
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press(*keys)
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, EditScreen), what="the name is asked for")
        await pilot.press("enter")
        path = Path(f"{stem}.svg")
        await until(pilot, path.exists, what=f"{path} is written", limit=2000)
        assert path.read_text(encoding="utf-8").startswith("<?xml")


async def test_a_name_that_cannot_be_used_is_refused(home: Home, client: FakeClient) -> None:
    """The sentence stands in the dialog; esc goes back to the picture, and without a run there is nothing to write."""
    write_film(home, (1, RINGS))
    Path("boundary.svg").touch()
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await _ask_for_the_boundarys_name(pilot, app)
        field = app.screen.query_one(Input)
        assert field.value == "boundary-2.svg"
        for name, reason in (
            ("boundary.svg", "is there already"),
            ("boundary.gif", ".png"),
            ("x" * 300 + ".svg", "File name too long"),
            ("~nobody-of-this-name/boundary.svg", "cannot be used"),
        ):
            field.value = name
            await pilot.press("enter")
            assert isinstance(app.screen, EditScreen)
            assert reason in str(app.screen.query_one(".problem", Static).content)
        assert not Path("boundary.gif").exists()


async def test_a_tilde_is_the_users_folder(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As everywhere else where a file is named."""
    monkeypatch.setenv("HOME", str(tmp_path))
    write_film(home, (1, RINGS))
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await _ask_for_the_boundarys_name(pilot, app)
        app.screen.query_one(Input).value = "~/mine.svg"
        await pilot.press("enter")
        await until(pilot, (tmp_path / "mine.svg").exists, what="the figure is written")
        assert (tmp_path / "mine.svg").read_text(encoding="utf-8").startswith("<?xml")


async def _ask_for_the_boundarys_name(pilot: Pilot[None], app: LabApp) -> None:
    await until_drawn(pilot, app, num_runs=1)
    await pilot.press("6", "o")
    await until_drawn(pilot, app, num_runs=1)
    await pilot.press("w")
    await until(pilot, lambda: isinstance(app.screen, EditScreen), what="the name is asked for")

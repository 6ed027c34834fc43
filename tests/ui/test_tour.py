"""A first start has a few hints, one at a time, and never again once they have ended."""

from pathlib import Path

from tests.ui.stage import FakeClient, main_screen, make_app, until, write_run
from tui_optim.spec.settings import Settings
from tui_optim.store.home import Home
from tui_optim.store.settings import load_settings
from tui_optim.ui.keyboard.words import named
from tui_optim.ui.layout import Pane
from tui_optim.ui.widgets.tour_hint import HINTS, TourHint


async def test_any_key_goes_on_and_does_what_it_does(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Over a dialog as well; after the last hint the setting is off, and the line is gone."""
    path = tmp_path / "settings.toml"
    app = make_app(home, client, settings=Settings(), settings_path=path)
    async with app.run_test(size=(80, 24)) as pilot:
        main = main_screen(app)
        await until(pilot, lambda: len(main.query(TourHint)) == 1, what="the first hint")
        for number, key in enumerate(("1", "j", "question_mark", "q", "6")):
            said = str(main.query_one(TourHint).content)
            assert said.startswith(named(HINTS[number], {}))
            assert f"Hint {number + 1} of {len(HINTS)}" in said
            await pilot.press(key)
        await until(pilot, lambda: not main.query(TourHint), what="the hints have ended")
        assert main.workbench.view.current is Pane.RUNS
        assert not load_settings(path).settings.tour


async def test_esc_ends_it_for_good_and_a_home_with_runs_has_none(
    home: Home, client: FakeClient, tmp_path: Path
) -> None:
    """One key; where there is a run there is nothing to be shown."""
    path = tmp_path / "settings.toml"
    app = make_app(home, client, settings=Settings(), settings_path=path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(main_screen(app).query(TourHint)) == 1, what="the first hint")
        await pilot.press("escape")
        await until(pilot, lambda: not main_screen(app).query(TourHint), what="the hints have ended")
    assert not load_settings(path).settings.tour
    write_run(home, "adam")
    for settings in (Settings(), Settings(tour=False)):
        again = make_app(home, client, settings=settings)
        async with again.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: ("ensure_supervisor", "") in client.told, what="the app has begun")
            assert not main_screen(again).query(TourHint)

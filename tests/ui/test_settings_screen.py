"""Settings are changed in the app, hold at once and at the next start; so does the layout."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.factories import make_source
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, small_library, until, write_run
from tui_optim.spec.settings import Settings
from tui_optim.store.home import Home
from tui_optim.store.settings import StoredSettings, load_settings, store_setting
from tui_optim.ui.app import LabApp
from tui_optim.ui.bell import EndBell
from tui_optim.ui.board import Board
from tui_optim.ui.layout import Pane
from tui_optim.ui.run_app import run_app
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.settings import SettingsScreen


def app_with(home: Home, client: FakeClient, folder: Path, stored: StoredSettings) -> LabApp:
    """The app with files of its own for settings and layout."""
    app = LabApp(
        home=home,
        client=client,
        library=small_library(),
        stored=stored,
        settings_path=folder / "settings.toml",
        layout_path=folder / "layout.json",
    )
    app.launcher.sources["fashion-mnist"] = make_source()
    return app


async def test_settings_are_changed_in_the_app(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Theme, marker and a key; what is wrong is said in the dialog, and backspace takes a value back."""
    path = tmp_path / "settings.toml"
    app = make_app(home, client, settings_path=path)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("O")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen), what="the settings are open")
        await pilot.press("enter", *["down"] * 3, "enter")
        assert load_settings(path).settings == Settings(theme="safe-dark")
        assert app.theme == "tui-optim-safe-dark"
        rows = app.screen.query_one(OptionList)
        rows.highlighted = rows.get_option_index("keys.race")
        await pilot.press("enter")
        assert isinstance(app.screen, EditScreen)
        await pilot.press("backspace", "q", "enter")
        assert "is the key of quit already" in str(app.screen.query_one(".problem").render())
        await pilot.press("backspace", "Z", "enter")
        assert app.preferences.keymap == {"race": "Z"}
        await pilot.press("backspace")
        assert load_settings(path).settings == Settings(theme="safe-dark")
        assert app.preferences.keymap == {}
        app.preferences.change("refresh_hz", "0.5")
        assert main_screen(app).charts.turns.interval_s == 2.0
        app.preferences.change("refresh_hz", None)
        await pilot.press("escape", "B", "A")
        assert app.theme == "tui-optim-safe-light"
        assert load_settings(path).settings == Settings(theme="safe-light", marker="dots")


async def test_a_broken_file_is_told_at_the_start(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """A sentence each, on the screen and in the log; the app is there as ever."""
    (tmp_path / "settings.toml").write_text('theme = "drk"\nmouse = 3\n')
    app = app_with(home, client, tmp_path, load_settings(tmp_path / "settings.toml"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: len(app._notifications) == 2, what="both are told")
        assert "did you mean 'dark'?; the default is used" in next(iter(app._notifications)).message
        assert sum("the default is used" in line.text for line in board_of(app).log) == 2
        assert app.theme == "tui-optim-dark"


async def test_the_layout_is_there_again(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Scenario, preset, axis, scale, split, second chart and hidden panes; the theme too, and no run folder knows of it."""
    write_run(home, "adam")
    before = sorted(home.root.rglob("*"))
    app = app_with(home, client, tmp_path, StoredSettings(Settings(tour=False)))
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: board_of(app).runs, what="the run is read")
        first = main_screen(app)
        charts = first.charts
        await pilot.press("1", "down", "2", "down", "down", "x", "y", "v", "m", "right_square_bracket", "B")
        await pilot.press("left_square_bracket", "q")
    assert sorted(home.root.rglob("*")) == before
    again = app_with(home, client, tmp_path, load_settings(tmp_path / "settings.toml"))
    async with again.run_test(size=(120, 36)) as pilot:
        screen = main_screen(again)
        await until(pilot, lambda: screen.charts.selection.axis != "epoch", what="the layout is restored")
        assert screen.charts.selection == charts.selection
        assert screen.charts.view.is_log_y
        assert screen.charts.chosen_second == charts.chosen_second is not None
        assert screen.workbench.view.is_left_hidden
        assert screen.workbench.view.is_details_hidden
        assert screen.workbench.view.current is Pane.RUNS
        await until(
            pilot, lambda: screen.choosing.scenario.id == "lenet5-fashion-l2", what="the scenario is highlighted"
        )
        assert screen.choosing.highlighted_preset == "sgd-cosine"
        assert again.theme == "tui-optim-light"


def test_the_bell_rings_for_ends_alone(home: Home) -> None:
    """A run that trained and has ended; not the first look, nor a pause."""
    board, bell = Board(), EndBell()
    run = write_run(home, "adam", state="running", done=3)
    heard = []
    for state in ("finished", "running", "paused", "running", "diverged", "diverged"):
        board._take_runs([replace(run, status=replace(run.status, state=state))])
        heard.append(bool(bell.ended(board)))
    assert heard == [False, False, False, False, True, False]


def test_without_the_mouse_the_terminal_keeps_it(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The app does not ask for it, so that the terminal's own selection works."""
    monkeypatch.setenv("TUI_OPTIM_HOME", str(home.root))
    monkeypatch.setenv("TUI_OPTIM_CONFIG", str(tmp_path))
    asked: list[bool] = []
    monkeypatch.setattr(LabApp, "run", lambda _, *, mouse: asked.append(mouse))
    for value in ("false", "true"):
        store_setting("mouse", value)
        run_app()
    assert asked == [False, True]

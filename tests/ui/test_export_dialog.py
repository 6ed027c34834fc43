"""What the export dialog writes beside tables: the long shape, a report, a figure, a folder for TensorBoard."""

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.report.document.pages import Page
from tests.ui.stage import FakeClient, main_screen, make_app, until, until_drawn, write_run
from tui_optim.spec import extras
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.terminal.clipboard import NO_CLIPBOARD

SIZE = (120, 36)


async def write_with(home: Home, client: FakeClient, *keys: str) -> tuple[str, str]:
    """Open the dialog over two runs, press keys; returns the clipboard and what the log says."""
    write_run(home, "adam")
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press(*keys)
        await until(pilot, lambda: app.screen is main_screen(app), what="the dialog is gone")
        await until(pilot, lambda: told_lines(app), what="it is told")
        return app.clipboard, told_lines(app)[0]


def told_lines(app: LabApp) -> list[str]:
    """What the log says about files."""
    return [line.text for line in main_screen(app).board.log if line.text.startswith("Wrote")]


async def test_the_long_shape_has_its_own_name(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Two below Markdown; a table, so it is in the clipboard too."""
    clipboard, told = await write_with(home, client, "down", "down", "enter")
    text = (tmp_path / "results-long.csv").read_text(encoding="utf-8")
    assert text.startswith("run_id,scenario,preset,seed,")
    assert clipboard == text
    assert "and to the clipboard" in told


async def test_a_page_without_a_clipboard_claims_none(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a browser on another machine, without encryption: the file is all that is told."""
    monkeypatch.setenv(NO_CLIPBOARD, "1")
    _, told = await write_with(home, client, "enter")
    assert told.endswith("results.md.")


async def test_a_report_is_a_page(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """The seventh format; a page is nothing to paste."""
    clipboard, told = await write_with(home, client, *["down"] * 6, "enter")
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert [row["preset"] for row in page.table("Every run").records()] == ["adam", "sgd"]
    assert page.tags.count("svg") == 2
    assert clipboard == ""
    assert told.endswith(f"Wrote 2 runs to {tmp_path / 'report.html'}.")


async def test_a_figure_and_a_folder(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """Curves as SVG, event files in a folder of their own."""
    await write_with(home, client, *["down"] * 7, "enter")
    assert (tmp_path / "curves.svg").read_bytes().startswith(b"<?xml")


async def test_event_files_go_to_a_folder(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """The last format."""
    await write_with(home, client, *["down"] * 8, "enter")
    assert len(list((tmp_path / "tensorboard").glob("*/events.out.tfevents.*"))) == 2


async def test_a_missing_extra_is_told_in_the_dialog(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stays open and says what to install."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("w", *["down"] * 7, "enter")
        hint = app.screen.query_one("#hint", Static)
        await until(pilot, lambda: 'the extra "plot"' in str(hint.render()), what="it is told")
        assert isinstance(app.screen, ExportScreen)

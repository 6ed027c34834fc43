"""A user's scenario stands in the panel like ours."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.own_scenarios import MOONS, SINE, write_scenario
from tests.ui.stage import FakeClient, main_screen, make_app, until
from tui_optim.spec.plugins import FILES_VARIABLE
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.store.library import load_library
from tui_optim.ui.app import LabApp
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.presets import PresetList
from tui_optim.ui.widgets.scenarios import ScenarioList, panel_names

SIZE = (120, 36)


async def test_it_is_chosen_and_queued(
    home: Home, client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the last of the list; what does not suit it is grey; enter queues a run that keeps what the file said."""
    path = write_scenario(tmp_path, SINE)
    monkeypatch.setenv(FILES_VARIABLE, str(path))
    app = make_app(home, client, library=load_library())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("1", "end")
        screen = app.screen
        assert screen.query_one(ScenarioList).highlighted_option is not None
        await until(pilot, lambda: main_screen(app).choosing.scenario.id == "sine", what="it is highlighted")
        await until(pilot, lambda: "loaded by own.py" in _details(app), what="its details")
        kfac = screen.query_one(PresetList).get_option("kfac").prompt
        assert "$quiet" in str(getattr(kfac, "spans", ""))
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        (spec,) = client.submitted
        assert (spec.scenario, spec.data.origin) == ("sine", "generated")
        assert spec.own_scenario is not None
        assert spec.own_scenario.origin == str(path)


async def test_a_broken_one_is_said_and_left_out(
    home: Home, client: FakeClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app opens as ever, with one sentence that names the file."""
    path = write_scenario(tmp_path, MOONS.replace("num_train=300", "num_train=-1"))
    monkeypatch.setenv(FILES_VARIABLE, str(path))
    app = make_app(home, client, library=load_library())
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        (notice,) = [one for one in app._notifications if "cannot be used" in one.title]
        assert f"plugin {path}: examples = Examples(num_train=-1" in notice.message
        ids = [option.id for option in app.screen.query_one(ScenarioList).options]
        assert "two-moons" not in ids


def _details(app: LabApp) -> str:
    details = app.screen.query_one(DetailsPanel)
    return " ".join("".join(details.render_line(y).text for y in range(14)).split())


def test_scenarios_of_one_title_are_told_apart() -> None:
    """By their ids; all others have their titles alone."""
    first = SCENARIOS["circles"]
    twin = replace(first, id="my-circles")
    names = panel_names([first, twin, SCENARIOS["quadratic-f1"]])
    assert names["my-circles"] == f"my-circles: {first.title}"
    assert names["circles"] != names["my-circles"]
    assert names["quadratic-f1"] == SCENARIOS["quadratic-f1"].title

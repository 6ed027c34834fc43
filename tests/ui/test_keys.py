"""A key means one thing on a screen, and whoever looks for it finds it in the help and in the README."""

import re
from pathlib import Path

import pytest
from textual.binding import Binding

from tui_optim.ui.app import LabApp
from tui_optim.ui.keyboard.keys import key_text
from tui_optim.ui.screens.comparison import ComparisonScreen
from tui_optim.ui.screens.explain import ExplainScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.screens.step import StepScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.presets import PresetList
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.scenarios import ScenarioList

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
SCREENS = (MainScreen, RaceScreen, SweepsScreen, StepScreen, ExplainScreen, ComparisonScreen)
PANES = (Chart, ChartsView, DetailsPanel, PresetList, RunTable, ScenarioList)


def bindings_of(owner: type) -> list[Binding]:
    """The bindings that our classes give a screen or a widget, its bases among them."""
    ours = [one for one in owner.__mro__ if one.__module__.startswith("tui_optim.")]
    return [binding for one in ours for binding in vars(one).get("BINDINGS", ())]


def keys_of(owner: type) -> list[tuple[str, str]]:
    """Each key with the name of its action."""
    return [
        (key, binding.action.rpartition(".")[2]) for binding in bindings_of(owner) for key in binding.key.split(",")
    ]


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_a_key_is_bound_once(screen: type) -> None:
    """No screen gives a key to two actions."""
    keys = [key for key, _ in keys_of(screen)]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.__name__)
def test_a_pane_takes_no_key_from_its_screen(pane: type) -> None:
    """What the main screen or the app does with a key, it does from every pane; `s` sorts where there is something to sort."""
    everywhere = dict([*keys_of(LabApp), *keys_of(MainScreen)])
    taken = [key for key, action in keys_of(pane) if everywhere.get(key, action) != action]
    assert taken == (["s"] if pane is RunTable else [])


@pytest.mark.parametrize("screen", [MainScreen, SweepsScreen, StepScreen, ExplainScreen], ids=lambda one: one.__name__)
def test_a_key_that_the_footer_hides_is_in_the_help(screen: type) -> None:
    """It has a sentence there; doubles of `esc` have none."""
    hidden = [one for one in bindings_of(screen) if not one.show and not one.tooltip]
    assert {one.action for one in hidden} <= {"close", "leave"}


def test_the_readme_has_the_keys_of_the_main_screen() -> None:
    """Every one, written as the help writes it."""
    named = {key for words in re.findall(r"`([^`\n]+)`", README) for key in words.split()}
    bindings = [*bindings_of(MainScreen), *bindings_of(ChartsView)]
    wanted = [binding for binding in bindings if binding.key == "0" or not binding.key.isdigit()]
    assert [key_text(one) for one in wanted if not set(key_text(one).split()) <= named | {"shift+tab"}] == []

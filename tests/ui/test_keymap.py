"""Every key has an id, and the user may give an id other keys."""

import importlib
import pkgutil
from itertools import combinations

import pytest
from textual.binding import Binding

from tests.ui.stage import FakeClient, make_app, until_drawn, write_run
from tui_optim.spec.errors import UsageError
from tui_optim.spec.settings import Settings
from tui_optim.store.home import Home
from tui_optim.ui import screens, widgets
from tui_optim.ui.keyboard.keymap import judged, key_name, key_uses, own_bindings, typed_text
from tui_optim.ui.keyboard.places import PLACES
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.race import RaceScreen

TAKEN = "keys: {key_id} = 'q' is the key of quit already (quit; runs go on in the background): {key_id} keeps its own"


def test_every_key_has_an_id() -> None:
    """In all modules of screens and widgets; and each of their classes has its place."""
    placed = {one for classes in PLACES.values() for owner in classes for one in owner.__mro__}
    for package in (screens, widgets):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for owner in vars(importlib.import_module(module.name)).values():
                if isinstance(owner, type) and "BINDINGS" in vars(owner) and owner.__module__ == module.name:
                    assert owner in placed
    bindings = [one for classes in PLACES.values() for owner in classes for one in own_bindings(owner)]
    assert [one for one in bindings if one.id is None] == []


@pytest.mark.parametrize("place", PLACES)
def test_an_id_is_one_thing_in_a_place(place: str) -> None:
    """Where two share one, they are the same action: once on the screen, once for the footer of a pane."""
    bindings: list[Binding] = [one for owner in PLACES[place] for one in own_bindings(owner)]
    for one, other in combinations(bindings, 2):
        assert one.id != other.id or one.action.rpartition(".")[2] == other.action.rpartition(".")[2]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        *(("x", "x"), ("?", "question_mark"), ("/", "slash"), (" ", "space"), ("ctrl+r", "ctrl+r"), ("f5", "f5")),
        *(("esc", "escape"), ("comma", "comma"), ("-", "minus"), ("+", "plus"), ("é", "é"), (" Z ", "Z")),
    ],
)
def test_keys_are_typed_as_people_write_them(typed: str, name: str) -> None:
    """A character, a name, with or without modifiers; and shown as they are typed."""
    assert key_name(typed) == name
    assert key_name(typed_text(name)) == name


@pytest.mark.parametrize("typed", ["", "nokey", "hyper+x", "ctrl+", "xx"])
def test_what_is_no_key_is_said(typed: str) -> None:
    """With examples of what is."""
    with pytest.raises(UsageError, match=r"is no key: for example x"):
        key_name(typed)


def test_what_cannot_be_is_said_and_the_rest_counts() -> None:
    """Unknown ids with the nearest, keys that do something else there; keys may be swapped, and shared by distant screens."""
    keys = {
        "raze": "F",
        "race": "p",
        "export": "ctrl+w",
        "compare": "r",
        "sweep.new": "N",
        "run.stop": "p",
        "run.pause": "t",
    }
    usable, problems = judged(keys)
    assert usable == {"export": "ctrl+w", "sweep.new": "N", "run.stop": "p", "run.pause": "t"}
    assert any("unknown id 'raze': did you mean 'race'?" in one for one in problems)
    assert any("race = 'p' is the key of run.stop already" in one for one in problems)
    assert any("compare = 'r' is the key of race already" in one for one in problems)
    assert judged({"help": "q"}) == ({}, [TAKEN.format(key_id="help")])
    assert all(use.keys and use.what for use in key_uses().values())


async def test_the_users_keys_work_and_are_shown(home: Home, client: FakeClient) -> None:
    """By the footer, the help and the palette; the old key does nothing, and what cannot be is said once at the start."""
    write_run(home, "adam")
    app = make_app(home, client, settings=Settings(tour=False, keys={"race": "ctrl+e,J", "help": "f1", "compare": "q"}))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        assert [one.message for one in app._notifications] == [TAKEN.format(key_id="compare")]
        assert isinstance(app.screen, MainScreen)
        shown = {active.binding.description: key for key, active in app.screen.active_bindings.items()}
        assert shown["Help"] == "f1"
        await pilot.press("r")
        assert isinstance(app.screen, MainScreen)
        assert any("key ctrl+e J" in (one.help or "") for one in app.get_system_commands(app.screen))
        await pilot.press("f1")
        assert isinstance(app.screen, HelpScreen)
        assert "ctrl+e J" in app.screen._text().plain
        await pilot.press("escape", "J")
        assert isinstance(app.screen, RaceScreen)

"""Sentences name the keys that the user has given, and by default those that are bound."""

import ast
from collections.abc import Iterator
from pathlib import Path

from textual.widgets import Static

import tui_optim.ui
from tests.ui.stage import FakeClient, main_screen, make_app, until, until_drawn
from tui_optim.spec.errors import UsageError
from tui_optim.spec.settings import Settings
from tui_optim.store.home import Home
from tui_optim.ui.keyboard.keymap import key_uses
from tui_optim.ui.keyboard.words import KEY_IN_SENTENCE, KEY_NAMES, named
from tui_optim.ui.laboratory.setting import Setting
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.legend import Legend

UI = Path(tui_optim.ui.__file__).parent


def sentences() -> Iterator[str]:
    """All texts of the user interface's modules that name a key, with the keys that panes have by their numbers."""
    for path in sorted(UI.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and KEY_IN_SENTENCE.search(node.value):
                yield node.value


def test_every_key_in_a_sentence_is_bound() -> None:
    """Its id is one, and what the sentence says by default is the first key of its binding, or another one of it."""
    uses = key_uses()
    found = [match.groups() for text in sentences() for match in KEY_IN_SENTENCE.finditer(text)]
    wrong = [
        (key_id, key)
        for key_id, key in found
        if key_id not in uses or key not in {KEY_NAMES.get(one, one) for one in uses[key_id].keys}
    ]
    assert len(found) > 50
    assert wrong == []


def test_a_sentence_names_the_users_key() -> None:
    """Of several the first, as people write it; all else stays as it is."""
    text = "⟪run.pause:p⟫ goes on, ⟪palette.colon::⟫ finds it."
    assert named(text, {}) == "p goes on, : finds it."
    assert (
        named(text, {"run.pause": "ctrl+e,f5", "palette.colon": "left_square_bracket"}) == "ctrl+e goes on, [ finds it."
    )
    assert named("plain", {"run.pause": "x"}) == "plain"


async def test_all_that_is_shown_names_the_users_keys(home: Home, client: FakeClient) -> None:
    """Empty panes, titles, lines, other screens and toasts; and a key that is changed while the app is open."""
    keys = {"preset.queue": "f2", "pane.runs": "f6", "pane.loss": "f4", "sweep.new": "f3", "race": "f5"}
    app = make_app(home, client, settings=Settings(tour=False, keys=keys))
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        main = main_screen(app)
        await until(pilot, lambda: "f6 Runs" in str(main.watching.query_one("#runs").border_title), what="the title")
        assert "f2 on a preset starts one" in main.watching.query_one("#run-table").render_line(1).text
        assert "f4 Loss" in str(main.query_one("#loss").border_title)
        await until(pilot, lambda: "Press f2 on a preset" in shown(main.query_one("#loss")), what="the empty chart")
        await pilot.press("f6", "p")
        toasts = [one.message for one in app._notifications]
        assert toasts == ["There is no run yet: f2 on a preset starts one."]
        await pilot.press("f5")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen), what="the race is open")
        await until(
            pilot, lambda: "f2 on a preset starts runs" in shown(app.screen.query_one("#race-chart")), what="it"
        )
        await pilot.press("escape", "g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen), what="the sweeps are open")
        await pilot.press("escape")
        app.preferences.change("keys.preset.queue", "f9")
        await until(pilot, lambda: "Press f9 on a preset" in shown(main.query_one("#loss")), what="the other key")
        assert not main.query_one(Legend).has_focus


async def test_details_and_refusals_name_the_users_keys(home: Home, client: FakeClient) -> None:
    """The key of a scenario's picture, as it is now; and what makes an axis linear, where a limit is refused."""
    keys = {"picture": "f7", "chart.log": "f8"}
    app = make_app(home, client, settings=Settings(tour=False, keys=keys))
    async with app.run_test(size=(120, 50)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        main = main_screen(app)
        details = main.query_one(DetailsPanel)

        def told() -> str:
            return " ".join("".join(details.render_line(y).text for y in range(14)).split())

        await pilot.press("1")
        await until(pilot, lambda: "f7 images: one of each class" in told(), what="the key is named")
        app.preferences.change("keys.picture", "f9")
        await until(pilot, lambda: "f9 images: one of each class" in told(), what="the other key")

        def refuse(_: str) -> None:
            raise UsageError("⟪chart.log:y⟫ makes it linear")

        app.push_screen(EditScreen(Setting(key="limits", text="", help="", expected=""), accept=refuse))
        await until(pilot, lambda: isinstance(app.screen, EditScreen), what="the dialog is open")
        await pilot.press("enter")
        assert str(app.screen.query_one(".problem", Static).content) == "f8 makes it linear"


def shown(widget: object) -> str:
    """The text of a drawing."""
    strips = getattr(widget, "strips", [])
    return " ".join(" ".join(strip.text for strip in strips).split())

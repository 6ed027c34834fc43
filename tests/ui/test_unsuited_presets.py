"""What does not suit the scenario can be seen before it is chosen."""

from textual.app import App, ComposeResult

from tests.ui.stage import FakeClient, main_screen, make_app, until, until_drawn
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.store.library import load_library
from tui_optim.ui.look.theme import FALLBACK_VARIABLES
from tui_optim.ui.widgets.presets import PresetList, PresetPanel


class _PanelApp(App[None]):
    def get_theme_variable_defaults(self) -> dict[str, str]:
        return FALLBACK_VARIABLES

    def compose(self) -> ComposeResult:
        yield PresetPanel(load_library())


async def test_presets_that_do_not_suit_are_greyed() -> None:
    """On LeNet-5 the dense Newton method is grey, Adam is not."""
    app = _PanelApp()
    async with app.run_test() as pilot:
        app.query_one(PresetPanel).show_for(SCENARIOS["lenet5-fashion"])
        await pilot.pause()
        assert _is_grey(app, "newton")
        assert not _is_grey(app, "adam")


async def test_looking_through_scenarios_tells_nothing_of_presets_that_do_not_suit(
    home: Home, client: FakeClient
) -> None:
    """The list greys them and the details say why; a toast comes with enter alone, and once."""
    app = make_app(home, client, library=load_library())
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=0)
        main = main_screen(app)
        main.choosing.highlight(preset_id="newton")
        await pilot.press("2", "space", "1", "end", *["up"] * 9)
        await until(pilot, lambda: main.choosing.scenario.id == "lenet5-fashion", what="the first one again")
        await until(pilot, lambda: ("prepare", "circles") in client.told, what="what suits is made ready")
        assert not app._notifications
        await pilot.press("enter")
        await until(pilot, lambda: len(app._notifications) == 1, what="the refusal")
        assert client.submitted == []


def _is_grey(app: App[None], preset_id: str) -> bool:
    prompt = app.query_one(PresetList).get_option(preset_id).prompt
    return "$quiet" in str(getattr(prompt, "spans", ""))

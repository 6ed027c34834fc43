"""What does not suit the scenario can be seen before it is chosen."""

from textual.app import App, ComposeResult

from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.library import load_library
from tui_optim.ui.theme import FALLBACK_VARIABLES
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


def _is_grey(app: App[None], preset_id: str) -> bool:
    prompt = app.query_one(PresetList).get_option(preset_id).prompt
    return "$quiet" in str(getattr(prompt, "spans", ""))

"""The palette finds scenarios, presets, runs and settings by name, and its hits say what enter does."""

import time

from textual.command import CommandPalette, Hit
from textual.widgets import Input

from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until, until_drawn, write_run
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.keyboard.palette import EntryProvider, PresetProvider, RunProvider, ScenarioProvider, SettingProvider
from tui_optim.ui.layout import Pane

KINDS: tuple[type[EntryProvider], ...] = (ScenarioProvider, PresetProvider, RunProvider, SettingProvider)


async def hits(app: LabApp, words: str) -> list[Hit]:
    """All that the kinds find."""
    found: list[Hit] = []
    for kind in KINDS:
        provider = kind(main_screen(app))
        await provider.startup()
        found += [hit async for hit in provider.search(words) if isinstance(hit, Hit)]
    return found


async def test_a_name_finds_what_is_called_so(home: Home, client: FakeClient) -> None:
    """`adam`: the presets, each to go to and to queue, and the run; the other kinds by their words; what each does holds."""
    run = write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        found = await hits(app, "adam")
        assert {hit.text.partition(":")[0] for hit in found if hit.text} == {"Preset", "Queue", "Run"}
        assert all((hit.help or "").startswith("enter ") and hit.score > 0 for hit in found)

        (scenario,) = [hit for hit in await hits(app, "circles") if "Scenario" in (hit.text or "")]
        scenario.command()
        await until(
            pilot, lambda: main_screen(app).choosing.scenario.id == "circles", what="the scenario is highlighted"
        )
        assert main_screen(app).workbench.view.current is Pane.SCENARIOS
        (preset,) = await hits(app, "preset: rmsprop")
        preset.command()
        assert main_screen(app).choosing.highlighted_preset == "rmsprop"
        (queue,) = await hits(app, "queue nesterov")
        queue.command()
        await until(pilot, lambda: client.submitted, what="it is queued")
        assert (client.submitted[0].preset, client.submitted[0].scenario) == ("nesterov", "circles")
        (setting,) = await hits(app, "setting theme safe-light")
        assert setting.help == "enter sets it; it is auto now"
        setting.command()
        assert app.theme == "tui-optim-safe-light"
        (opened,) = await hits(app, run.run_id)
        opened.command()
        await until(pilot, lambda: board_of(app).overlay.opened == run.run_id, what="its charts stand alone")


async def test_a_colon_opens_the_palette_and_enter_does_it(home: Home, client: FakeClient) -> None:
    """Typed as a person types it; in a field a colon is a colon."""
    app = make_app(home, client)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("slash", "colon")
        assert main_screen(app).query_one("#preset-filter", Input).value == ":"
        await pilot.press("escape", "colon")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), what="the palette is open")
        await pilot.press(*"preset: adamw")
        await until(pilot, lambda: _first(app).startswith("Preset: AdamW"), what="it is found")
        await pilot.press("enter")
        await until(pilot, lambda: main_screen(app).choosing.highlighted_preset == "adamw", what="it is highlighted")
        await pilot.press("colon", *"in a browser")
        await until(pilot, lambda: _first(app).startswith("In a browser"), what="what has no key is found too")
        await pilot.press("enter")
        await until(
            pilot, lambda: any("`tui-optim serve`" in line.text for line in board_of(app).log), what="it is said"
        )


async def test_a_thousand_runs_are_looked_through_between_two_keys(home: Home, client: FakeClient) -> None:
    """In processor time, far below what a key may take."""
    app = make_app(home, client)
    run = write_run(home, "adam", state="queued")
    async with app.run_test() as pilot:
        await until(pilot, lambda: board_of(app).runs, what="the run is read")
        board_of(app).runs = [run] * 1_000
        provider = RunProvider(main_screen(app))
        await provider.startup()
        started = time.thread_time()
        found = [hit async for hit in provider.search("adam")]
        assert time.thread_time() - started < 0.1
        assert len(found) == 40


def _first(app: LabApp) -> str:
    options = app.screen.query_one("CommandList").options if isinstance(app.screen, CommandPalette) else []  # type: ignore[attr-defined]
    return getattr(options[0].hit, "text", "") if options else ""


async def test_paging_in_a_window_too_low_for_a_line_does_nothing(home: Home, client: FakeClient) -> None:
    """Four rows: the palette has no line to show, and page up and page down leave the app as it is."""
    app = make_app(home, client)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette), what="the palette is open")
        for height in (4, 1):
            await pilot.resize_terminal(80, height)
            await pilot.press("pageup", "pagedown", "home", "end")
            await pilot.pause()
            assert app.is_running
            assert isinstance(app.screen, CommandPalette)
        await pilot.resize_terminal(80, 24)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is main_screen(app), what="it is left")

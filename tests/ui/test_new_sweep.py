"""A new sweep: the form, what it says while the user types, and the sweep that it starts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.sweep_factories import write_sweep
from tests.ui.stage import FakeClient, board_of, main_screen, make_app, small_library, until
from tui_optim.spec.errors import UsageError
from tui_optim.spec.sweeps.space import Range
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.screens.new_sweep import NewSweepScreen
from tui_optim.ui.screens.sweeps import SweepsScreen
from tui_optim.ui.sweeping.draft import SweepDraft
from tui_optim.ui.widgets.choice_row import ChoiceRow
from tui_optim.ui.widgets.presets import PresetPanel

SIZE = (120, 36)


def outcome(screen: NewSweepScreen) -> str:
    """What the form says about the whole; '' before it has said anything."""
    return "".join(str(line.content) for line in screen.query("#sweep-outcome").results(Static))


def _says(screen: NewSweepScreen, sentence: str) -> bool:
    return sentence in outcome(screen)


def form_of(app: LabApp) -> NewSweepScreen:
    """The form that is open."""
    assert isinstance(app.screen, NewSweepScreen)
    return app.screen


@asynccontextmanager
async def form(home: Home, client: FakeClient, *presets: str) -> AsyncIterator[tuple[Pilot[None], LabApp]]:
    """Open the form for marked presets on the MLP, from the main screen."""
    app = make_app(home, client, library=small_library())
    async with app.run_test(size=SIZE) as pilot:
        main = main_screen(app)
        await until(pilot, lambda: len(board_of(app).runs) == len(list(home.runs.iterdir())), what="the runs are known")
        main.choosing.highlight(scenario_id="mlp-fashion")
        main.query_one(PresetPanel).marked = list(presets)
        app._sweeps.ask_new()
        await until(pilot, lambda: isinstance(app.screen, NewSweepScreen), what="the form is there")
        await until(pilot, lambda: outcome(form_of(app)), what="it is judged")
        yield pilot, app


async def retype(pilot: Pilot[None], app: LabApp, name: str, text: str) -> None:
    """Type over a field."""
    field = app.screen.query_one(f"#field-{name}", Input)
    field.focus()
    field.value = ""
    await pilot.press(*("full_stop" if letter == "." else letter for letter in text))


async def choose(pilot: Pilot[None], app: LabApp, name: str, value: str) -> None:
    """Turn a choice until it is this one."""
    row = app.screen.query_one(f"#field-{name}", ChoiceRow)
    row.focus()
    for _ in row.choices:
        if row.value == value:
            return
        await pilot.press("right")


async def test_the_number_of_runs_is_said_while_typing(home: Home, client: FakeClient) -> None:
    """Presets × values, how many at once, and what earlier runs say about the time."""
    write_sweep(home, [0.7, 0.5])
    async with form(home, client, "sgd", "adam") as (pilot, app):
        screen = form_of(app)
        assert outcome(screen).startswith("8 runs (2 arms × lr 4); 1 at once; about ")
        assert "judged by 2 earlier run(s)" in outcome(screen)
        await retype(pilot, app, "space", "lr=0.1,1")
        await until(pilot, lambda: outcome(screen).startswith("4 runs (2 arms × lr 2)"), what="four runs")
        await retype(pilot, app, "seeds", "7..9")
        await until(pilot, lambda: outcome(screen).startswith("12 runs (2 arms × lr 2 × 3 seeds)"), what="three seeds")


async def test_enter_starts_it_and_shows_the_sweep(home: Home, client: FakeClient) -> None:
    """Everything that was typed is in the plan, and the engine of all runs; the marks are gone; the new sweep is shown."""
    async with form(home, client, "sgd", "adam") as (pilot, app):
        await retype(pilot, app, "space", "lr=0.1,1 batch_size=64,128")
        await retype(pilot, app, "epochs", "3")
        await retype(pilot, app, "final_seeds", "101..103")
        await retype(pilot, app, "final_epochs", "20")
        await retype(pilot, app, "settings", "schedule.kind=cosine")
        await choose(pilot, app, "metric", "val_accuracy")
        await choose(pilot, app, "prune", "median")
        app.launcher.plan.options = app.launcher.plan.options.changed("engine", "slurm cluster=local")
        await pilot.press("enter")
        await until(pilot, lambda: client.sweeps, what="it is started")
        plan = client.sweeps[0].plan
        assert client.sweeps[0].executor.words == "slurm cluster=local"
        assert (plan.scenarios, plan.presets) == (("mlp-fashion",), ("sgd", "adam"))
        assert plan.space == {"lr": (0.1, 1), "batch_size": (64, 128)}
        assert (plan.epochs, plan.metric, plan.prune) == (3, "val_accuracy", "median")
        assert (plan.final.seeds, plan.final.epochs) == ((101, 102, 103), 20)
        assert plan.settings == {"schedule.kind": "cosine"}
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen) and app.screen.pane.picture, what="it is shown")
        assert not main_screen(app).query_one(PresetPanel).marked


WRONG = [
    ("space", "lr", "expected key=values"),
    ("space", "", "space: say what to search"),
    ("space", "lr=,", "lr: a value is missing in ','"),
    ("space", "lr=0.1 lr=1", "space: a key stands twice"),
    ("space", "lr=1e-4..1", "lr is a range: a grid takes values"),
    ("space", "beta1=0.9", "preset 'sgd' has no such key"),
    ("seeds", "x", "expected numbers like 42"),
    ("epochs", "3x", "epochs: '3x' is no whole number"),
    ("final_seeds", "7", "seed 7 is a tuning seed"),
    ("settings", "lr", "set: 'lr': expected key=value"),
    ("settings", "lr=1", "lr is searched and set at once"),
]
"""Field, what is typed into it, and what is said."""


async def test_what_is_wrong_is_said_calmly(home: Home, client: FakeClient) -> None:
    """A sentence in place of the number of runs; enter starts nothing and the form stays."""
    async with form(home, client, "sgd") as (pilot, app):
        screen = form_of(app)
        good = outcome(screen)
        for field, text, sentence in WRONG:
            line = screen.query_one(f"#field-{field}", Input)
            before = line.value
            await retype(pilot, app, field, text)
            await until(pilot, partial(_is_said, screen, sentence), what=sentence)
            await pilot.press("enter")
            await pilot.pause(0.1)
            assert app.screen is screen
            assert not client.sweeps
            line.value = before
            await until(pilot, lambda: outcome(screen) == good, what="nothing is wrong any more")


async def test_only_fields_that_mean_something_are_shown(home: Home, client: FakeClient) -> None:
    """Trials are for random and tpe; rate tunes one key in place of a space."""
    async with form(home, client, "sgd") as (pilot, app):

        def shown() -> set[str]:
            return {name for name in ("space", "tuned", "trials") if app.screen.query_one(f"#row-{name}").display}

        assert shown() == {"space"}
        await choose(pilot, app, "search", "random")
        assert shown() == {"space", "trials"}
        await choose(pilot, app, "search", "rate")
        assert shown() == {"tuned"}
        await until(pilot, lambda: "at least 8 runs (8 values of lr" in outcome(form_of(app)), what="eight rates")


async def test_tpe_without_its_extra_is_greyed_and_says_what_to_install(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be looked at and does not start."""
    monkeypatch.setattr("tui_optim.spec.extras.find_spec", lambda _: None)
    async with form(home, client, "sgd") as (pilot, app):
        screen = form_of(app)
        row = screen.query_one("#field-search", ChoiceRow)
        assert "$faint" in str(row.render().spans)  # type: ignore[union-attr]
        await choose(pilot, app, "search", "tpe")
        await until(pilot, lambda: 'needs the extra "tune"' in outcome(screen), what="the install line")
        assert ".[tune]" in outcome(screen)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert not client.sweeps


async def test_what_was_typed_is_kept_when_the_form_is_left(home: Home, client: FakeClient) -> None:
    """esc leaves; opened again, with n on the sweeps screen, the fields are as they were."""
    async with form(home, client, "sgd") as (pilot, app):
        await retype(pilot, app, "space", "lr=0.5,1")
        await choose(pilot, app, "metric", "train_loss")
        await pilot.press("escape", "g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen), what="the sweeps")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewSweepScreen), what="the form is there")
        assert app.screen.query_one("#field-space", Input).value == "lr=0.5,1"
        assert app.screen.query_one("#field-metric", ChoiceRow).value == "train_loss"
        assert not client.sweeps


async def test_changed_values_of_presets_are_said_not_to_count(home: Home, client: FakeClient) -> None:
    """A sweep takes presets as they are."""
    app = make_app(home, client, library=small_library())
    async with app.run_test(size=SIZE) as pilot:
        main = main_screen(app)
        main.launcher.plan.change(main.choosing.scenario, main.launcher.lab.library.find("sgd-baseline"), "lr", "0.5")
        await pilot.press("g")
        await until(pilot, lambda: isinstance(app.screen, SweepsScreen), what="the sweeps")
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NewSweepScreen), what="the form is there")
        about = str(app.screen.query_one("#sweep-presets", Static).content)
        assert about == "presets: sgd-baseline; values changed in the details are not taken over: set them here"


async def test_the_palette_makes_a_sweep_from_the_main_screen(home: Home, client: FakeClient) -> None:
    """By name, from either screen."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE):
        titles = [command.title for command in app.get_system_commands(main_screen(app))]
        assert "Sweep the marked presets" in titles
        assert any(title.startswith("Sweeps: search rates") for title in titles)


def test_a_blank_separates_keys_and_a_comma_values() -> None:
    """As on the command line, or with semicolons; blanks beside commas do no harm."""
    draft = SweepDraft(search="random", space="lr=1e-4..1;batch_size=64, 128  momentum=0..0.9:linear", trials="5")
    plan = draft.plan(["mlp-fashion"], ["sgd"])
    assert plan.space == {
        "lr": Range(low=1e-4, high=1),
        "batch_size": (64, 128),
        "momentum": Range(low=0, high=0.9, scale="linear"),
    }


def test_what_the_search_does_not_ask_for_is_left_out() -> None:
    """The field for trials keeps what was typed, and a grid is not refused for it."""
    assert SweepDraft(trials="20").plan(["mlp-fashion"], ["sgd"]).trials is None
    assert SweepDraft(patience="3").plan(["mlp-fashion"], ["sgd"]).patience == 3
    assert SweepDraft(search="rate", space="nonsense").plan(["mlp-fashion"], ["sgd"]).space == {}
    with pytest.raises(UsageError, match="say how many points"):
        SweepDraft(search="tpe", trials="").plan(["mlp-fashion"], ["sgd"])


def _is_said(screen: NewSweepScreen, sentence: str) -> bool:
    return sentence in outcome(screen)

"""The race: who leads at the cursor, what targets cost, and the replay; each key once."""

import csv
import math
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.factories import write_log
from tests.ui.stage import (
    FakeClient,
    board_of,
    falling_loss,
    main_screen,
    make_app,
    until,
    until_drawn,
    write_run,
)
from tui_optim.report.cells import Table
from tui_optim.report.race import standings
from tui_optim.spec.events import EpochEnded
from tui_optim.spec.explain.catalogue import all_topics
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.charting.drawing import draw_chart
from tui_optim.ui.charting.marks import FRAME, Line
from tui_optim.ui.messages import StartExperiment
from tui_optim.ui.screens.edit import EditScreen
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.race_table import RaceTable

SIZE = (120, 36)


@dataclass
class Clock:
    """Stands still until it is told to go."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def write_runs(home: Home) -> int:
    """Three seeds each of a fast and a slow preset on LeNet-5, and a run of the MLP."""
    for seed in (1, 2, 3):
        write_run(home, "sgd", seed=seed, rate=0.3 + 0.01 * seed)
        write_run(home, "adam", seed=seed, rate=0.6 + 0.01 * seed)
    write_run(home, "adam", scenario="mlp-fashion")
    return 7


async def open_race(pilot: Pilot[None], app: LabApp, *, num_runs: int) -> RaceScreen:
    """Press r and wait for the picture."""
    await until_drawn(pilot, app, num_runs=num_runs)
    await pilot.press("r")
    await until(pilot, lambda: isinstance(app.screen, RaceScreen), what="the race is open")
    assert isinstance(app.screen, RaceScreen)
    await until_shown(pilot, app.screen)
    return app.screen


async def until_shown(pilot: Pilot[None], screen: RaceScreen) -> None:
    """Wait until what can be seen is what the race is."""
    board = screen.race.board
    begun = [run.run_id for run in screen.race.runs if run.status.state != "queued"]
    await until(pilot, lambda: all(map(board.series, begun)) and not board.has_backlog, what="the race is read")
    await until(pilot, lambda: screen.is_settled, what="the race is drawn")
    await pilot.pause()


def shown(screen: RaceScreen) -> Table:
    """The table below the chart."""
    table = screen.query_one(RaceTable).table
    assert table is not None
    return table


def column(screen: RaceScreen, key: str) -> list[object]:
    """What stands in a column of it."""
    index = [one.key for one in shown(screen).columns].index(key)
    return [row[index] for row in shown(screen).rows]


def title(screen: RaceScreen) -> str:
    """Of the chart."""
    return str(screen.chart.border_title)


async def test_r_races_the_settings_of_the_scenario(home: Home, client: FakeClient) -> None:
    """The cursor stands at the finish; the ranks there are the report's; the MLP's run is not among them."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        race = screen.race
        assert race.measure is not None
        found = standings(race.field, race.measure, "epoch", 10.0)
        assert column(screen, "preset") == [one.seeds.spec.preset for one in found] == ["adam", "sgd"]
        assert column(screen, "rank") == [1, 2]
        assert column(screen, "test_accuracy")[0] == f"{found[0].mean * 100:.2f} ± {found[0].sd * 100:.2f}"
        assert column(screen, "n") == [3, 3]
        assert title(screen) == "Test accuracy % over epochs"
        assert str(screen.chart.border_subtitle).endswith("10 epochs")


async def test_marked_runs_race_alone(home: Home, client: FakeClient) -> None:
    """Those that the user marked, with the markers of the charts or others, and no other."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=num_runs)
        await pilot.press("6", "j", "a", "2")
        screen = await open_race(pilot, app, num_runs=num_runs)
        assert column(screen, "preset") == ["adam"]
        assert "marked" in str(screen.query_one("#race-line", Static).content)


async def test_a_scenario_without_runs_leaves_those_on_the_charts(home: Home, client: FakeClient) -> None:
    """What the user sees behind the race is what runs in it."""
    write_run(home, "adam", scenario="mlp-fashion")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=1)
        assert column(screen, "preset") == ["adam"]
        assert title(screen).startswith("Val accuracy")
        assert "on the charts" in str(screen.query_one("#race-line", Static).content)


MOVES: list[tuple[list[str], float]] = [
    (["h"], 9.9),
    (["left", "left", "l"], 9.9),
    (["H"], 9.0),
    (["shift+left", "L", "shift+left"], 9.0),
    (["0"], 0.0),
    (["g", "l", "right"], 0.2),
    (["home", "shift+right"], 1.0),
    (["0", "h"], 0.0),
    (["0", "G"], 10.0),
    (["0", "end", "l"], 10.0),
]
"""Each from the finish, where the cursor is at first and where G takes it."""


async def test_the_cursor_moves(home: Home, client: FakeClient) -> None:
    """By small steps and by leaps, to both ends and no further; the ranks are those at the cursor."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        race = screen.race
        assert race.x == 10.0
        for keys, expected in MOVES:
            await pilot.press(*keys)
            await until_shown(pilot, screen)
            assert race.measure is not None
            assert race.x == pytest.approx(expected), keys
            there = standings(race.field, race.measure, "epoch", race.x)
            assert column(screen, "test_accuracy")[0] == f"{there[0].mean * 100:.2f} ± {there[0].sd * 100:.2f}", keys
            await pilot.press("G")


async def test_x_turns_the_axis_and_the_cursor_keeps_its_share(home: Home, client: FakeClient) -> None:
    """Half of the way is half of the way in every unit."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press(*["H"] * 5)
        for name in ("steps", "seconds", "gradient evaluations", "epochs"):
            await pilot.press("x")
            await until_shown(pilot, screen)
            assert title(screen) == f"Test accuracy % over {name}"
            assert screen.race.x == pytest.approx(screen.race.finish / 2)


async def test_m_turns_the_measure_and_y_the_scale(home: Home, client: FakeClient) -> None:
    """Only measures that some run has; low losses lead; the scale turns for losses alone."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        seen = []
        for _ in range(4):
            seen.append(title(screen).split(" over")[0])
            await pilot.press("m")
            await until_shown(pilot, screen)
        assert seen == ["Test accuracy %", "Test loss", "Train accuracy %", "Train loss"]
        await pilot.press("m")
        await until_shown(pilot, screen)
        assert column(screen, "preset") == ["adam", "sgd"]
        linear = list(screen.chart.strips)
        await pilot.press("y")
        await until_shown(pilot, screen)
        assert screen.chart.strips != linear


async def test_b_turns_the_bands(home: Home, client: FakeClient) -> None:
    """As on the main charts."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        for words in ("min–max", "25–75 %", "95 % CI (5 seeds or more)", "single runs", "± sd"):
            await pilot.press("b")
            await until_shown(pilot, screen)
            assert words in str(screen.chart.border_subtitle)


async def test_t_asks_for_targets_and_tells_their_cost(home: Home, client: FakeClient) -> None:
    """Typed wrong, they are told what is expected; esc goes back to the ranks, and then to the main screen."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press("x", "x", "t")
        assert isinstance(app.screen, EditScreen)
        field = app.screen.query_one(Input)
        assert field.value == "test_accuracy>=0.88 test_accuracy>=0.89 test_accuracy>=0.9"
        field.value = "test_acuracy>=0.8"
        await pilot.press("enter")
        assert "test_accuracy" in str(app.screen.query_one(".problem", Static).content)
        field.value = "test_accuracy>=0.8, test_loss<=0.1"
        await pilot.press("enter")
        await until_shown(pilot, screen)
        assert column(screen, "preset") == ["sgd", "adam"]
        assert column(screen, "seconds_to_test_accuracy>=0.8") == ["14.0 (3/3)", "8.0 (3/3)"]
        assert column(screen, "seconds_to_test_loss<=0.1") == ["∞ (0/3)", "∞ (0/3)"]
        await pilot.press("escape")
        await until_shown(pilot, screen)
        assert column(screen, "rank") == [1, 2]
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


@pytest.mark.parametrize("key", ["q", "r", "escape"])
async def test_the_race_is_left(home: Home, client: FakeClient, key: str) -> None:
    """The app stays, and the logs of the race are no longer followed."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_race(pilot, app, num_runs=num_runs)
        assert board_of(app).looked_at_elsewhere
        await pilot.press(key)
        await until_drawn(pilot, app, num_runs=num_runs)
        assert isinstance(app.screen, MainScreen)
        assert not board_of(app).looked_at_elsewhere


async def test_an_experiment_leaves_the_race_too(home: Home, client: FakeClient) -> None:
    """It goes back to the main screen past every key of the race's own, and no log of the race is followed there either."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_race(pilot, app, num_runs=num_runs)
        app.post_message(StartExperiment(all_topics(app.launcher.lab.library.presets).find("lr")))
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        await pilot.pause()
        assert not board_of(app).looked_at_elsewhere


async def test_the_replay_runs_against_a_clock_of_training_time(home: Home, client: FakeClient) -> None:
    """At the chosen speed, real time at first where that suits; whatever x is. Held it stands, and it hides what comes later."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        clock = Clock()
        screen.clock = clock
        screen._ticked_at = clock.now
        race = screen.race
        line = screen.query_one("#race-line", Static)
        await pilot.press("space", "full_stop", "full_stop", "comma")
        assert (race.replay.clock_s, race.replay.duration_s, race.replay.speed) == (0.0, 20.0, 2.0)
        assert {one.until for one in race.series()} == {0.0}
        clock.now += 5.0
        await until(pilot, lambda: race.replay.clock_s == 10.0, what="half of the race is seen")
        await until_shown(pilot, screen)
        assert str(line.content).startswith("Race  ▶ clock 10.0 of 20.0 s  ×2   , . pace")
        assert "┊" not in str(screen.chart.border_subtitle)
        assert {one.until for one in race.series()} == {5.0}
        assert shown(screen).title.startswith("Standings at 10.0 seconds")
        await pilot.press("space", "x", "x")
        clock.now += 2.0
        await until_shown(pilot, screen)
        assert {one.until for one in race.series()} == {10.0}
        assert str(screen.chart.border_subtitle).endswith("┊ 10 seconds")
        assert "‖ clock 10.0 of 20.0 s" in str(line.content)
        await pilot.press("L", "l", "h")
        assert race.replay.clock_s == pytest.approx(12.0)
        await pilot.press("comma", "space")
        assert "×1, real time" in race.replay.words
        clock.now += 9.0
        await until(pilot, lambda: not race.replay.is_on, what="the replay is over")
        assert race.x == race.finish == 20.0
        assert {one.until for one in race.series()} == {math.inf}


async def test_esc_leaves_the_replay_first(home: Home, client: FakeClient) -> None:
    """Everything is shown again; the cursor stays where it is."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press("H", "H", "space", "space", "escape")
        await until_shown(pilot, screen)
        assert isinstance(app.screen, RaceScreen)
        assert not screen.race.replay.is_on
        assert 8.0 <= screen.race.x < 9.0


async def test_a_replay_hides_the_cost_of_later_targets(home: Home, client: FakeClient) -> None:
    """Before the cursor gets there nobody has reached them, and nobody has missed them."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        screen._take_targets("test_accuracy>=0.8")
        await pilot.press("0", "L", "space", "space")
        await until_shown(pilot, screen)
        assert column(screen, "epochs_to_test_accuracy>=0.8") == ["– (0/3 · 3 open)"] * 2


def ink(lines: list[Line], *, beyond: int) -> str:
    """What is drawn right of a column, the frame's last two lines left out."""
    rows = ["".join(" " if span.slot == FRAME else span.text[0] * len(span.text) for span in line) for line in lines]
    return "".join(row[beyond:] for row in rows[:-2]).strip()


async def test_nothing_is_drawn_beyond_the_cursor_of_a_replay(home: Home, client: FakeClient) -> None:
    """Neither lines nor bands; the limits are those of the whole race."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        series = screen.race.series()
    whole = draw_chart(series, width=60, height=12).lines
    half = draw_chart([replace(one, until=5.0) for one in series], width=60, height=12).lines
    assert ink(whole, beyond=36)
    assert not ink(half, beyond=36)
    assert [line[0].text for line in whole][-1] == [line[0].text for line in half][-1]


async def test_the_race_goes_on_while_runs_train(home: Home, client: FakeClient) -> None:
    """A new epoch moves the finish, and the cursor with it unless the user has put it somewhere."""
    write_run(home, "sgd", rate=0.3)
    run = write_run(home, "adam", state="running", done=2, rate=0.6)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=2)
        assert column(screen, "n") == [1, "0/1"]
        results = [falling_loss(run.info.spec, epoch, rate=0.6) for epoch in range(3, 13)]
        write_log(run.folder, [EpochEnded(result=result) for result in results])
        await until(pilot, lambda: screen.race.x == 12.0, what="epoch 12 is read")
        await until_shown(pilot, screen)
        assert column(screen, "preset") == ["adam", "sgd"]
        assert column(screen, "n") == [1, 1]
        await pilot.press("H")
        write_log(run.folder, [EpochEnded(result=falling_loss(run.info.spec, 13, rate=0.6))])
        await until(pilot, lambda: screen.race.finish == 13.0, what="epoch 13 is read")
        assert screen.race.x == pytest.approx(10.8)


async def test_w_writes_the_table_on_the_screen(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """The ranks at the cursor with full precision and the place on the axis; the clipboard has the same text."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press("H", "H", "w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press("down", "enter")
        path = tmp_path / "race.csv"
        await until(pilot, path.exists, what="the file is there")
        await until(pilot, lambda: app.clipboard, what="the clipboard is filled")
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        assert [(row["rank"], row["preset"], row["n"]) for row in rows] == [("1", "adam", "3"), ("2", "sgd", "3")]
        assert {float(row["at_epochs"]) for row in rows} == {screen.race.x}


async def test_w_writes_the_race_as_a_figure(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """What is looked at, drawn for a report: the measure over the axis, with the band and the targets."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press("x", "b")
        figure = screen.race.figure()
        assert (figure.kind, figure.axis, figure.band) == ("race", screen.race.selection.axis, "range")
        await pilot.press("w")
        await until(pilot, lambda: isinstance(app.screen, ExportScreen), what="the dialog is there")
        await pilot.press("end", "up")
        await until(pilot, lambda: app.screen.query_one("#file", Input).value == "race.svg", what="a race is proposed")
        await pilot.press("enter")
        path = tmp_path / "race.svg"
        await until(pilot, path.exists, what="the figure is there")
        assert b"<svg" in path.read_bytes()


async def test_an_empty_race_says_what_to_press(home: Home, client: FakeClient) -> None:
    """Every key of the race is harmless there."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_race(pilot, app, num_runs=0)
        assert "space on a run marks it" in screen.chart.empty_text
        await pilot.press(*"xmbyhlHL0Gw", "space", "full_stop", "comma", "t", "enter")
        await until_shown(pilot, screen)
        assert isinstance(app.screen, RaceScreen)
        assert screen.query_one(RaceTable).table is None


async def test_help_tells_the_keys_of_the_race(home: Home, client: FakeClient) -> None:
    """In the race they come first; in the main screen's help they stand too."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_race(pilot, app, num_runs=0)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert app.screen.groups[0][0].startswith("Race")
        await pilot.press("escape", "escape", "question_mark")
        assert isinstance(app.screen, HelpScreen)
        assert any(name.startswith("Race") for name, _ in app.screen.groups)


async def test_the_main_charts_rest_while_the_race_is_open(home: Home, client: FakeClient) -> None:
    """Nobody sees them: they are brought up to date when the race is left."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await open_race(pilot, app, num_runs=num_runs)
        charts = main_screen(app).charts
        for chart in charts.query(Chart):
            chart.drawn = None
        charts.draw_when_due()
        assert charts.turns.is_over
        await pilot.press("escape")
        await until(pilot, lambda: charts.is_settled, what="the charts are drawn again")


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (80, 24), (200, 60)])
async def test_any_size_is_a_race(home: Home, client: FakeClient, size: tuple[int, int]) -> None:
    """However small, it is opened, turned and left."""
    num_runs = write_runs(home)
    app = make_app(home, client)
    async with app.run_test(size=size) as pilot:
        screen = await open_race(pilot, app, num_runs=num_runs)
        await pilot.press("x", "m", "b", "h")
        await until_shown(pilot, screen)
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)

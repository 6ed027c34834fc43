"""Seeds on the charts: one line with a band for each setting, the key that turns the band, the mark where two part."""

import pytest

from tests.ui.stage import FakeClient, board_of, main_screen, make_app, until_drawn, write_run
from tui_optim.report.bands import make_band, separation
from tui_optim.report.series import Quantity
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.board import Board
from tui_optim.ui.charting.curves import (
    Entry,
    Parting,
    Selection,
    chart_series,
    entries_of,
    legend_names,
    parting_of,
    parting_remark,
    spread_remark,
)
from tui_optim.ui.charting.series import ChartSeries
from tui_optim.ui.charting.shading import SAMPLE
from tui_optim.ui.watch import StoreWatch
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.legend import Legend

SIZE = (120, 36)
TEST = Selection(split="test")


def write_seeds(home: Home, preset: str, *, rate: float, num_seeds: int = 5) -> None:
    """Finished runs that differ in the seed, and a little in their curves."""
    for seed in range(1, num_seeds + 1):
        write_run(home, preset, seed=seed, rate=rate + 0.02 * seed)


def read(home: Home) -> Board:
    """A board that knows all of it."""
    watch, board = StoreWatch(home), Board()
    board.take(watch.look(()))
    board.take(watch.look(board.followed))
    while board.has_backlog:
        board.fold()
    return board


def shown(board: Board) -> list[Entry]:
    """What the charts show."""
    return entries_of(board, board.overlay)


def lines_of(board: Board, quantity: Quantity, selection: Selection) -> list[ChartSeries]:
    """Their lines."""
    return chart_series(shown(board), quantity, selection, board.bands)


def parting(board: Board, selection: Selection) -> Parting | None:
    """Where the losses of the two settings part."""
    return parting_of(shown(board), "loss", selection, board.bands)


def legend_of(app: LabApp) -> str:
    """What the legend says."""
    return " ".join(str(main_screen(app).query_one(Legend).content).split())


def test_the_seeds_of_a_setting_are_one_line_with_a_band(home: Home) -> None:
    """Accuracies in percent; a setting of one run is the line of that run."""
    write_seeds(home, "sgd", rate=0.3)
    write_run(home, "adam")
    board = read(home)
    sgd, adam = lines_of(board, "accuracy", TEST)
    band = make_band(board.seeds(board.overlay.entries[0]), "accuracy", "test", "epoch")
    assert list(sgd.ys) == [100 * y for y in band.centre]
    assert list(sgd.low) == [100 * y for y in band.low]
    assert (len(adam.ys), len(adam.low)) == (11, 0)
    assert [name for _, _, name in legend_names(shown(board), TEST)] == ["sgd ×5", "adam"]


def test_single_runs_are_lines_of_one_colour(home: Home) -> None:
    """Exploded, a setting keeps its colour and marker; the legend says what the lines are."""
    write_seeds(home, "sgd", rate=0.3)
    board, selection = read(home), Selection(split="test", spread="runs")
    lines = lines_of(board, "loss", selection)
    assert len(lines) == 5
    assert {(one.slot, one.marker, len(one.low)) for one in lines} == {(0, "●", 0)}
    assert spread_remark(shown(board), "runs") == "single runs"


def test_seeds_that_still_run_are_counted(home: Home) -> None:
    """The legend says how many of the announced seeds are at their end."""
    write_seeds(home, "sgd", rate=0.3, num_seeds=2)
    write_run(home, "sgd", seed=3, state="running", done=4)
    write_run(home, "sgd", seed=4, state="queued")
    assert [name for _, _, name in legend_names(shown(read(home)), TEST)] == ["sgd ×2/4"]


def test_an_interval_of_few_seeds_is_not_promised(home: Home) -> None:
    """Below five seeds no inference is shown: the legend says why there is no band."""
    write_seeds(home, "sgd", rate=0.3, num_seeds=3)
    assert "5 seeds or more" in spread_remark(shown(read(home)), "ci95")
    assert "5 seeds" not in spread_remark(shown(read(home)), "range")


def test_two_bands_part_where_the_report_says(home: Home) -> None:
    """On the split that is drawn, or the held-out one; the mark stands there on the axis."""
    write_seeds(home, "sgd", rate=0.3)
    write_seeds(home, "adam", rate=0.6)
    board = read(home)
    bands = [make_band(board.seeds(entry), "loss", "test", "epoch") for entry in board.overlay.entries]
    expected = separation(*bands)
    for selection in (TEST, Selection()):
        found = parting(board, selection)
        assert found is not None
        assert (found.x, found.split, found.pointer.x) == (expected, "test", expected)
        assert parting_remark({"loss": found, "accuracy": None}) == f"╨ apart: loss from {expected:g} (test)"
    assert parting(board, Selection(spread="runs")) is None
    assert parting(board, Selection(split="val")) is None


def test_three_settings_have_no_mark(home: Home) -> None:
    """Which two would it be?"""
    for preset, rate in (("sgd", 0.2), ("adam", 0.5), ("nesterov", 0.9)):
        write_seeds(home, preset, rate=rate, num_seeds=2)
    assert parting(read(home), TEST) is None


def test_bands_are_computed_once(home: Home) -> None:
    """While no run has news, the very same band is drawn again."""
    write_seeds(home, "sgd", rate=0.3)
    board = read(home)
    seeds = board.seeds(board.overlay.entries[0])
    first = board.bands.band(seeds, "loss", "train", "step", "sd")
    assert board.bands.band(board.seeds(board.overlay.entries[0]), "loss", "train", "step", "sd") is first
    seeds.series[0].revision += 1
    assert board.bands.band(seeds, "loss", "train", "step", "sd") is not first


async def test_b_turns_the_bands(home: Home, client: FakeClient) -> None:
    """± sd, min–max, quartiles, 95 % CI, single runs, and again."""
    write_seeds(home, "sgd", rate=0.3)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=5)
        seen = []
        for _ in range(6):
            seen.append(
                next(
                    word for word in ("± sd", "min–max", "25–75 %", "95 % CI", "single runs") if word in legend_of(app)
                )
            )
            await pilot.press("b")
            await until_drawn(pilot, app, num_runs=5)
        assert seen == ["± sd", "min–max", "25–75 %", "95 % CI", "single runs", "± sd"]


async def test_a_puts_all_seeds_of_a_setting_on_the_charts(home: Home, client: FakeClient) -> None:
    """One key marks what the cursor's run shares its setting with, and takes the marks away again."""
    write_seeds(home, "sgd", rate=0.3)
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=6)
        await pilot.press("6", "j", "a")
        await until_drawn(pilot, app, num_runs=6)
        assert len(board_of(app).overlay.marked) == 5
        assert "● sgd ×5" in legend_of(app)
        assert "adam" not in legend_of(app)
        await pilot.press("a")
        assert not board_of(app).overlay.marked


@pytest.mark.parametrize("key", ["b", "v", "x", "y"])
async def test_a_parted_pair_is_drawn_in_every_view(home: Home, client: FakeClient, key: str) -> None:
    """However the charts are turned, they are drawn and have their legend."""
    write_seeds(home, "sgd", rate=0.3)
    write_seeds(home, "adam", rate=0.6)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=10)
        assert "╨ apart" in legend_of(app)
        for _ in range(4):
            await pilot.press(key)
            await until_drawn(pilot, app, num_runs=10)
            assert "sgd ×5" in legend_of(app)


@pytest.mark.parametrize(
    ("term", "colorterm", "part"), [("xterm-256color", "truecolor", "band"), ("xterm", "", "series")]
)
async def test_sixteen_colours_give_bands_the_colour_of_their_line(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, term: str, colorterm: str, part: str
) -> None:
    """Dimmed, all would be the same grey there; the weave of dots tells a band from a line."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", colorterm)
    write_seeds(home, "sgd", rate=0.1)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=5)
        chart = main_screen(app).charts.query_one("#loss", Chart)
        strips = [chart.render_line(y) for y in range(chart.content_size.height)]
        woven = [segment.style for strip in strips for segment in strip if SAMPLE in segment.text]
        assert set(woven) == {chart.get_component_rich_style(f"chart--{part}-0")}

"""The decision boundary: colours and characters, which run, which epoch, what is said where there is none."""

import math

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import make_run, make_spec
from tests.small_runs import BLANK, RINGS, small_preset, write_film
from tests.ui.stage import FakeClient, board_of, make_app, until, until_drawn
from tui_optim.report.pictures.boundary import examples, network_of
from tui_optim.spec.pictures import Film, Frame
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.home import Home
from tui_optim.store.pictures import write_picture
from tui_optim.ui.app import LabApp
from tui_optim.ui.pictures.boundary import Inks, boundary_lines
from tui_optim.ui.pictures.pixels import UPPER_HALF, Rgb, half_blocks, rgb_of, shades
from tui_optim.ui.screens.boundary import BoundaryScreen
from tui_optim.ui.screens.main import MainScreen

SIZE = (120, 36)
COLOURED = Inks(ground=(0, 0, 0), classes=((0, 0, 250), (250, 0, 0)), is_plain=False)
PLAIN = Inks(ground=(0, 0, 0), classes=((0, 0, 250), (250, 0, 0)), is_plain=True)
RING = network_of(Frame(epoch=1, step=1, weights=RINGS))


async def open_boundary(pilot: Pilot[None], app: LabApp, *, num_runs: int) -> BoundaryScreen:
    """Highlight circles, press o, wait for the picture."""
    await until_drawn(pilot, app, num_runs=num_runs)
    await pilot.press("1", "home", *["down"] * list(SCENARIOS).index("circles"), "o")
    await until(pilot, lambda: isinstance(app.screen, BoundaryScreen), what="the picture is open")
    assert isinstance(app.screen, BoundaryScreen)
    await until_shown(pilot, app.screen)
    return app.screen


async def until_shown(pilot: Pilot[None], screen: BoundaryScreen) -> None:
    """Wait until what can be seen is what there is."""
    await until(pilot, lambda: screen.is_read and screen.is_settled, what="the picture is drawn")
    await pilot.pause()


def words(screen: BoundaryScreen) -> str:
    """What stands beside the plane, and in the line above."""
    return f"{screen.query_one('#boundary-line', Static).content} {screen.query_one('#boundary-words', Static).content}"


def text(screen: BoundaryScreen) -> str:
    """The plane as characters."""
    return "\n".join(screen.view.render_line(y).text for y in range(screen.view.content_size.height))


def test_two_pixels_make_a_cell() -> None:
    """One colour is a blank, two are a half block; a mark stands on the upper one's colour."""
    red, blue = (255, 0, 0), (0, 0, 255)
    (line,) = half_blocks([[red, red, blue], [red, blue, blue]], {(0, 2): ("●", red)})
    assert [(segment.text, str(segment.style)) for segment in line] == [
        (" ", "#ff0000 on #ff0000"),
        (UPPER_HALF, "#ff0000 on #0000ff"),
        ("●", "bold #ff0000 on #0000ff"),
    ]
    assert shades([[0.0, 0.5, 1.0], [0.0, 0.5, 1.0]]) == [" ▒█"]


def test_the_plane_has_the_colour_of_the_class() -> None:
    """Blue in the middle, red around it, darker along the boundary."""
    lines = boundary_lines(RING, [], columns=40, rows=20, inks=COLOURED)
    assert all(sum(len(segment.text) for segment in line) == 40 for line in lines)
    middle, edge = _colours(lines[10]), _colours(lines[0])
    assert all(red > blue for red, _, blue in edge)
    assert middle[20][2] > middle[20][0]
    assert middle[0][0] > middle[0][2]
    reds = [red for red, _, blue in middle[:20] if red > blue]
    assert reds[0] > reds[-1]


@pytest.mark.parametrize("inks", [COLOURED, PLAIN])
def test_points_lie_on_the_plane(inks: Inks) -> None:
    """A sign for each class, another for those that are wrong; without colour class 1 is shaded."""
    points = examples(RING, "train")
    lines = boundary_lines(RING, points, columns=60, rows=30, inks=inks)
    picture = "\n".join("".join(segment.text for segment in line) for line in lines)
    assert all(sign in picture for sign in "●▲✕")
    assert picture.count("✕") <= sum(not one.is_right for one in points)
    assert ("░" in picture) == inks.is_plain
    assert boundary_lines(RING, points, columns=0, rows=30, inks=inks) == []


def _colours(line: list[Segment]) -> list[Rgb]:
    found: list[Rgb] = []
    for segment in line:
        style = segment.style
        assert isinstance(style, Style)
        found += [rgb_of(style)] * len(segment.text)
    return found


async def test_o_shows_the_newest_run_at_its_end(home: Home, client: FakeClient) -> None:
    """Its accuracies on both parts are those of the drawn network."""
    write_film(home, (0, BLANK), (4, RINGS), lr=0.1)
    write_film(home, (0, BLANK), (4, RINGS), (8, BLANK), lr=0.5)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_boundary(pilot, app, num_runs=2)
        assert "lr=0.5  run 1 of 2" in words(screen)
        assert "training  50.0 %, 100 wrong" in words(screen)
        assert "epoch 8 of 8, finished" in words(screen)
        await pilot.press("h", "H", "H", "H")
        await until_shown(pilot, screen)
        assert "epoch 4 of 8" in words(screen)
        right = 100 * sum(one.is_right for one in examples(RING, "test")) / 200
        assert f"test      {right:.1f} %" in words(screen)


async def test_arrows_change_the_run_and_t_the_points(home: Home, client: FakeClient) -> None:
    """Down to older ones and no further; training points, test points, none."""
    write_film(home, (0, BLANK), (4, RINGS), lr=0.1)
    write_film(home, (0, BLANK), (4, RINGS), lr=0.5)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_boundary(pilot, app, num_runs=2)
        for keys, place in (
            (["down"], "run 2 of 2"),
            (["j"], "run 2 of 2"),
            (["up"], "run 1 of 2"),
            (["k"], "run 1 of 2"),
        ):
            await pilot.press(*keys)
            await until_shown(pilot, screen)
            assert place in words(screen)
        training = text(screen)
        await pilot.press("t")
        await until_shown(pilot, screen)
        assert text(screen) != training
        assert screen.view.border_title == "Decision boundary, test points"
        await pilot.press("t")
        await until_shown(pilot, screen)
        assert not set("●▲✕") & set(text(screen))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")
        screen._tick()  # one that was under way
        assert board_of(app).looked_at_elsewhere == frozenset()


async def test_the_picture_follows_a_run_that_trains(home: Home, client: FakeClient) -> None:
    """A film that is replaced is seen without a key; a replay goes through its frames."""
    run = write_film(home, (0, BLANK), (1, BLANK), state="running")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_boundary(pilot, app, num_runs=1)
        assert "50.0 %" in words(screen)
        frames = tuple(Frame(epoch=epoch, step=epoch, weights=RINGS) for epoch in (0, 1, 2))
        write_picture(run.folder, Film(frames=frames))
        await until(pilot, lambda: "epoch 2 of" in words(screen), what="the new frame is shown")
        assert "50.0 %" not in words(screen)
        await pilot.press("space")
        assert screen.timeline.replay.is_playing
        await pilot.press("escape")
        assert app.screen is screen


@pytest.mark.parametrize(
    ("weights", "state", "expected"),
    [
        ((math.nan,) * 52, "diverged", "The weights are not finite"),
        (None, "finished", "This run kept no picture"),
        (None, "running", "The first picture comes"),
        ((), "finished", "damaged"),
        ((1.0,) * 3, "finished", "damaged"),
    ],
)
async def test_what_cannot_be_shown_is_said(
    home: Home, client: FakeClient, weights: tuple[float, ...] | None, state: str, expected: str
) -> None:
    """Divergence, a run of an earlier version, one that has just begun, a damaged file."""
    if weights is None:
        make_run(home, make_spec("circles", small_preset("sgd", "sgd", 10, lr=0.1)), state=state)  # type: ignore[arg-type] # states
    else:
        run = write_film(home, (1, weights or BLANK), state=state, reason="the loss is not finite")  # type: ignore[arg-type] # as above
        if not weights:
            run.folder.film.write_text("{", encoding="utf-8")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_boundary(pilot, app, num_runs=1)
        assert expected in text(screen)


async def test_without_a_run_the_picture_says_how_to_get_one(home: Home, client: FakeClient) -> None:
    """And esc leaves it."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_boundary(pilot, app, num_runs=0)
        assert "No run on circles yet" in text(screen)
        await pilot.press("up", "down", "l", "space", "escape")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")

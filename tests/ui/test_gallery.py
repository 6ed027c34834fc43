"""Images in the app: one of each class, mistakes, confusion; which run, which page, and what is said where there is none."""

from functools import partial

import pytest
from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Static

from tests.factories import make_run, make_spec
from tests.image_runs import NUM_TEST, sample, sample_labels, write_judged
from tests.ui.stage import FakeClient, make_app, until, until_drawn
from tui_optim.report.pictures.gallery import SIDE, judged, training_images
from tui_optim.spec.events import RunState
from tui_optim.spec.pictures import Predictions
from tui_optim.store.datasets import SAMPLE_ROOT
from tui_optim.store.home import Home
from tui_optim.store.pictures import write_picture
from tui_optim.store.status import Status, write_status
from tui_optim.ui.app import LabApp
from tui_optim.ui.pictures.gallery import FEW_LEVELS, LEVELS, Inks, Tile, class_tiles, confusion_lines, tile_lines
from tui_optim.ui.pictures.pixels import rgb_of
from tui_optim.ui.screens.gallery import GalleryScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.widgets.picture import PictureView

SIZE = (120, 36)


def inks(num_greys: int) -> Inks:
    """Of a terminal with so many greys."""
    return Inks(text=Style(), quiet=Style(), ground=(0, 0, 0), good=(0, 0, 255), bad=(255, 0, 0), num_greys=num_greys)


async def open_gallery(pilot: Pilot[None], app: LabApp, *keys: str, num_runs: int) -> GalleryScreen:
    """Press keys on the main screen, then o, and wait for the picture."""
    await until_drawn(pilot, app, num_runs=num_runs)
    await pilot.press(*keys, "o")
    await until(pilot, lambda: isinstance(app.screen, GalleryScreen), what="the gallery is open")
    assert isinstance(app.screen, GalleryScreen)
    await until_shown(pilot, app.screen)
    return app.screen


async def until_shown(pilot: Pilot[None], screen: GalleryScreen) -> None:
    """Wait until what can be seen is what there is."""
    await until(pilot, lambda: screen.is_settled, what="the gallery is drawn")
    await pilot.pause()


def text(screen: GalleryScreen) -> str:
    """All that can be read."""
    view = screen.query_one(PictureView)
    lines = [view.render_line(y).text for y in range(view.content_size.height)]
    return "\n".join([str(screen.query_one(f"#gallery-{part}", Static).content) for part in ("line", "words")] + lines)


@pytest.mark.parametrize(("width", "side"), [(80, 14), (118, 22), (200, 28)])
def test_ten_images_fill_two_rows(width: int, side: int) -> None:
    """As large as there is room for; each with its class below."""
    tiles = class_tiles(training_images(sample()))
    lines = tile_lines(tiles, width=width, height=40, inks=inks(LEVELS))
    assert len(lines) == 2 * (side // 2 + 1)
    texts = ["".join(segment.text for segment in line) for line in lines]
    assert all(len(line) <= width for line in texts)
    assert texts[side // 2].split() == ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"]
    assert tile_lines(tiles, width=20, height=40, inks=inks(LEVELS)) == []
    assert tile_lines(tiles, width=width, height=6, inks=inks(LEVELS)) == []


@pytest.mark.parametrize("num_greys", [FEW_LEVELS, LEVELS])
def test_greys_are_those_that_the_terminal_has(num_greys: int) -> None:
    """Sixteen, or the four that sixteen colours have among them."""
    ramp = bytes(round(255 * column / (SIDE - 1)) for _ in range(SIDE) for column in range(SIDE))
    lines = tile_lines([Tile(image=ramp, captions=(("ramp", False),))], width=200, height=60, inks=inks(num_greys))
    greys = {rgb_of(segment.style) for segment in lines[0] if segment.style and segment.style.color}
    assert len(greys) == num_greys
    assert all(r == g == b for r, g, b in greys)
    assert {(0, 0, 0), (255, 255, 255)} <= greys


def test_without_colour_characters_shade() -> None:
    """From a blank to a full block."""
    ramp = bytes(round(255 * column / (SIDE - 1)) for _ in range(SIDE) for column in range(SIDE))
    (line, *_) = tile_lines([Tile(image=ramp, captions=(("ramp", False),))], width=200, height=60, inks=inks(0))
    shown = "".join(segment.text for segment in line).strip()
    assert [shown.index(sign) for sign in "░▒▓█"] == sorted(shown.index(sign) for sign in "░▒▓█")


@pytest.mark.parametrize("num_greys", [0, FEW_LEVELS, LEVELS])
def test_a_confusion_matrix_fits_eighty_columns(home: Home, num_greys: int) -> None:
    """A row for each class with its accuracy; colours are an addition."""
    found = judged(write_judged(home))
    lines = ["".join(one.text for one in line) for line in confusion_lines(found, width=78, inks=inks(num_greys))]
    assert len(lines) == 12
    assert all(len(line) <= 78 for line in lines)
    matrix = found.confusion()
    for label, line in enumerate(lines[1:11]):
        assert line.startswith(found.images.classes[label])
        numbers = [0 if word == "·" else int(word) for word in line[12:].split()[:-2]]
        assert numbers == matrix[label]
        assert line.endswith(f"{100 * matrix[label][label] / sum(matrix[label]):.1f} %")
    assert lines[-1].split() == ["all", "87.50", "%"]


async def test_o_on_a_scenario_shows_its_images(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of each class; v turns to the mistakes of the newest run and to its confusion, and back."""
    monkeypatch.setenv("TUI_OPTIM_DATA", str(SAMPLE_ROOT))
    write_judged(home)
    app = make_app(home, client)
    del app.launcher.sources["fashion-mnist"]
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_gallery(pilot, app, num_runs=1)
        assert all(name in text(screen) for name in ("Ankle boot", "Trouser", "training images (sample)"))
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert "125 of 1,000 test images, surest first, page 1/13" in text(screen)
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert "87.50 % of 1,000 test images right" in text(screen)
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert screen.view == "classes"


async def test_o_on_a_run_shows_its_mistakes(home: Home, client: FakeClient) -> None:
    """Page by page and no further, with the true class and what it is taken for."""
    write_judged(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_gallery(pilot, app, "6", num_runs=1)
        shown = screen.shown
        assert shown is not None
        assert shown.judged is not None
        first, classes = shown.mistakes[0], shown.judged.images.classes
        assert classes[first.label] in text(screen)
        assert f"→ {classes[first.predicted]} {100 * first.certainty:.0f}%" in text(screen)
        await pilot.press("left", *["right"] * 20)
        await until_shown(pilot, screen)
        assert "page 13/13" in text(screen)
        await pilot.press("h")
        await until_shown(pilot, screen)
        assert "page 12/13" in text(screen)


async def test_arrows_go_to_other_runs(home: Home, client: FakeClient) -> None:
    """A run that holds out shows its validation images and says that the test set was not touched."""
    write_judged(home, indices=tuple(range(0, 6000, 6)), seed=1)
    write_judged(home, seed=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_gallery(pilot, app, "6", "home", num_runs=2)
        assert "·s2 sample  run 1 of 2" in text(screen)
        await pilot.press("down", "j")
        await until_shown(pilot, screen)
        assert "·s1 sample  run 2 of 2" in text(screen)
        assert f"125 of {NUM_TEST:,} held-out images (test set untouched)" in text(screen)
        await pilot.press("k", "up")
        await until_shown(pilot, screen)
        assert "run 1 of 2" in text(screen)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, MainScreen), what="the main screen is back")


async def test_a_run_that_ends_while_one_looks_is_shown(home: Home, client: FakeClient) -> None:
    """Until then its state is said."""
    run = write_judged(home, state="running")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        run.folder.predictions.rename(run.folder.path / "later")
        screen = await open_gallery(pilot, app, "6", num_runs=1)
        assert "is running: it says what it takes images for" in text(screen)
        (run.folder.path / "later").rename(run.folder.predictions)
        write_status(run.folder.status, Status(state="finished", epoch=2, epochs=2))
        await until(pilot, lambda: "125 of 1,000 test images" in text(screen), what="its mistakes are shown")


async def test_a_page_that_is_no_longer_there_gives_way_to_the_last(home: Home, client: FakeClient) -> None:
    """A run that goes on may come to make fewer mistakes than there were when one looked."""
    run = write_judged(home)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        screen = await open_gallery(pilot, app, "6", num_runs=1)
        await pilot.press(*["right"] * 20)
        await until_shown(pilot, screen)
        assert "page 13/13" in text(screen)
        classes = bytes((label + (number < 15)) % 10 for number, label in enumerate(sample_labels("test")))
        write_picture(run.folder, Predictions(split="test", classes=classes, certainties=bytes(NUM_TEST)))
        states: tuple[RunState, ...] = ("running", "finished")
        for state in states:
            write_status(run.folder.status, Status(state=state, epoch=2, epochs=2))
            await until(pilot, partial(is_shown_as, screen, state), what=f"it is {state}")
        assert "15 of 1,000 test images, surest first, page" in text(screen)
        assert "Every image is taken" not in text(screen)


def is_shown_as(screen: GalleryScreen, state: RunState) -> bool:
    """Whether the run is known to be in this state, and what it says then is on the screen."""
    return screen.run is not None and screen.run.status.state == state and screen.is_settled


@pytest.mark.parametrize(
    ("state", "expected"),
    [("finished", "kept no predictions"), ("stopped", "is stopped"), (None, "No run on these images")],
)
async def test_what_cannot_be_shown_is_said(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch, state: RunState | None, expected: str
) -> None:
    """With what to do: data that is not there, runs without predictions, no run at all."""
    monkeypatch.setenv("TUI_OPTIM_DATA", "/absent")
    if state is not None:
        make_run(home, make_spec(), state=state)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        del app.launcher.sources["fashion-mnist"]
        screen = await open_gallery(pilot, app, num_runs=1 if state else 0)
        assert "/absent: no such folder" in text(screen)
        await pilot.press("v")
        await until_shown(pilot, screen)
        assert expected in text(screen)
        await pilot.press("up", "down", "right", "v")
        await until_shown(pilot, screen)
        assert expected in text(screen)


def test_a_caption_that_is_cut_keeps_how_sure_the_run_is() -> None:
    """The class may be guessed from its beginning, the share may not."""
    image = class_tiles(training_images(sample()))[0].image
    tile = Tile(image=image, captions=(("T-shirt/top", True), ("→ T-shirt/top 97%", False)))
    lines = tile_lines([tile], width=80, height=40, inks=inks(LEVELS))
    assert "".join(segment.text for segment in lines[-1]).rstrip() == "→ T-shirt/… 97%"

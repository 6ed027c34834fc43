"""Pictures beside a run: written whole, read back, damage told in a sentence."""

import math
from pathlib import Path

import pytest

from tests.factories import make_run
from tui_optim.spec.errors import StoreError
from tui_optim.spec.pictures import Film, Frame, Predictions
from tui_optim.store.home import open_home
from tui_optim.store.pictures import read_film, read_predictions, write_picture
from tui_optim.store.runfolder import RunFolder


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    """Of a run without pictures."""
    return make_run(open_home(tmp_path)).folder


def test_a_run_without_pictures_has_none(folder: RunFolder) -> None:
    """That is no error: earlier versions left none."""
    assert read_film(folder) is None
    assert read_predictions(folder) is None


def test_a_film_comes_back(folder: RunFolder) -> None:
    """In float32, as the weights are, infinities and NaN included; a later one takes its place."""
    write_picture(folder, Film(frames=(Frame(epoch=0, step=0, weights=(1.0,)),)))
    frames = (Frame(epoch=0, step=0, weights=(0.25, -1.5)), Frame(epoch=3, step=60, weights=(math.inf, -math.inf)))
    write_picture(folder, Film(frames=frames))
    assert read_film(folder) == Film(frames=frames)
    write_picture(folder, Film(frames=(Frame(epoch=1, step=2, weights=(1 / 3, math.nan)),)))
    film = read_film(folder)
    assert film is not None
    assert film.frames[0].weights[0] == pytest.approx(1 / 3, rel=1e-7)
    assert math.isnan(film.frames[0].weights[1])


@pytest.mark.parametrize("indices", [(), (5, 70_000, 0)])
def test_predictions_come_back(folder: RunFolder, indices: tuple[int, ...]) -> None:
    """Of a test set in its order, and of validation examples by their places."""
    shown = Predictions(
        split="val" if indices else "test", classes=b"\x00\x09\x0a", certainties=b"\xff\x00\x80", indices=indices
    )
    write_picture(folder, shown)
    assert read_predictions(folder) == shown


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}\n",
        b'{"frames": [[-5, 0, ""]]}',
        b'{"frames": [[1e400, 0, ""]]}',
        b'{"split": "test", "count": 9, "indices": 0}\nabc',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_damage_is_a_sentence(folder: RunFolder, content: bytes) -> None:
    """It names the file."""
    folder.predictions.write_bytes(content)
    folder.film.write_bytes(content)
    with pytest.raises(StoreError, match=r"predictions\.bin: damaged"):
        read_predictions(folder)
    with pytest.raises(StoreError, match=r"film\.json: damaged"):
        read_film(folder)


def test_a_byte_that_was_changed_is_noticed(folder: RunFolder) -> None:
    """By the check sum, where sizes agree; a film of another version says so and is not called damaged."""
    write_picture(folder, Predictions(split="val", classes=b"\x01\x02", certainties=b"\xff\xf0", indices=(5, 7)))
    content = folder.predictions.read_bytes()
    folder.predictions.write_bytes(content[:-4] + b"\x09" + content[-3:])
    with pytest.raises(StoreError, match="check sum"):
        read_predictions(folder)
    folder.film.write_text('{"version": 2, "scenes": []}')
    with pytest.raises(StoreError, match="of another version"):
        read_film(folder)

"""Images and what runs say of them: mistakes in the order of their certainty, confusion, accuracy per class."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec
from tests.image_runs import EVERY, NUM_TEST, sample, sample_labels, write_judged
from tui_optim.report.pictures.gallery import (
    SIDE,
    class_accuracies,
    judged,
    one_of_each,
    shrunk,
    training_images,
)
from tui_optim.spec.errors import DataError, StoreError
from tui_optim.spec.pictures import Predictions
from tui_optim.store.home import Home, open_home
from tui_optim.store.pictures import write_picture


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def test_there_is_one_image_of_each_class() -> None:
    """The first of each, in the order of the classes; the sample is said."""
    images = training_images(sample())
    positions = one_of_each(images)
    assert [images.labels[position] for position in positions] == list(range(10))
    assert all(images.labels.index(label) == position for label, position in enumerate(positions))
    assert len(images.image(positions[3])) == SIDE * SIDE
    assert images.title == "Fashion-MNIST, training images (sample)"


def test_mistakes_come_with_the_surest_first(home: Home) -> None:
    """An eighth of the test images, each with its true class and what it is taken for."""
    found = judged(write_judged(home))
    mistakes = found.mistakes()
    assert len(mistakes) == NUM_TEST // EVERY
    assert found.accuracy == 1 - 1 / EVERY
    labels = sample_labels("test")
    for one in mistakes:
        assert (one.label, one.predicted) == (labels[one.position], (labels[one.position] + 1) % 10)
    certainties = [one.certainty for one in mistakes]
    assert certainties == sorted(certainties, reverse=True)
    assert found.split_words == "test images"


def test_confusion_counts_every_image_once(home: Home) -> None:
    """Rows add up to the images of a class; what is off the diagonal are the mistakes."""
    found = judged(write_judged(home))
    matrix, labels = found.confusion(), sample_labels("test")
    assert [sum(row) for row in matrix] == [labels.count(label) for label in range(10)]
    assert sum(map(sum, matrix)) - sum(matrix[i][i] for i in range(10)) == len(found.mistakes())
    assert class_accuracies(matrix) == [matrix[i][i] / sum(matrix[i]) for i in range(10)]
    assert class_accuracies([[0, 0], [1, 3]]) == [None, 0.75]


def test_a_held_out_run_shows_its_validation_images(home: Home) -> None:
    """Those that were named, from the training images; and that the test set was not touched is said."""
    indices = (5999, 0, 17, 42)
    found = judged(write_judged(home, indices=indices))
    images = training_images(sample())
    assert found.is_held_out
    assert "test set untouched" in found.split_words
    assert [found.images.image(number) for number in range(4)] == [images.image(index) for index in indices]
    assert list(found.images.labels) == [images.labels[index] for index in indices]
    assert "held-out" in found.images.title


def test_a_class_that_there_is_not_is_damage(home: Home) -> None:
    """The sentence names the file."""
    run = write_judged(home)
    content = run.folder.predictions.read_bytes()
    start = content.index(b"\n") + 1
    run.folder.predictions.write_bytes(content[:start] + b"\xc8" + content[start + 1 :])
    with pytest.raises(StoreError, match=r"predictions\.bin: damaged"):
        judged(run)


def test_what_is_missing_is_a_sentence(home: Home) -> None:
    """No predictions, not over yet, no images, predictions that do not fit, files that have gone."""
    with pytest.raises(StoreError, match=r"kept no predictions.*Train it again: tui-optim run lenet5-fashion"):
        judged(write_judged(home, has_predictions=False))
    with pytest.raises(StoreError, match="is running: it says what it takes images for when it has finished"):
        judged(write_judged(home, has_predictions=False, state="running"))
    with pytest.raises(StoreError, match="circles has no images"):
        judged(make_run(home, make_spec("circles")))
    run = write_judged(home)
    write_picture(run.folder, Predictions(split="test", classes=b"\0", certainties=b"\0"))
    with pytest.raises(StoreError, match="1 predictions for 1000 images"):
        judged(run)
    write_picture(run.folder, Predictions(split="val", classes=b"\0", certainties=b"\0", indices=(6000,)))
    with pytest.raises(StoreError, match="images that are not there"):
        judged(run)


def test_images_that_have_gone_are_named(home: Home, tmp_path: Path) -> None:
    """The folder that the run was trained from may have been removed since."""
    run = write_judged(home)
    files = {role: tmp_path / path.name for role, path in sample().files.items()}
    spec = run.info.spec.model_copy(update={"data": sample().model_copy(update={"files": files})})
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte"):
        judged(replace(run, info=replace(run.info, spec=spec)))


@pytest.mark.parametrize("size", [28, 40, 14, 10, 23])
def test_a_shrunk_image_keeps_its_light(size: int) -> None:
    """Every pixel is the mean of what it covers: an even image stays even, and the mean of any image stays."""
    assert shrunk(bytes([255]) * SIDE * SIDE, size) == [[pytest.approx(1.0)] * min(size, SIDE)] * min(size, SIDE)
    images = training_images(sample())
    image = images.image(0)
    values = [value for row in shrunk(image, size) for value in row]
    assert sum(values) / len(values) == pytest.approx(sum(image) / len(image) / 255)

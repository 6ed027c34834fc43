"""What a run shows of itself: a film of a small network, predictions on held-out images."""

from itertools import pairwise

import pytest
import torch

from tests.engine.runs_for_tests import CPU, Listener, make_run, train_here
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.data import load_splits
from tui_optim.engine.film import MAX_FRAMES, Camera, weights_of
from tui_optim.engine.hand_written import CirclesNetwork
from tui_optim.engine.models import MODELS
from tui_optim.report.pictures.boundary import network_of
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.pictures import Film, Frame, Predictions
from tui_optim.spec.run import RunSpec


def circles(*, epochs: int, lr: float = 0.5) -> RunSpec:
    """A run on circles by hand, twenty steps an epoch."""
    source = generated_source("circles")
    return make_run(source, scenario="circles", optimizer="sgd-by-hand", batch_size=10, epochs=epochs, lr=lr)


def films(heard: Listener) -> list[Film]:
    """Those that were shown."""
    return [picture for picture in heard.pictures if isinstance(picture, Film)]


def test_a_film_begins_untrained_and_ends_with_the_run() -> None:
    """A picture at each end of an epoch when somebody wants it, one at the end; the last frame has the final weights."""
    _, heard = train_here(circles(epochs=5))
    assert [film.frames[-1].epoch for film in films(heard)] == [1, 2, 3, 4, 5, 5]
    last = films(heard)[-1]
    assert [(frame.epoch, frame.step) for frame in last.frames] == [(epoch, 20 * epoch) for epoch in range(6)]
    model = from_bytes(heard.checkpoints[-1])["model"]
    assert list(last.frames[-1].weights) == torch.cat([part.reshape(-1) for part in model.values()]).tolist()
    assert last.frames[0].weights != last.frames[-1].weights


def test_the_screen_computes_what_the_model_says() -> None:
    """The margin without torch is the difference of the model's scores."""
    torch.manual_seed(1)
    model = CirclesNetwork()
    network = network_of(Frame(epoch=0, step=0, weights=tuple(weights_of(model))))
    points = torch.rand(50, 2) * 3 - 1.5
    scores = model(points).detach()
    expected = (scores[:, 1] - scores[:, 0]).tolist()
    assert [network.margin(x, y) for x, y in points.tolist()] == pytest.approx(expected, abs=1e-5)


def test_a_long_run_keeps_few_frames_at_equal_distances() -> None:
    """Whatever its length, and the untrained model among them."""
    camera = Camera()
    for epoch in range(1001):
        if camera.wants(epoch):
            camera.take(epoch, 10 * epoch, [0.0])
    epochs = [frame.epoch for frame in camera.film(1003, 10030, [1.0]).frames]
    assert MAX_FRAMES // 2 <= len(epochs) <= MAX_FRAMES + 1
    assert epochs[0] == 0
    assert epochs[-1] == 1003
    assert len({b - a for a, b in pairwise(epochs[:-1])}) == 1


def test_a_resumed_run_ends_with_the_same_film() -> None:
    """The frames before the interruption are in the checkpoint."""
    _, whole = train_here(circles(epochs=40))
    _, first = train_here(circles(epochs=40), listener=Listener(wanted="interrupted", after_polls=20))
    _, second = train_here(circles(epochs=40), checkpoint=first.checkpoints[-1])
    assert films(second)[-1] == films(whole)[-1]


def test_a_diverged_run_ends_with_the_weights_that_it_has() -> None:
    """The frames before it stay."""
    ended, heard = train_here(circles(epochs=5, lr=1e6))
    assert ended.state == "diverged"
    assert films(heard)[-1].frames[0].epoch == 0


def test_predictions_are_those_of_the_final_figures(source: DataSource) -> None:
    """One class for each test image, in the order of the file; their share of hits is the final accuracy."""
    run = make_run(source, lr=0.1, epochs=1)
    ended, heard = train_here(run)
    (shown,) = heard.pictures
    assert isinstance(shown, Predictions)
    assert (shown.split, len(shown.classes), shown.indices) == ("test", 1000, [])
    test = load_splits(run, CPU).test
    assert test is not None
    hits = sum(a == b for a, b in zip(shown.classes, test.labels.tolist(), strict=True))
    assert ended.final is not None
    assert hits / 1000 == pytest.approx(ended.final.test_accuracy)
    model = MODELS["lenet5"]()
    model.load_state_dict(from_bytes(heard.checkpoints[-1])["model"])
    with torch.no_grad():
        sure = torch.softmax(model(test.inputs[:50]), 1).max(1).values
    assert [value / 255 for value in shown.certainties[:50]] == pytest.approx(sure.tolist(), abs=0.01)


def test_a_run_that_holds_out_predicts_its_validation_images(source: DataSource) -> None:
    """The test set is not touched; each example is named by its place among the training images."""
    run = make_run(source, lr=0.1, epochs=1, holdout=True)
    ended, heard = train_here(run)
    (shown,) = heard.pictures
    assert isinstance(shown, Predictions)
    assert (shown.split, len(shown.classes), len(shown.indices)) == ("val", 1000, 1000)
    whole = load_splits(make_run(source, lr=0.1), CPU).train
    labels = whole.labels[torch.tensor(shown.indices)].tolist()
    assert ended.final is not None
    assert sum(a == b for a, b in zip(shown.classes, labels, strict=True)) / 1000 == pytest.approx(
        ended.final.val_accuracy
    )


def test_a_stopped_run_and_a_quadratic_show_nothing(source: DataSource) -> None:
    """Predictions are of final weights; a quadratic's path is in its log."""
    _, stopped = train_here(make_run(source, lr=0.1), listener=Listener(wanted="stopped", after_polls=2))
    assert stopped.pictures == []
    quadratic = make_run(generated_source("one-function"), scenario="quadratic-f1", batch_size=1, lr=0.1, epochs=5)
    assert train_here(quadratic)[1].pictures == []


def test_training_is_the_same_whether_somebody_looks_or_not() -> None:
    """Not a bit of a run's numbers depends on its pictures."""

    class Blind(Listener):
        def wants_picture(self) -> bool:
            return False

    _, seen = train_here(circles(epochs=10))
    _, unseen = train_here(circles(epochs=10), listener=Blind())
    assert [result.test_loss for result in seen.epochs] == [result.test_loss for result in unseen.epochs]
    assert len(films(unseen)) == 1


def test_a_film_in_a_checkpoint_of_an_earlier_version_is_taken_up() -> None:
    """It was a list for each frame; now all weights are one tensor, and both give the same film."""
    camera, earlier, later = Camera(), Camera(), Camera()
    for epoch in range(3):
        camera.take(epoch, 10 * epoch, [0.1 * epoch, -1.0])
    later.load_state_dict(camera.state_dict())
    earlier.load_state_dict({"every": 1, "frames": [[epoch, 10 * epoch, [0.1 * epoch, -1.0]] for epoch in range(3)]})
    films = [one.film(3, 30, [1.0, 2.0]) for one in (camera, earlier, later)]
    assert films[0] == films[1] == films[2]

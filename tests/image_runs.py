"""Runs on the packaged sample that have left predictions, as a worker would have written them."""

from collections.abc import Sequence

from tests.factories import make_preset, make_run, make_spec
from tui_optim.spec.datasets import DataSource, read_verified
from tui_optim.spec.events import RunState
from tui_optim.spec.pictures import Predictions
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.datasets import find_sample
from tui_optim.store.home import Home
from tui_optim.store.pictures import write_picture

NUM_TEST = 1000
EVERY = 8
"""One image of so many is taken for the class after its own."""


def sample() -> DataSource:
    """The packaged sample of Fashion-MNIST."""
    return find_sample("fashion-mnist")


def sample_labels(role: str) -> bytes:
    """Of 'train' or 'test'."""
    labels = read_verified(sample(), "train-labels" if role == "train" else "test-labels")
    return labels.content[labels.offset :]


def write_judged(
    home: Home,
    *,
    state: RunState = "finished",
    has_predictions: bool = True,
    indices: Sequence[int] = (),
    scenario: str = "lenet5-fashion",
    seed: int = 42,
    preset_id: str = "sgd-baseline",
) -> StoredRun:
    """A run that takes one image of eight for another class; of held-out training images where there are indices."""
    preset = make_preset().model_copy(update={"id": preset_id})
    spec = make_spec(scenario, preset, kind="sample", holdout=bool(indices), seed=seed).model_copy(
        update={"data": sample()}
    )
    run = make_run(home, spec, state=state)
    if has_predictions:
        everything = sample_labels("train" if indices else "test")
        labels = [everything[index] for index in indices] if indices else list(everything)
        classes = bytes((label + (number % EVERY == 0)) % 10 for number, label in enumerate(labels))
        certainties = bytes(255 - number % 100 for number in range(len(labels)))
        split = "val" if indices else "test"
        write_picture(
            run.folder,
            Predictions(split=split, classes=classes, certainties=certainties, indices=tuple(indices)),  # type: ignore[arg-type] # one of two
        )
    return run

"""Images as they are, and what a run says of held-out ones: one of each class, mistakes, confusion matrix, accuracy per class."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui_optim.spec.datasets import DATASETS, ROLES, DataSource, read_verified
from tui_optim.spec.errors import StoreError
from tui_optim.spec.events import AT_THEIR_END
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.pictures import read_predictions

SIDE = 28
"""Pixels of an image in each direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Images:
    """Images with their classes."""

    pixels: bytes
    """SIDE² bytes an image, row by row, 0 … 255."""
    labels: bytes
    """A byte an image."""
    classes: tuple[str, ...]
    title: str
    """The data set and the part of it; the sample is said."""

    def image(self, index: int) -> bytes:
        """One image."""
        return self.pixels[index * SIDE * SIDE : (index + 1) * SIDE * SIDE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """An image that a run takes for something else."""

    position: int
    """Among the images."""
    label: int
    predicted: int
    certainty: float
    """Probability of what is predicted, 0 … 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a run said at its end of the images that it was judged on."""

    run: StoredRun
    images: Images
    predicted: bytes
    certainties: bytes
    is_held_out: bool
    """Whether these are held-out training images, because the run never saw the test set."""

    @property
    def accuracy(self) -> float:
        """Fraction of hits."""
        return sum(a == b for a, b in zip(self.predicted, self.images.labels, strict=True)) / len(self.predicted)

    @property
    def split_words(self) -> str:
        """Which images these are."""
        return "held-out images (test set untouched)" if self.is_held_out else "test images"

    def mistakes(self) -> list[Mistake]:
        """All of them, those first of which the run was surest."""
        both = zip(self.images.labels, self.predicted, self.certainties, strict=True)
        found = [
            Mistake(position=position, label=label, predicted=predicted, certainty=certainty / 255)
            for position, (label, predicted, certainty) in enumerate(both)
            if label != predicted
        ]
        return sorted(found, key=lambda mistake: -mistake.certainty)

    def confusion(self) -> list[list[int]]:
        """How many images of each class (row) are taken for each class (column)."""
        size = len(self.images.classes)
        matrix = [[0] * size for _ in range(size)]
        for label, predicted in zip(self.images.labels, self.predicted, strict=True):
            matrix[label][predicted] += 1
        return matrix


def class_accuracies(matrix: Sequence[Sequence[int]]) -> list[float | None]:
    """Fraction of each class (row) that is right; None where there is no image of it."""
    return [row[label] / sum(row) if sum(row) else None for label, row in enumerate(matrix)]


def training_images(source: DataSource) -> Images:
    """The training images of a data set. Raises DataError."""
    return _read(source, "train")


def one_of_each(images: Images) -> list[int]:
    """The first image of each class that there is."""
    return [position for label in range(len(images.classes)) if (position := images.labels.find(bytes([label]))) >= 0]


def judged(run: StoredRun) -> Judged:
    """What a run has left of its predictions, with the images.

    Raises:
        StoreError: it has left none; the sentence says what to do.
        DataError: the images are not where they were.
    """
    spec = run.info.spec
    if spec.scenario_info.picture != "gallery":
        raise StoreError(f"{run.run_id}: {spec.scenario} has no images")
    predictions = read_predictions(run.folder)
    if predictions is None:
        if run.status.state not in AT_THEIR_END:
            raise StoreError(
                f"{run.run_id} is {run.status.state}: it says what it takes images for when it has finished"
            )
        raise StoreError(
            f"{run.run_id} kept no predictions: it was trained before runs did. Train it again: {spec.command}"
        )
    is_held_out = predictions.split == "val"
    images = _read(spec.data, "train" if is_held_out else "test")
    if is_held_out:
        images = _chosen(images, predictions.indices)
    if len(images.labels) != len(predictions.classes):
        raise StoreError(f"{run.run_id}: {len(predictions.classes)} predictions for {len(images.labels)} images")
    if max(predictions.classes, default=0) >= len(images.classes):
        raise StoreError(f"{run.folder.predictions}: damaged (a class that there is not)")
    return Judged(
        run=run,
        images=images,
        predicted=predictions.classes,
        certainties=predictions.certainties,
        is_held_out=is_held_out,
    )


def shrunk(image: bytes, size: int) -> list[list[float]]:
    """An image at `size` ≤ SIDE pixels in each direction, 0 … 1: each is the mean of what it covers."""
    if size >= SIDE:
        return [[value / 255 for value in image[row * SIDE : (row + 1) * SIDE]] for row in range(SIDE)]
    shares = _shares(size)
    narrow = [[sum(image[row * SIDE + i] * share for i, share in parts) for parts in shares] for row in range(SIDE)]
    return [[sum(narrow[i][column] * share for i, share in parts) / 255 for column in range(size)] for parts in shares]


def _shares(size: int) -> list[list[tuple[int, float]]]:
    """For each of `size` equal pieces of SIDE pixels: which of them it covers, and with which weight."""
    edges = [number * SIDE / size for number in range(size + 1)]
    return [
        [
            (i, overlap * size / SIDE)
            for i in range(int(low), min(SIDE, int(high) + 1))
            if (overlap := min(high, i + 1) - max(low, i)) > 1e-9
        ]
        for low, high in pairwise(edges)
    ]


def _read(source: DataSource, part: str) -> Images:
    pixels, labels = (read_verified(source, role) for role in ROLES[part])
    dataset = DATASETS[source.dataset]
    name = "training images" if part == "train" else "test images"
    return Images(
        pixels=pixels.content[pixels.offset :],
        labels=labels.content[labels.offset :],
        classes=dataset.classes,
        title=f"{dataset.title}, {name}{' (sample)' if source.kind == 'sample' else ''}",
    )


def _chosen(images: Images, indices: Sequence[int]) -> Images:
    if any(not 0 <= index < len(images.labels) for index in indices):
        raise StoreError("the predictions are of images that are not there")
    return Images(
        pixels=b"".join(images.image(index) for index in indices),
        labels=bytes(images.labels[index] for index in indices),
        classes=images.classes,
        title=images.title.replace("training images", "held-out training images"),
    )

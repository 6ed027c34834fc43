"""What is to be said of a run that has finished: that it got worse, stood still, or overfits; of a healthy one nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tui_optim.report.finding import Figures, Verdict, smaller_rate
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.remedies import rounded
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec

FEW_EPOCHS = 3
"""A run of fewer epochs is neither stalled nor overfit."""
WORSE = 1.5
"""A run has got worse whose last loss is so many times that of the untrained model, and its training loss above that too."""
STALLED = 0.99
"""A run has stalled whose lowest loss is still above this share of the untrained model's."""
LEARNT = 0.05
"""A run has not stalled, whatever its loss, that once had this share more right than untrained."""
OVERFIT = 1.1
"""A run overfits whose last held-out loss is so many times its lowest one, while the training loss fell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """How the losses of a run went: (epoch, loss) from the untrained model on, of the split that says most; and in training."""

    split: str
    losses: Sequence[tuple[int, float]]
    trained: Mapping[int, float]
    """Training losses by epoch."""

    @property
    def name(self) -> str:
        """Of the split, for people."""
        return {"val": "validation", "test": "test", "train": "training"}[self.split]

    @property
    def start(self) -> float:
        """The loss of the untrained model."""
        return self.losses[0][1]

    @property
    def lowest(self) -> tuple[int, float]:
        """Epoch and loss where it was lowest."""
        return min(self.losses, key=lambda one: one[1])

    @property
    def last(self) -> tuple[int, float]:
        """Epoch and loss at the end."""
        return self.losses[-1]

    @property
    def figures(self) -> Figures:
        """What a verdict rests on."""
        return (
            (f"{self.name} loss, untrained", f"{self.start:.4g}"),
            ("lowest", f"{self.lowest[1]:.4g}, epoch {self.lowest[0]}"),
            ("last", f"{self.last[1]:.4g}, epoch {self.last[0]}"),
        )


def verdict_of_end(spec: RunSpec, epochs: Sequence[EpochResult]) -> Verdict | None:
    """By the losses on validation data, where there is none on test data, else those of training; from epoch 0 on."""
    course = _course(epochs)
    if course is None:
        return None
    start, (last_epoch, last), lr = course.start, course.last, float(spec.hyperparameters.get("lr", 0.0))
    if last > WORSE * start and course.trained.get(last_epoch, start) > start:
        return _worse(course, lr=lr)
    if last_epoch < FEW_EPOCHS:
        return None
    if min(loss for epoch, loss in course.losses if epoch > 0) > STALLED * start and not _has_learnt(
        epochs, course.split
    ):
        return _stalled(course, lr=lr)
    return _overfit(course)


def _course(epochs: Sequence[EpochResult]) -> _Course | None:
    """None where the untrained model was not evaluated, or nothing after it."""
    trained = {one.epoch: one.train_loss for one in epochs if one.train_loss is not None}
    split = "val" if epochs and epochs[-1].val_loss is not None else "test"
    losses = [(one.epoch, loss) for one in epochs if (loss := getattr(one, f"{split}_loss")) is not None]
    if not losses:
        split, losses = "train", list(trained.items())
    if not losses or losses[0][0] != 0 or losses[-1][0] < 1:
        return None
    return _Course(split=split, losses=losses, trained=trained)


def _has_learnt(epochs: Sequence[EpochResult], split: str) -> bool:
    """Whether it gets more right than untrained, whatever its loss says."""
    found = [value for one in epochs if (value := getattr(one, f"{split}_accuracy")) is not None]
    return bool(found) and max(found) >= found[0] + LEARNT


def _worse(course: _Course, *, lr: float) -> Verdict:
    sentence = (
        f"It got worse: the {course.name} loss went from {course.start:.4g}, untrained, to {course.last[1]:.4g}. Most often "
        "the rate is too large."
    )
    return Verdict(finding="worse", sentence=sentence, figures=course.figures, changes=smaller_rate(lr))


def _stalled(course: _Course, *, lr: float) -> Verdict:
    start, (_, lowest), trained = course.start, course.lowest, list(course.trained.values())
    sentence = (
        f"It stands still: in {course.last[0]} epochs the {course.name} loss came from {start:.4g}, untrained, to "
        f"{lowest:.4g} at the lowest, less than {100 * (1 - STALLED):.0f} % down."
    )
    changes: dict[str, Value] = {}
    if max(trained, default=start) > WORSE * start:
        changes = smaller_rate(lr)
        sentence += " Its training loss had been far above that: most often the rate is too large."
    elif lr > 0 and lowest < start and all(after < before for before, after in pairwise([start, *trained])):
        changes = {"lr": rounded(10 * lr)}
        sentence += " The training loss falls at every epoch: most often the rate is too small."
    else:
        sentence += " The figures do not say why."
    return Verdict(finding="stalled", sentence=sentence, figures=course.figures, changes=changes)


def _overfit(course: _Course) -> Verdict | None:
    """None of a run that does not: whose held-out loss is near its lowest, or whose training loss did not fall."""
    (lowest_epoch, lowest), (last_epoch, last) = course.lowest, course.last
    before, after = course.trained.get(max(1, lowest_epoch)), course.trained.get(last_epoch)
    if course.split == "train" or before is None or after is None or last < OVERFIT * lowest or after >= before:
        return None
    is_chosen = course.split == "val"
    held = "" if is_chosen else " Which epoch is best is for held-out data to say (--holdout), not for the test set."
    return Verdict(
        finding="overfit",
        sentence=f"It overfits: since epoch {lowest_epoch} the {course.name} loss went from {lowest:.4g} up to {last:.4g} "
        f"(+{100 * (last / lowest - 1):.0f} %), while the training loss went from {before:.4g} down to {after:.4g}.{held}",
        figures=course.figures,
        changes={"epochs": lowest_epoch} if is_chosen and lowest_epoch > 0 else {},
    )

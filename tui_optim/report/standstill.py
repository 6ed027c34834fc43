"""What is to be said of a run that has finished: that it got worse, stood still, or overfits; of a healthy one nothing."""

from collections.abc import Sequence
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


def verdict_of_end(spec: RunSpec, epochs: Sequence[EpochResult]) -> Verdict | None:
    """By the losses on validation data, where there is none on test data, else those of training; from epoch 0 on."""
    split = "val" if epochs and epochs[-1].val_loss is not None else "test"
    found = [(one.epoch, loss) for one in epochs if (loss := getattr(one, f"{split}_loss")) is not None]
    if not found:
        split = "train"
        found = [(one.epoch, one.train_loss) for one in epochs if one.train_loss is not None]
    if not found or found[0][0] != 0 or found[-1][0] < 1:
        return None
    name = {"val": "validation", "test": "test", "train": "training"}[split]
    start, (last_epoch, last), lr = found[0][1], found[-1], float(spec.hyperparameters.get("lr", 0.0))
    lowest_epoch, lowest = min(found, key=lambda one: one[1])
    figures = (
        (f"{name} loss, untrained", f"{start:.4g}"),
        ("lowest", f"{lowest:.4g}, epoch {lowest_epoch}"),
        ("last", f"{last:.4g}, epoch {last_epoch}"),
    )
    trained = {one.epoch: one.train_loss for one in epochs if one.train_loss is not None}
    before, after = trained.get(max(1, lowest_epoch)), trained.get(last_epoch)
    if last > WORSE * start and after is not None and after > start:
        return Verdict(
            finding="worse",
            sentence=f"It got worse: the {name} loss went from {start:.4g}, untrained, to {last:.4g}. Most often the rate is "
            "too large.",
            figures=figures,
            changes=smaller_rate(lr),
        )
    if last_epoch < FEW_EPOCHS:
        return None
    if min(loss for epoch, loss in found if epoch > 0) > STALLED * start and not _has_learnt(epochs, split):
        return _stalled(name, start, lowest, list(trained.values()), figures, lr=lr, num_epochs=last_epoch)
    if split == "train" or before is None or after is None or last < OVERFIT * lowest or after >= before:
        return None
    held = (
        "" if split == "val" else " Which epoch is best is for held-out data to say (--holdout), not for the test set."
    )
    return Verdict(
        finding="overfit",
        sentence=f"It overfits: since epoch {lowest_epoch} the {name} loss went from {lowest:.4g} up to {last:.4g} "
        f"(+{100 * (last / lowest - 1):.0f} %), while the training loss went from {before:.4g} down to {after:.4g}.{held}",
        figures=figures,
        changes={"epochs": lowest_epoch} if split == "val" and lowest_epoch > 0 else {},
    )


def _has_learnt(epochs: Sequence[EpochResult], split: str) -> bool:
    """Whether it gets more right than untrained, whatever its loss says."""
    found = [value for one in epochs if (value := getattr(one, f"{split}_accuracy")) is not None]
    return bool(found) and max(found) >= found[0] + LEARNT


def _stalled(
    name: str,
    start: float,
    lowest: float,
    trained: Sequence[float],
    figures: Figures,
    *,
    lr: float,
    num_epochs: int,
) -> Verdict:
    sentence = (
        f"It stands still: in {num_epochs} epochs the {name} loss came from {start:.4g}, untrained, to {lowest:.4g} at the "
        f"lowest, less than {100 * (1 - STALLED):.0f} % down."
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
    return Verdict(finding="stalled", sentence=sentence, figures=figures, changes=changes)

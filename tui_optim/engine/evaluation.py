"""Evaluation of a model on a split; always off the training clock."""

from dataclasses import dataclass

import torch
from torch import nn

from tui_optim.engine.data import Split, Splits
from tui_optim.engine.losses import Criterion
from tui_optim.spec.pictures import Predictions

HANDOUT_BATCH_SIZE = 64
"""The assignment's test batch; its loss figure depends on it to the last bit."""
LARGE_BATCH_SIZE = 250
"""Where nothing depends on it. On a CPU, LeNet-5 takes 37 µs an example in batches of 100 to 500, and 52 in batches of 1,000."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """Figures of a model on a split."""

    loss: float
    """Per-example mean."""
    accuracy: float
    """Fraction; 0 where there are no classes."""
    handout_loss: float
    """Sum of the batch means ÷ number of examples: the assignment's figure when the batches have 64 examples."""


@torch.no_grad()
def evaluate(
    model: nn.Module,
    split: Split,
    *,
    batch_size: int,
    criterion: Criterion = nn.functional.cross_entropy,
    has_classes: bool = True,
    outputs: list[torch.Tensor] | None = None,
) -> Evaluation:
    """Evaluate in the split's own order; `outputs` receives the model's, batch by batch. Leaves the model in training mode."""
    model.eval()
    means: list[torch.Tensor] = []
    corrects: list[torch.Tensor] = []
    sizes: list[int] = []
    for inputs, labels in zip(split.inputs.split(batch_size), split.labels.split(batch_size), strict=True):
        logits = model(inputs)
        means.append(criterion(logits, labels))
        if has_classes:
            corrects.append((logits.argmax(1) == labels).sum())
        sizes.append(len(labels))
        if outputs is not None:
            outputs.append(logits)
    model.train()
    batch_means: list[float] = torch.stack(means).tolist()
    num_correct = int(torch.stack(corrects).sum()) if corrects else 0
    return Evaluation(
        loss=sum(mean * size for mean, size in zip(batch_means, sizes, strict=True)) / len(split),
        accuracy=num_correct / len(split),
        handout_loss=_sum_in_order(batch_means) / len(split),
    )


@torch.no_grad()
def predictions_of(data: Splits, outputs: torch.Tensor) -> Predictions:
    """What these class scores, shape [n, classes], say of the test set, or of the validation examples where there is none."""
    certainties, classes = torch.softmax(outputs.float().nan_to_num(), 1).max(1)
    indices = data.val_indices if data.test is None and data.val_indices is not None else torch.empty(0)
    return Predictions(
        split="test" if data.test is not None else "val",
        classes=bytes(classes.tolist()),
        certainties=bytes((255 * certainties).round().long().tolist()),
        indices=indices.long().tolist(),
    )


def _sum_in_order(values: list[float]) -> float:
    """Add from left to right as the assignment's script does (`sum` compensates rounding from Python 3.12 on)."""
    total = 0.0
    for value in values:
        total += value
    return total

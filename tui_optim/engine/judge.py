"""Evaluation of a run: its figures on validation, test and training data, with what it has spent; and what they say of it."""

import math
from dataclasses import dataclass, field

import torch
from torch import nn

from tui_optim.engine.data import Split, Splits
from tui_optim.engine.evaluation import HANDOUT_BATCH_SIZE, LARGE_BATCH_SIZE, Evaluation, evaluate
from tui_optim.engine.losses import Criterion
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.penalties import penalty_and_sparsity
from tui_optim.engine.place import place_of
from tui_optim.spec.results import Cost, EpochResult
from tui_optim.spec.run import RunSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a run has spent when it is evaluated; nothing at epoch 0."""

    cost: Cost = field(default_factory=Cost)
    elapsed_s: float = 0.0
    train_time_s: float = 0.0


class Judge:
    """Evaluates models of one run. None of it counts as work of the training."""

    def __init__(
        self, run: RunSpec, data: Splits, device: torch.device, criterion: Criterion, memory: MemoryMeter | None = None
    ) -> None:
        """`data` are the run's splits on `device`; `criterion` is the mean loss of a batch, without the penalty.

        `memory` is the meter that measures already, where there is one.
        """
        self._run, self._scenario, self._data = run, run.scenario_info, data
        self._criterion, self.memory = criterion, memory or MemoryMeter(device)

    def on(
        self,
        split: Split,
        model: nn.Module,
        *,
        batch_size: int = LARGE_BATCH_SIZE,
        outputs: list[torch.Tensor] | None = None,
    ) -> Evaluation:
        """Loss and accuracy on a split; `outputs` receives those of the model."""
        return evaluate(
            model,
            split,
            batch_size=batch_size,
            criterion=self._criterion,
            has_classes=self._scenario.has_accuracy,
            outputs=outputs,
        )

    def result(
        self,
        model: nn.Module,
        epoch: int,
        *,
        lr: float,
        spent: Spent,
        train_loss: float | None = None,
        train_accuracy: float | None = None,
        outputs: list[torch.Tensor] | None = None,
        is_end: bool = False,
    ) -> EpochResult:
        """The result of an epoch; `outputs` receives those on test data, or where the run has none on validation data.

        The test set is evaluated at every epoch, or where the run says so only at its end.
        """
        scenario, data = self._scenario, self._data
        is_tested = data.test is not None and (is_end or not self._run.test_once)
        test_batch_size = HANDOUT_BATCH_SIZE if scenario.has_handout_loss else LARGE_BATCH_SIZE
        val = self.on(data.val, model, outputs=None if data.test else outputs) if data.val else None
        test = (
            self.on(data.test, model, batch_size=test_batch_size, outputs=outputs) if data.test and is_tested else None
        )
        place = place_of(model, scenario.quadratic) if scenario.quadratic else None
        penalty, sparsity = penalty_and_sparsity(self._run, model)
        return EpochResult(
            epoch=epoch,
            step=spent.cost.optimizer_steps,
            elapsed_s=spent.elapsed_s,
            train_time_s=spent.train_time_s,
            lr=lr,
            train_loss=place.loss if place else train_loss,
            train_accuracy=train_accuracy if scenario.has_accuracy else None,
            val_loss=val.loss if val else None,
            val_accuracy=val.accuracy if val and scenario.has_accuracy else None,
            test_loss=test.loss if test else None,
            test_accuracy=test.accuracy if test and scenario.has_accuracy else None,
            handout_loss=test.handout_loss if test and scenario.has_handout_loss else None,
            gap=place.gap if place else None,
            penalty=penalty,
            sparsity=sparsity,
            effective_epochs=spent.cost.gradient_evaluations / len(data.train),
            peak_memory_mib=self.memory.peak_mib(),
            cost=spent.cost,
        )


def judged_loss(result: EpochResult) -> float:
    """The loss that schedules look at: validation where there is one."""
    loss = result.train_loss if result.val_loss is None else result.val_loss
    assert loss is not None, "an epoch that has ended has a training loss"
    return loss


def is_better(result: EpochResult, best: EpochResult | None) -> bool:
    """Whether its validation loss is below that of the best so far; without one, or where it is no number, it never is."""
    if result.val_loss is None or math.isnan(result.val_loss):
        return False
    return best is None or best.val_loss is None or result.val_loss < best.val_loss


def is_finite(result: EpochResult) -> bool:
    """Whether all losses that it has are finite."""
    losses = (result.train_loss, result.val_loss, result.test_loss)
    return all(loss is None or math.isfinite(loss) for loss in losses)

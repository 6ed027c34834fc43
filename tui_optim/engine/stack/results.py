"""The results of the members of a stack: one batched evaluation gives a result to each."""

from collections.abc import Sequence

import torch

from tui_optim.engine.data import Split
from tui_optim.engine.place import Place, place_at
from tui_optim.engine.stack.member import Row
from tui_optim.engine.stack.stack import Stack
from tui_optim.spec.results import Cost, EpochResult


def results_of(
    stack: Stack, *, train: Sequence[tuple[float, float]] | None = None, at: torch.Tensor | None = None
) -> list[EpochResult]:
    """A result for each member, with its training loss and accuracy; `at` is the untrained start."""
    data, has_accuracy = stack.setting.data, stack.setting.scenario.has_accuracy
    is_untrained = at is not None
    places = places_of(stack, stack.parameters if at is None else at)
    val, test = _evaluated(stack, data.val, at), _evaluated(stack, data.test, at)
    effective_epochs = 0.0 if is_untrained else stack.effective_epochs
    memory_mib, cost = stack.setting.memory.peak_mib(), Cost() if is_untrained else stack.counters.cost()

    def result(index: int, row: Row) -> EpochResult:
        place = places[index]
        val_loss, val_accuracy = val[index]
        test_loss, test_accuracy = test[index]
        train_loss, train_accuracy = train[index] if train is not None else (None, None)
        return EpochResult(
            epoch=0 if is_untrained else stack.num_epochs,
            step=0 if is_untrained else stack.num_steps,
            elapsed_s=0.0 if is_untrained else stack.elapsed_s(row),
            train_time_s=0.0 if is_untrained else row.train_time_s,
            lr=row.rate.current,
            train_loss=place.loss if place else train_loss,
            train_accuracy=train_accuracy if has_accuracy else None,
            val_loss=val_loss,
            val_accuracy=val_accuracy if has_accuracy else None,
            test_loss=test_loss,
            test_accuracy=test_accuracy if has_accuracy else None,
            gap=place.gap if place else None,
            effective_epochs=effective_epochs,
            peak_memory_mib=memory_mib,
            cost=cost,
        )

    return [result(index, row) for index, row in enumerate(stack.rows)]


def places_of(stack: Stack, parameters: torch.Tensor) -> list[Place | None]:
    """Where members are on an objective whose minimum is known; None for each where it is not."""
    quadratic = stack.setting.scenario.quadratic
    if quadratic is None:
        return [None] * len(stack.rows)
    return [place_at(tuple(point), quadratic) for point in stack.layout.rows(parameters).tolist()]


def _evaluated(
    stack: Stack, split: Split | None, at: torch.Tensor | None
) -> Sequence[tuple[float | None, float | None]]:
    return [(None, None)] * len(stack.rows) if split is None else stack.evaluate(split, at)

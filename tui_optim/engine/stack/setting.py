"""What all members of a stack share: scenario, data, model, and the lengths of batches, bins and epochs."""

from dataclasses import dataclass

import torch

from tui_optim.engine.bins import bin_work, epochs_per_result
from tui_optim.engine.data import Splits
from tui_optim.engine.hand_written import Stackable
from tui_optim.engine.losses import EXAMPLE_LOSSES, Criterion, two_class_losses
from tui_optim.engine.memory import MemoryMeter
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import Scenario
from tui_optim.spec.schedules import RunLength

MAX_REPORTS = 200
"""Reports of a run over its length, where it has fewer epochs than that; else it has one in each epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What all members share."""

    scenario: Scenario
    data: Splits
    device: torch.device
    model: Stackable
    """For its formulas; its own parameters are nobody's."""
    targets: torch.Tensor
    """What gradients want of the training labels, [n, …]."""
    criterion: Criterion
    """Losses of examples, as autograd takes them."""
    evaluated: Criterion
    """The same, as evaluations take them."""
    is_by_hand: bool
    has_replacement: bool
    batch_size: int
    length: RunLength
    epochs: int
    epochs_per_result: int
    fine_work: int
    """Gradient evaluations in a bin of a run alone."""
    bin_work: int
    """The same for the stack."""
    memory: MemoryMeter
    """Of all members together."""

    @classmethod
    def of(cls, run: RunSpec, data: Splits, device: torch.device, model: Stackable) -> "Setting":
        """That of a run and all like it."""
        scenario, num_train = run.scenario_info, len(data.train)
        fine_work, is_by_hand = bin_work(run, num_train), run.optimizer == "sgd-by-hand"
        coarse_work = -(-num_train // max(1, MAX_REPORTS // run.epochs))
        return cls(
            scenario=scenario,
            data=data,
            device=device,
            model=model,
            targets=model.targets(data.train.labels[None])[0] if is_by_hand else data.train.labels,
            criterion=EXAMPLE_LOSSES[scenario.loss],
            evaluated=two_class_losses if data.num_classes == 2 else EXAMPLE_LOSSES[scenario.loss],
            is_by_hand=is_by_hand,
            has_replacement=bool(run.hyperparameters.get("replacement")),
            batch_size=run.examples_per_step(num_train),
            length=run.length(num_train),
            epochs=run.epochs,
            epochs_per_result=epochs_per_result(run),
            fine_work=fine_work,
            bin_work=fine_work if scenario.quadratic else max(fine_work, coarse_work),
            memory=MemoryMeter(device),
        )

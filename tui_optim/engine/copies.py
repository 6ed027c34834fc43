"""Copies of a run that take its steps again, on their own: they report nothing and keep nothing."""

from dataclasses import dataclass

import torch

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.branch import take_up
from tui_optim.engine.commands import Leave
from tui_optim.engine.data import Splits
from tui_optim.engine.draws import open_loader
from tui_optim.engine.memory import MemoryMeter
from tui_optim.engine.objective import Seen
from tui_optim.engine.training import Training
from tui_optim.spec.events import Event
from tui_optim.spec.kept import Kept
from tui_optim.spec.pictures import Picture
from tui_optim.spec.run import RunSpec


@dataclass(frozen=True, slots=True)
class Copies:
    """Makes them."""

    run: RunSpec
    data: Splits
    device: torch.device
    memory: MemoryMeter
    branch: bytes | None = None
    """Where the run began, for a fork."""

    @property
    def first_step(self) -> int:
        """Optimizer steps before the run began: those of a fork's parent."""
        return self.run.parent.step if self.run.parent else 0

    def make(self, run: RunSpec, kept: bytes | None = None) -> Training:
        """A run on the same data where it began, or where its checkpoint is."""
        torch.manual_seed(run.seed)
        open_loader()
        copy = Training(run, _ignore, _Nobody(), self.data, self.device, memory=self.memory)
        copy.untrained = copy.camera = None
        copy.batches = RememberedBatches(self.data.train, copy.batch_size, seed=run.seed)
        beginning = kept or self.branch
        if beginning is not None:
            take_up(copy, beginning)
        return copy


def step_of(copy: Training) -> tuple[Seen, float]:
    """One step as in the run, ends of epochs among them, with its loss."""
    if copy.is_epoch_over:
        copy.end_epoch()
    seen = copy.take_step()
    loss = float(seen.loss)
    copy.means.add([seen], [loss])
    return seen, loss


class RememberedBatches(Batches):
    """Remembers the batch that was drawn last."""

    latest: Batch

    def next(self) -> Batch:
        """The next batch of the pass."""
        self.latest = super().next()
        return self.latest

    def rows(self, indices: torch.Tensor) -> Batch:
        """The examples with these indices."""
        self.latest = super().rows(indices)
        return self.latest


class _Nobody:
    """Wants nothing and hears nothing."""

    def poll(self) -> Leave | None:
        return None

    def wants_checkpoint(self) -> bool:
        return False

    def keep(self, kept: Kept) -> None:
        del kept

    def wants_picture(self) -> bool:
        return False

    def show(self, picture: Picture) -> None:
        del picture


def _ignore(event: Event) -> None:
    del event

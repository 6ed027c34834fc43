"""What SAG and SAGA share: a table with the last gradient seen of every block of examples, and its mean.

A table per example costs n × d numbers (11 GB for LeNet-5 on Fashion-MNIST), so the examples are dealt once into blocks of
nearly equal size, and a block's mean gradient takes the place of an example's: block b with share p_b = n_b / n of the examples
stands for f_b in F = Σ p_b f_b. With one block per example this is the published method.
"""

from abc import abstractmethod

import torch

from tui_optim.engine.batches import Batches
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import VectorMethod
from tui_optim.spec.errors import UsageError
from tui_optim.spec.optimizers.noise_reduction import table_problem


class GradientTableMethod(VectorMethod):
    """Steps on one block, drawn uniformly, corrected by the table."""

    remembered = ("order", "table", "mean", "is_filled", "num_covered")

    def __init__(self, *, lr: float, l2: float, blocks: int) -> None:
        """`blocks` is B, the number of rows of the table; 0 for one per example."""
        super().__init__(lr=lr, l2=l2)
        self._blocks = blocks
        self.order = torch.empty(0, dtype=torch.int64)
        """A random order of the examples, shape [n]; block b is its b-th slice."""
        self.table = torch.empty(0, 0)
        """g_b, shape [B, d]; zero where nothing has been seen."""
        self.mean = torch.empty(0)
        """Σ p_b g_b, shape [d]."""
        self.is_filled = torch.empty(0, dtype=torch.bool)
        """Whether the block has been seen, shape [B]."""
        self.num_covered = 0
        """Examples in the blocks that have been seen."""

    @property
    def num_blocks(self) -> int:
        """B, once the table is open."""
        return len(self.table)

    def step(self, objective: Objective, batches: Batches) -> Seen:
        """Draw a block, move along the estimate, put the block's gradient into the table."""
        if self.num_blocks == 0:
            self.open(objective, batches)
        block = int(torch.randint(self.num_blocks, (), generator=batches.generator))
        gradient, seen = objective.part_gradient(batches.rows(self.rows(block)))
        estimate = self.estimate(block, gradient)
        self.store(block, gradient)
        objective.point = objective.point - self.lr * estimate
        return seen

    @abstractmethod
    def estimate(self, block: int, gradient: torch.Tensor) -> torch.Tensor:
        """The estimate of ∇F, shape [d], from a block's new gradient and the table without it."""

    def open(self, objective: Objective, batches: Batches) -> None:
        """Deal the examples into blocks and make an empty table. Raises UsageError where it would be too large."""
        num_examples, point = objective.num_examples, objective.point
        if problem := table_problem(self._blocks, num_examples=num_examples, num_parameters=point.numel()):
            raise UsageError(problem)
        num_blocks = min(self._blocks or num_examples, num_examples)
        self.order = torch.randperm(num_examples, generator=batches.generator)
        self.table = point.new_zeros(num_blocks, point.numel())
        self.mean = torch.zeros_like(point)
        self.is_filled = torch.zeros(num_blocks, dtype=torch.bool)

    def rows(self, block: int) -> torch.Tensor:
        """Indices of a block's examples, shape [n_b], int64."""
        num_examples = len(self.order)
        return self.order[block * num_examples // self.num_blocks : (block + 1) * num_examples // self.num_blocks]

    def share(self, block: int) -> float:
        """p_b."""
        return len(self.rows(block)) / len(self.order)

    def store(self, block: int, gradient: torch.Tensor) -> None:
        """Put a block's gradient into the table."""
        self.mean += self.share(block) * (gradient - self.table[block])
        self.table[block] = gradient
        if not self.is_filled[block]:
            self.is_filled[block] = True
            self.num_covered += len(self.rows(block))

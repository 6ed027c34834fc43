"""Small objectives with known answers for the tests of methods, in float64."""

import math
from collections.abc import Callable

import torch
from torch import nn

from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import Split
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.method import Method

SEED = 3


class Problem:
    """A model with its data: what a method's `step` takes, and the method built for it."""

    def __init__(
        self,
        model: nn.Module,
        data: Split,
        build: Callable[[nn.Module], Method],
        *,
        criterion: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        batch_size: int,
        seed: int = SEED,
        num_epochs: float = math.inf,
    ) -> None:
        torch.manual_seed(seed)
        self.model, self.data = model, data
        self.method = build(model)
        self.batches = Batches(data, batch_size, seed=seed)
        self.counters = Counters()
        self.objective = Objective(
            model,
            Batch(data.inputs, data.labels),
            counters=self.counters,
            criterion=criterion,
            l2=self.method.l2,
            num_epochs=num_epochs,
        )

    def steps(self, count: int) -> "Problem":
        """Take steps; returns itself."""
        for _ in range(count):
            self.method.step(self.objective, self.batches)
            self.counters.optimizer_steps += 1
        return self


def half_square(outputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean of ½ (prediction − label)²; outputs [n, 1], labels [n]."""
    return (outputs[:, 0] - labels).square().mean() / 2


def least_squares(
    build: Callable[[nn.Module], Method],
    *,
    batch_size: int = 1,
    num_examples: int = 50,
    num_epochs: float = math.inf,
) -> Problem:
    """½ mean (aᵢᵀθ − bᵢ)² in 5 dimensions with noise in b: gradients of single examples do not vanish at the minimum."""
    generator = torch.Generator().manual_seed(0)
    a = torch.randn(num_examples, 5, generator=generator, dtype=torch.float64)
    b = a @ torch.arange(1.0, 6.0, dtype=torch.float64)
    b = b + torch.randn(num_examples, generator=generator, dtype=torch.float64)
    torch.manual_seed(1)
    model = nn.Linear(5, 1, bias=False).double()
    return Problem(model, Split(a, b), build, criterion=half_square, batch_size=batch_size, num_epochs=num_epochs)


def least_squares_gap(problem: Problem) -> float:
    """F(θ) − F*, F* by the normal equations."""
    a, b = problem.data.inputs, problem.data.labels
    best = torch.linalg.lstsq(a, b[:, None]).solution[:, 0]
    residual, best_residual = a @ problem.objective.point - b, a @ best - b
    return float((residual.square().mean() - best_residual.square().mean()) / 2)


class Quadratic(nn.Module):
    """½ θᵀAθ as a model without data: its output is the value; inputs [n, 1] are ignored."""

    def __init__(self, matrix: torch.Tensor, start: torch.Tensor) -> None:
        super().__init__()
        self.matrix = matrix
        self.theta = nn.Parameter(start.clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.theta @ self.matrix @ self.theta / 2).expand(len(x), 1)


F1 = torch.tensor([[2.0, 0.0], [0.0, 0.2]], dtype=torch.float64)
F2 = torch.tensor([[1.1, -0.9], [-0.9, 1.1]], dtype=torch.float64)
"""Hessians of x² + 0.1 y² and of (x − y)²/2 + 0.1 (x + y)²/2: eigenvalues 2 and 0.2."""


def quadratic(build: Callable[[nn.Module], Method], matrix: torch.Tensor = F1) -> Problem:
    """f1 from (1, 1) or f2 from (√2, 0): the same problem, turned by 45°."""
    start = [1.0, 1.0] if torch.equal(matrix, F1) else [2**0.5, 0.0]
    data = Split(torch.zeros(1, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64))
    model = Quadratic(matrix, torch.tensor(start, dtype=torch.float64))
    return Problem(model, data, build, criterion=lambda outputs, _: outputs.mean(), batch_size=1)


def small_network(
    build: Callable[[nn.Module], Method],
    *,
    batch_size: int = 16,
    num_examples: int = 64,
    hidden: int = 5,
    num_epochs: float = math.inf,
) -> Problem:
    """Three classes of 4-D points, one tanh layer, cross-entropy."""
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(3, (num_examples,), generator=generator)
    centres = torch.randn(3, 4, generator=generator, dtype=torch.float64)
    inputs = centres[labels] + torch.randn(num_examples, 4, generator=generator, dtype=torch.float64)
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, hidden), nn.Tanh(), nn.Linear(hidden, 3)).double()
    return Problem(
        model,
        Split(inputs, labels),
        build,
        criterion=nn.functional.cross_entropy,
        batch_size=batch_size,
        num_epochs=num_epochs,
    )

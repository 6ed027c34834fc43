"""Momentum as a running mean of gradients, against its recursion written out."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from tests.engine.small_problems import F1, F2, SEED, least_squares, quadratic
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value


def build(**values: Value) -> Callable[[nn.Module], Method]:
    """Builder of the EMA form without weight decay, unless given."""
    return lambda model: BUILDERS["momentum-ema"](model, {"lr": 0.05, "beta": 0.9, "weight_decay": 0.0, **values})


def test_equal_to_the_weighted_sum_of_all_gradients() -> None:
    """θₜ₊₁ = θₜ − η (1 − β) Σᵢ βᵗ⁻ⁱ gᵢ for twenty steps, the sum taken anew each time; λ θ is part of g."""
    problem, reference = (least_squares(build(beta=0.8, weight_decay=0.1), batch_size=3) for _ in range(2))
    torch.manual_seed(SEED)
    iterates = torch.stack([problem.steps(1).objective.point for _ in range(20)])

    torch.manual_seed(SEED)
    theta, gradients, expected = reference.objective.point, [], []
    for step in range(20):
        a, b = reference.batches.next()
        gradients.append(a.T @ (a @ theta - b) / len(b) + 0.1 * theta)
        theta = theta - 0.05 * sum(0.2 * 0.8 ** (step - i) * gradient for i, gradient in enumerate(gradients))
        expected.append(theta)

    torch.testing.assert_close(iterates, torch.stack(expected), rtol=0, atol=1e-13)


def test_equal_to_heavy_ball_at_a_smaller_rate() -> None:
    """Heavy ball with μ = β and the rate η (1 − β) takes the same steps."""
    problem = least_squares(build(lr=0.05, beta=0.9), batch_size=3)
    heavy_ball = least_squares(lambda model: BUILDERS["sgd"](model, {"lr": 0.005, "momentum": 0.9}), batch_size=3)
    torch.manual_seed(SEED)
    problem.steps(50)
    torch.manual_seed(SEED)
    heavy_ball.steps(50)
    torch.testing.assert_close(problem.objective.point, heavy_ball.objective.point, rtol=0, atol=1e-12)


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_converges_at_the_optimal_rate_of_heavy_ball(matrix: torch.Tensor) -> None:
    """With β = ((√10 − 1)/(√10 + 1))² = 0.519² and η (1 − β) = 4/(√2 + √0.2)², the distance falls by 0.519 a step."""
    beta = ((10**0.5 - 1) / (10**0.5 + 1)) ** 2
    lr = 4 / (2**0.5 + 0.2**0.5) ** 2 / (1 - beta)
    problem = quadratic(build(lr=lr, beta=beta), matrix)
    distances = [float(problem.steps(30).objective.point.norm()) for _ in range(2)]
    assert (distances[1] / distances[0]) ** (1 / 30) == pytest.approx(0.519, abs=0.02)

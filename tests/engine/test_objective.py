"""How the objective passes a batch through the model, in float64."""

import pytest
import torch

from tests.engine.small_problems import Problem, small_network
from tui_optim.engine.batches import Batch
from tui_optim.engine.optimizers.momentum_ema import MomentumEMA
from tui_optim.engine.pieces import CPU_PIECE_EXAMPLES, MAX_PASS_EXAMPLES


@pytest.mark.parametrize("asks", ["gradient", "value"])
def test_a_large_batch_takes_small_passes_on_the_cpu(asks: str) -> None:
    """What fits one pass is never cut, for BatchNorm sees it whole; what does not goes in pieces that add up to the mean."""
    problem = _problem(MAX_PASS_EXAMPLES + 1)
    inputs, labels = problem.batches.whole
    sizes = _sizes_of_passes(problem)
    mean = float(torch.nn.functional.cross_entropy(problem.model(inputs), labels).detach())
    sizes.clear()

    _ask(problem, asks, Batch(inputs[:-1], labels[:-1]))
    found = _ask(problem, asks, problem.batches.whole)

    assert sizes == [MAX_PASS_EXAMPLES] + [CPU_PIECE_EXAMPLES] * (MAX_PASS_EXAMPLES // CPU_PIECE_EXAMPLES) + [1]
    assert found == pytest.approx(mean, rel=1e-12)


@pytest.mark.parametrize("kind", ["hessian", "gauss_newton"])
def test_a_curvature_product_on_a_large_batch_goes_in_pieces(kind: str) -> None:
    """It equals the products on two halves in one pass each, weighted by their sizes, and counts every example once."""
    problem = _problem(MAX_PASS_EXAMPLES + 900)
    inputs, labels = problem.batches.whole
    vector = torch.randn(problem.objective.point.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    half = 3000
    expected = half * _product(problem, kind, Batch(inputs[:half], labels[:half]), vector)
    expected += (len(labels) - half) * _product(problem, kind, Batch(inputs[half:], labels[half:]), vector)
    before, sizes = problem.counters.cost(), _sizes_of_passes(problem)

    found = _product(problem, kind, problem.batches.whole, vector)

    torch.testing.assert_close(found, expected / len(labels), rtol=1e-12, atol=1e-14)
    assert max(sizes) == CPU_PIECE_EXAMPLES
    assert getattr(problem.counters, f"{kind}_products") == 2 * len(labels)
    assert problem.counters.examples_forward_backward == before.examples_forward_backward


def _product(problem: Problem, kind: str, batch: Batch, vector: torch.Tensor) -> torch.Tensor:
    objective = problem.objective
    return (objective.hessian if kind == "hessian" else objective.gauss_newton)(batch)(vector)


def _sizes_of_passes(problem: Problem) -> list[int]:
    """Grows by the number of examples whenever the model is called."""
    sizes: list[int] = []
    problem.model.register_forward_hook(lambda _, arguments, __: sizes.append(len(arguments[0])))
    return sizes


def _ask(problem: Problem, asks: str, batch: Batch) -> float:
    return float(problem.objective.backward(batch).loss) if asks == "gradient" else problem.objective.value(batch)


def _problem(num_examples: int) -> Problem:
    return small_network(lambda _: MomentumEMA(lr=0.1, beta=0.9), num_examples=num_examples)

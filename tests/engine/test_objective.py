"""How the objective passes a batch through the model, in float64."""

import pytest
import torch

from tests.engine.small_problems import Problem, small_network
from tui_optim.engine.batches import Batch
from tui_optim.engine.objective import CPU_PIECE_EXAMPLES, MAX_PASS_EXAMPLES
from tui_optim.engine.optimizers.momentum_ema import MomentumEMA


@pytest.mark.parametrize("asks", ["gradient", "value"])
def test_a_large_batch_takes_small_passes_on_the_cpu(asks: str) -> None:
    """What fits one pass is never cut, for BatchNorm sees it whole; what does not goes in pieces that add up to the mean."""
    problem = _problem(MAX_PASS_EXAMPLES + 1)
    inputs, labels = problem.batches.whole
    sizes: list[int] = []
    problem.model.register_forward_hook(lambda _, arguments, __: sizes.append(len(arguments[0])))
    mean = float(torch.nn.functional.cross_entropy(problem.model(inputs), labels).detach())
    sizes.clear()

    _ask(problem, asks, Batch(inputs[:-1], labels[:-1]))
    found = _ask(problem, asks, problem.batches.whole)

    assert sizes == [MAX_PASS_EXAMPLES] + [CPU_PIECE_EXAMPLES] * (MAX_PASS_EXAMPLES // CPU_PIECE_EXAMPLES) + [1]
    assert found == pytest.approx(mean, rel=1e-12)


def _ask(problem: Problem, asks: str, batch: Batch) -> float:
    return float(problem.objective.backward(batch).loss) if asks == "gradient" else problem.objective.value(batch)


def _problem(num_examples: int) -> Problem:
    return small_network(lambda _: MomentumEMA(lr=0.1, beta=0.9), num_examples=num_examples)

"""What is told of gradients: only read, and only where a method leaves one."""

import math
from itertools import pairwise

import pytest
import torch
from torch import nn

from tests.engine.runs_for_tests import make_run, train_here
from tui_optim.engine.diagnostics import gradient_norm
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.scenarios import find_scenario


def test_the_norm_is_over_all_parameters() -> None:
    """√(3² + 4²) over two tensors, one without a gradient left out; None where none has one."""
    parameters = [nn.Parameter(torch.zeros(2)) for _ in range(3)]
    assert gradient_norm(parameters) is None
    parameters[0].grad, parameters[2].grad = torch.tensor([3.0, 0.0]), torch.tensor([0.0, 4.0])
    assert gradient_norm(parameters) == 5.0


def test_it_is_the_gradient_of_the_last_step() -> None:
    """Of gradient descent it is what the parameters have moved by, divided by the rate."""
    source = generated_source(find_scenario("quadratic-f1").dataset)
    _, heard = train_here(make_run(source, scenario="quadratic-f1", batch_size="full", lr=0.1, epochs=5))
    assert len(heard.progress) == 5
    for before, after in pairwise(heard.progress):
        assert before.point is not None
        assert after.point is not None
        assert after.grad_norm == pytest.approx(math.dist(before.point, after.point) / 0.1, rel=1e-4)


def test_gradients_by_hand_are_measured_as_those_of_autograd() -> None:
    """SGD by hand and torch's own have the same norm after every bin."""
    source = generated_source("circles")
    by_hand, library = (
        train_here(make_run(source, scenario="circles", optimizer=optimizer, batch_size=10, lr=0.1))[1].progress
        for optimizer in ("sgd-by-hand", "sgd")
    )
    norms = [event.grad_norm for event in by_hand]
    assert norms
    assert norms == pytest.approx([event.grad_norm for event in library], rel=1e-4)

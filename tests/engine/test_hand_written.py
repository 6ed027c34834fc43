"""Gradients by hand against autograd, and SGD by hand against torch's."""

import math

import pytest
import torch
from torch import nn

from tests.engine.runs_for_tests import make_run, numbers, train_here
from tui_optim.engine.hand_written import CirclesNetwork, HandWritten, Residuals
from tui_optim.engine.losses import CRITERIA
from tui_optim.engine.models import MODELS
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.scenarios import SCENARIOS, Scenario
from tui_optim.spec.scenarios.small import F1, F2, MEAN

BY_HAND = [scenario for scenario in SCENARIOS.values() if scenario.is_written_by_hand]


def circles(dtype: torch.dtype, *, scale: float = 1.0) -> CirclesNetwork:
    torch.manual_seed(3)
    model = CirclesNetwork().to(dtype)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(scale)
    return model


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
@pytest.mark.parametrize("num_examples", [1, 10, 200])
@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_the_gradient_of_the_network_is_autograds(
    dtype: torch.dtype, tolerance: float, num_examples: int, scale: float
) -> None:
    """∇W_h, ∇b_h, ∇W_y, ∇b_y, the loss and the scores, for fresh and for large weights, on batches of any size."""
    model = circles(dtype, scale=scale)
    inputs = torch.randn(num_examples, 2, generator=torch.Generator().manual_seed(0), dtype=dtype)
    labels = torch.randint(2, (num_examples,), generator=torch.Generator().manual_seed(1))
    scores = model(inputs)
    loss = nn.functional.cross_entropy(scores, labels)
    expected = torch.autograd.grad(loss, list(model.parameters()))

    with torch.no_grad():
        found = model.differentiate(inputs, labels)

    torch.testing.assert_close(found.outputs, scores.detach(), rtol=tolerance, atol=tolerance)
    torch.testing.assert_close(found.loss, loss.detach(), rtol=tolerance, atol=tolerance)
    for ours, theirs in zip(found.gradients, expected, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0.0, atol=tolerance)


@pytest.mark.parametrize("quadratic", [MEAN, F1, F2])
def test_the_gradient_of_a_quadratic_is_autograds(quadratic: Quadratic) -> None:
    """To 1e-12, at the start and elsewhere."""
    model = Residuals(quadratic)
    inputs = torch.rand(7, len(model.factor), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    labels = torch.zeros(7, dtype=torch.int64)
    for _ in range(2):
        expected = torch.autograd.grad(CRITERIA["squares"](model(inputs), labels), [model.point])
        with torch.no_grad():
            found = model.differentiate(inputs, labels)
            torch.testing.assert_close(found.gradients[0], expected[0], rtol=1e-12, atol=1e-12)
            model.point.add_(1.7)


def test_an_underflowing_probability_is_an_infinite_loss() -> None:
    """The logarithm is that of the softmax, as it is written: where exp underflows, there is no number any more."""
    model = circles(torch.float32)
    inputs, labels = torch.tensor([[1.0, 1.0], [1.0, 1.0]]), torch.tensor([0, 1])
    with torch.no_grad():
        model.fc2.bias.copy_(torch.tensor([200.0, -200.0]))
        loss = model.differentiate(inputs, labels).loss
    assert math.isinf(float(loss))
    assert math.isfinite(float(nn.functional.cross_entropy(model(inputs), labels)))


def test_weights_and_biases_begin_as_the_source_says() -> None:
    """N(0, 0.3²): over 200 networks mean and standard deviation are those within sampling error, biases like weights."""
    torch.manual_seed(0)
    drawn = [list(CirclesNetwork().parameters()) for _ in range(200)]
    for number in range(4):
        values = torch.cat([one[number].detach().flatten() for one in drawn])
        assert float(values.mean()) == pytest.approx(0.0, abs=4 * 0.3 / len(values) ** 0.5)
        assert float(values.std()) == pytest.approx(0.3, rel=4 / (2 * len(values)) ** 0.5)


def test_what_is_said_to_be_written_by_hand_is() -> None:
    """The scenarios' word and the models agree, and the optimizer suits exactly these."""
    by_hand = OPTIMIZERS["sgd-by-hand"]
    for scenario in SCENARIOS.values():
        assert isinstance(MODELS[scenario.model](), HandWritten) == scenario.is_written_by_hand
        assert (why_unsuited(scenario, by_hand) is None) == scenario.is_written_by_hand


@pytest.mark.parametrize("scenario", BY_HAND, ids=lambda scenario: scenario.id)
def test_sgd_by_hand_is_sgd(scenario: Scenario) -> None:
    """With equal seeds it sees torch's batches and goes torch's way, rounding apart."""
    found = []
    for optimizer in ("sgd-by-hand", "sgd"):
        run = make_run(
            generated_source(scenario.dataset),
            scenario=scenario.id,
            optimizer=optimizer,
            epochs=4,
            batch_size=1,
            lr=0.05,
        )
        found.append(train_here(run)[0].final)
    ours, theirs = found
    assert ours is not None
    assert theirs is not None
    assert ours.train_loss == pytest.approx(theirs.train_loss, rel=1e-5)
    assert (ours.test_accuracy, ours.cost) == (theirs.test_accuracy, theirs.cost)


def test_with_replacement_every_draw_is_among_all() -> None:
    """A hundred steps of one number repeat some numbers; passes over the numbers repeat none, so both end elsewhere."""
    runs = [
        make_run(
            generated_source("uniform-numbers"),
            scenario="scalar-mean",
            optimizer="sgd-by-hand",
            batch_size=1,
            lr=0.5,  # y becomes the number that was drawn
            replacement=has_replacement,
        )
        for has_replacement in (True, False)
    ]
    drawn = [[event.point for event in train_here(run)[1].progress] for run in runs]
    assert [len(points) for points in drawn] == [100, 100]
    assert len({round(point[0], 9) for point in drawn[0] if point}) < 80
    assert len({round(point[0], 9) for point in drawn[1] if point}) == 100


def test_circles_by_hand_learn_and_diverge() -> None:
    """Batch 10 at rate 0.1 separates the rings; batch 1 at rate 5 ends as diverged, with a result like any other."""
    good = make_run(
        generated_source("circles"), scenario="circles", optimizer="sgd-by-hand", batch_size=10, epochs=150, lr=0.1
    )
    wild = good.model_copy(update={"batch_size": 1, "hyperparameters": {**good.hyperparameters, "lr": 5.0}})

    (learnt, _), (diverged, _) = train_here(good), train_here(wild)

    assert learnt.state == "finished"
    assert learnt.final is not None
    assert (learnt.final.train_accuracy or 0) >= 0.92
    assert (learnt.final.test_accuracy or 0) >= 0.9
    assert diverged.state == "diverged"
    assert "not finite from step" in diverged.reason
    assert diverged.final is not None
    assert diverged.final.test_accuracy is not None
    again, _ = train_here(good)
    assert again.final is not None
    assert numbers(again.final) == numbers(learnt.final)

"""K-FAC against dense matrices, explicit patches and curvlinops, in float64."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from curvlinops import KFACLinearOperator
from torch import nn

from tests.engine.runs_for_tests import make_run, train_here
from tests.engine.small_problems import SEED, Problem, half_square, small_network
from tui_optim.engine import pieces as pieces_module
from tui_optim.engine.batches import Batch, Batches
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.data import Split
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.second_order import kfac
from tui_optim.engine.optimizers.second_order.kfac import KFAC
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer


def build(**values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults and some values over them."""
    complete = {parameter.name: parameter.default for parameter in find_optimizer("kfac").hyperparameters}
    return lambda model: kfac.build(model, complete | values)


def method_of(problem: Problem) -> KFAC:
    """The problem's method."""
    assert isinstance(problem.method, KFAC)
    return problem.method


def randn(*shape: int) -> torch.Tensor:
    """Fixed normal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(5), dtype=torch.float64)


def images(**values: Value) -> Problem:
    """Two convolutions, one with stride, padding and dilation, and a linear layer on 12 images in 3 classes."""
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=2, dilation=2), nn.Tanh(), nn.Conv2d(3, 4, 2, bias=False), nn.Tanh(),
        nn.Flatten(), nn.Linear(16, 3),
    ).double()  # fmt: skip
    data = Split(randn(12, 2, 6, 6), torch.arange(12) % 3)
    return Problem(model, data, build(**values), criterion=nn.functional.cross_entropy, batch_size=12)


def test_one_linear_layer_takes_the_natural_gradient_step() -> None:
    """Where all residuals are ±1 the factors are exact: one step of rate 1 is Newton's, to the least-squares solution."""
    torch.manual_seed(1)
    model = nn.Linear(5, 1).double()
    inputs = randn(50, 5)
    signs = torch.where(torch.arange(50) % 3 == 0, 1.0, -1.0).double()
    labels = model(inputs).detach()[:, 0] + signs
    values: dict[str, Value] = {"lr": 1.0, "damping": 1e-14, "kl_clip": 0.0, "fisher": "empirical"}
    problem = Problem(model, Split(inputs, labels), build(**values), criterion=half_square, batch_size=50)
    start, objective = problem.objective.point, problem.objective
    per_example = torch.stack([objective.gradient(Batch(inputs[[i]], labels[[i]]))[0] for i in range(50)])
    fisher = per_example.T @ per_example / 50
    solution = torch.linalg.lstsq(torch.cat([inputs, torch.ones(50, 1).double()], 1), labels[:, None]).solution[:, 0]

    problem.steps(1)

    expected = start - torch.linalg.solve(fisher, per_example.mean(0))
    torch.testing.assert_close(objective.point, expected, rtol=0, atol=1e-6)
    torch.testing.assert_close(objective.point, solution, rtol=0, atol=1e-6)


def test_factors_of_equal_scores_are_the_gauss_newton_matrix() -> None:
    """With equal scores and every label on every input, G = diag p − p pᵀ for all: A ⊗ G is the true Fisher and JᵀHJ."""
    model = nn.Linear(4, 3).double()
    with torch.no_grad():
        model.weight.copy_(randn(4).expand(3, 4))
        model.bias.fill_(0.7)
    data = Split(randn(10, 4).repeat_interleave(3, 0), torch.arange(30) % 3)
    problem = Problem(
        model, data, build(lr=0.0, fisher="empirical"), criterion=nn.functional.cross_entropy, batch_size=30
    )
    product = problem.objective.gauss_newton(problem.batches.whole)

    (block,) = method_of(problem.steps(1)).blocks

    for vector in torch.eye(15, dtype=torch.float64):
        expected = block.matrix_of(product(vector))
        torch.testing.assert_close(block.g @ block.matrix_of(vector) @ block.a, expected, rtol=0, atol=1e-12)


def test_steps_equal_dense_solves() -> None:
    """Nine steps with all options on equal a loop over examples with Kronecker products written out and solved."""
    values: dict[str, Value] = {
        "lr": 0.3, "momentum": 0.8, "weight_decay": 0.01, "damping": 0.02, "kl_clip": 0.03, "fisher": "empirical",
        "factor_decay": 0.6, "statistics_every": 2, "inverse_every": 3,
    }  # fmt: skip
    problem = small_network(build(**values))
    torch.manual_seed(SEED)
    expected, clipped = _dense_loop(small_network(build(**values)), steps=9)
    torch.manual_seed(SEED)

    iterates = torch.stack([problem.steps(1).objective.point for _ in range(9)])

    torch.testing.assert_close(iterates, expected, rtol=0, atol=1e-10)
    assert 0 < sum(clipped) < 9


def test_convolution_factors_equal_explicit_patches() -> None:
    """A sums over locations, G is a mean over them, each patch cut out by hand (Grosse & Martens 2016, Theorem 1)."""
    problem = images(fisher="empirical", lr=0.0)
    conv = problem.model.get_submodule("0")
    inputs, labels = problem.batches.whole
    padded = nn.functional.pad(inputs, (2, 2, 2, 2))
    outputs = conv(inputs)
    scores = problem.model[1:](outputs)  # type: ignore[index] # a Sequential
    (slopes,) = torch.autograd.grad(nn.functional.cross_entropy(scores, labels, reduction="sum"), outputs)
    a, g = torch.zeros(19, 19).double(), torch.zeros(3, 3).double()
    for i in range(12):
        for y in range(3):
            for x in range(3):
                patch = padded[i, :, 2 * y : 2 * y + 5 : 2, 2 * x : 2 * x + 5 : 2].reshape(-1)
                row = torch.cat([patch, torch.ones(1).double()])
                a += row.outer(row) / 12
                g += slopes[i, :, y, x].outer(slopes[i, :, y, x]) / (12 * 9)

    block = method_of(problem.steps(1)).blocks[0]

    torch.testing.assert_close(block.a, a, rtol=0, atol=1e-12)
    torch.testing.assert_close(block.g, g, rtol=0, atol=1e-12)


def test_factors_equal_those_of_curvlinops() -> None:
    """A ⊗ G of every layer, convolutions with and without bias, as another implementation multiplies with it."""
    problem = images(fisher="empirical", lr=0.0)
    oracle = KFACLinearOperator(
        problem.model,
        nn.CrossEntropyLoss(),
        problem.objective.parameters,
        [problem.batches.whole],
        fisher_type="empirical",
        separate_weight_and_bias=False,
        check_deterministic=False,
    )
    vector = randn(len(problem.objective.point))
    expected = oracle @ vector

    blocks = method_of(problem.steps(1)).blocks

    assert len(blocks) == 3
    for block in blocks:
        ours = block.g @ block.matrix_of(vector) @ block.a
        torch.testing.assert_close(ours, block.matrix_of(expected), rtol=1e-9, atol=1e-12)


def test_sampled_labels_give_the_true_fisher() -> None:
    """Over 20,000 examples G of the scores nears mean(diag p − p pᵀ), whatever the labels; the empirical one does not."""
    torch.manual_seed(1)
    model = nn.Linear(4, 3).double()
    inputs = 2 * randn(20_000, 4)
    zeros, ones = torch.zeros(20_000).long(), torch.ones(20_000).long()

    def factor(labels: torch.Tensor, fisher: str) -> torch.Tensor:
        problem = Problem(
            copy.deepcopy(model),
            Split(inputs, labels),
            build(lr=0.0, fisher=fisher),
            criterion=nn.functional.cross_entropy,
            batch_size=20_000,
        )
        return method_of(problem.steps(1)).blocks[0].g

    p = model(inputs).softmax(1).detach()
    expected = torch.diag(p.mean(0)) - p.T @ p / 20_000

    assert torch.equal(factor(zeros, "sampled"), factor(ones, "sampled"))
    torch.testing.assert_close(factor(zeros, "sampled"), expected, rtol=0, atol=0.01)
    assert float((factor(zeros, "empirical") - expected).abs().max()) > 0.1


def test_labels_are_drawn_from_the_methods_own_stream() -> None:
    """torch's global generator, which decides the order of the examples, is left alone; the batches' generator moves."""
    problem = small_network(build(statistics_every=1), batch_size=64).steps(1)  # the order of the pass is drawn
    before, own = torch.get_rng_state(), problem.batches.generator.get_state()
    small = Batches(problem.data, 8, seed=SEED)
    method_of(problem)._pass_with_sampled_labels(problem.objective, small.whole, problem.batches.generator)
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(problem.batches.generator.get_state(), own)


def test_pi_damping_does_not_see_how_scale_is_split() -> None:
    """c A and G / c have the same Kronecker product: π gives them the same damped inverse."""
    (first, *_) = method_of(small_network(build(lr=0.0)).steps(1)).blocks
    slope = randn(5, 5)
    expected = first.natural(slope)
    first.a *= 1000.0
    first.g /= 1000.0
    first.invert(0.03)
    torch.testing.assert_close(first.natural(slope), expected, rtol=1e-10, atol=0)


@pytest.mark.parametrize("lr", [0.001, 10.0])
def test_a_step_moves_the_distribution_by_kappa_at_most(lr: float) -> None:
    """½ Δᵀ (Â ⊗ Ĝ) Δ of the step is κ where the limit acts, less where the rate is small."""
    problem = small_network(build(lr=lr, momentum=0.0, kl_clip=0.002))
    start = problem.objective.point
    blocks = method_of(problem.steps(1)).blocks
    moves = [block.matrix_of(problem.objective.point - start) for block in blocks]
    divergence = sum(
        float((torch.linalg.solve(block.g_inverse, move) @ block.a_inverse.inverse() * move).sum() / 2)
        for block, move in zip(blocks, moves, strict=True)
    )
    assert divergence == pytest.approx(0.002, rel=1e-9) if lr == 10.0 else 0 < divergence < 1e-4


def test_other_parameters_take_the_gradients_step() -> None:
    """The slope of a PReLU moves by −η g; the weights beside it do not."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 5), nn.PReLU(), nn.Linear(5, 3)).double()
    data = Split(randn(20, 4), torch.arange(20) % 3)
    problem = Problem(model, data, build(lr=0.1), criterion=nn.functional.cross_entropy, batch_size=20)
    before = problem.objective.point
    gradient = problem.objective.full_gradient()

    moved = problem.steps(1).objective.point - before

    assert torch.allclose(moved[25], -0.1 * gradient[25], rtol=1e-10, atol=0)
    assert not torch.allclose(moved[:25], -0.1 * gradient[:25], rtol=0.1, atol=0)


@pytest.mark.parametrize(("fisher", "examples"), [("sampled", (7 + 3) * 16), ("empirical", 7 * 16)])
def test_statistics_with_sampled_labels_cost_a_gradient_per_example(fisher: str, examples: int) -> None:
    """Seven steps of 16 examples with statistics in the 1st, 4th and 7th."""
    counters = small_network(build(fisher=fisher, statistics_every=3)).steps(7).counters
    assert counters.examples_forward_backward == examples
    assert counters.gradient_evaluations == examples


@pytest.mark.parametrize("fisher", ["sampled", "empirical"])
def test_layers_carry_no_hooks_between_steps(fisher: str) -> None:
    """Evaluation and copies of the model, as the loop makes them, neither change the factors nor find a hook."""
    problem = small_network(build(fisher=fisher))
    twin = copy.deepcopy(problem.model)
    problem.steps(1)
    factors = [block.a.clone() for block in method_of(problem).blocks]

    for model in (problem.model, twin, copy.deepcopy(problem.model)):
        model(problem.data.inputs)
        assert not any(module._forward_hooks for module in model.modules())

    assert all(torch.equal(block.a, a) for block, a in zip(method_of(problem).blocks, factors, strict=True))


@pytest.mark.parametrize("fisher", ["sampled", "empirical"])
def test_a_batch_in_pieces_gives_the_factors_of_the_whole(fisher: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """12 images in pieces of 5 add up to the same A and G."""
    whole = method_of(images(fisher=fisher).steps(1)).blocks
    monkeypatch.setattr(pieces_module, "MAX_PASS_EXAMPLES", 5)

    pieces = method_of(images(fisher=fisher).steps(1)).blocks

    for one, other in zip(whole, pieces, strict=True):
        torch.testing.assert_close(one.a, other.a, rtol=0, atol=1e-12)
        torch.testing.assert_close(one.g, other.g, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fisher", ["sampled", "empirical"])
def test_resumes_between_statistics_and_inversions(fisher: str) -> None:
    """State kept after 4 steps gives a fresh method the same next ten, to the last bit."""
    values: dict[str, Value] = {"fisher": fisher, "statistics_every": 3, "inverse_every": 5}
    problem, fresh = (small_network(build(**values)) for _ in range(2))
    problem.steps(4)
    kept: dict[str, Any] = from_bytes(
        to_bytes(
            {
                "model": problem.model.state_dict(),
                "method": problem.method.state_dict(),
                "batches": problem.batches.state_dict(),
            }
        )
    )
    random = torch.get_rng_state()
    expected = problem.steps(10).objective.point

    fresh.model.load_state_dict(kept["model"])
    fresh.method.load_state_dict(kept["method"])
    fresh.batches.load_state_dict(kept["batches"])
    torch.set_rng_state(random)

    assert torch.equal(fresh.steps(10).objective.point, expected)


def test_learns_the_sample_in_an_epoch(source: DataSource) -> None:
    """LeNet-5 after one epoch on 6,000 images: less loss than SGD with momentum reaches at its tuned rate."""
    ours, _ = train_here(make_run(source, optimizer="kfac", batch_size=128))
    sgd, _ = train_here(make_run(source, lr=0.02, momentum=0.9))
    assert ours.final is not None
    assert sgd.final is not None
    assert (ours.final.train_loss or 9) < 0.8 * (sgd.final.train_loss or 0)


def test_divergence_ends_the_run(source: DataSource) -> None:
    """A rate far too large gives factors that are not finite; the run ends as diverged, not by an error."""
    run = make_run(
        source, scenario="mlp-fashion", optimizer="kfac", lr=1e6, kl_clip=0.0, statistics_every=1, inverse_every=1
    )
    ended, _ = train_here(run)
    assert ended.state == "diverged"


def _dense_loop(problem: Problem, *, steps: int) -> tuple[torch.Tensor, list[bool]]:
    """Every iterate, and whether κ acted, for the values of `test_steps_equal_dense_solves`."""
    objective, first = problem.objective, problem.model.get_submodule("0")
    spans = [(slice(0, 25), 5, 4), (slice(25, 43), 3, 5)]
    factors: list[tuple[torch.Tensor, torch.Tensor]] = []
    inverses: list[torch.Tensor] = []
    velocity = torch.zeros(43, dtype=torch.float64)
    iterates, clipped = [], []
    for step in range(steps):
        batch = problem.batches.next()
        inputs, labels = batch.inputs.clone(), batch.labels.clone()
        size = len(labels)
        if step % 2 == 0:
            decay = min(1 - 1 / (step // 2 + 1), 0.6)
            ones = torch.ones(size, 1, dtype=torch.float64)
            hidden = torch.tanh(first(inputs)).detach()
            rows = [torch.cat([inputs, ones], 1), torch.cat([hidden, ones], 1)]
            theta = objective.point
            single = [objective.gradient(Batch(inputs[[i]], labels[[i]]))[0] - 0.01 * theta for i in range(size)]
            news = []
            for (span, out, _), row in zip(spans, rows, strict=True):
                slopes = [
                    gradient[span][-out:] for gradient in single
                ]  # an example's gradient in the bias is that in s
                news.append(
                    (
                        sum((r.outer(r) for r in row), torch.zeros(())) / size,
                        sum((s.outer(s) for s in slopes), torch.zeros(())) / size,
                    )
                )
            if factors:
                news = [
                    (decay * a + (1 - decay) * new_a, decay * g + (1 - decay) * new_g)
                    for (a, g), (new_a, new_g) in zip(factors, news, strict=True)
                ]
            factors = news
        if step % 3 == 0:
            inverses = []
            for a, g in factors:
                pi = ((a.trace() / len(a)) / (g.trace() / len(g))) ** 0.5
                gamma = (0.02 + 0.01) ** 0.5
                damped_a = a + pi * gamma * torch.eye(len(a), dtype=torch.float64)
                damped_g = g + gamma / pi * torch.eye(len(g), dtype=torch.float64)
                inverses.append(torch.kron(damped_a, damped_g).inverse())  # for columns of W̄ one below the other
        gradient = objective.gradient(Batch(inputs, labels))[0]
        direction = torch.zeros_like(gradient)
        for (span, out, into), inverse in zip(spans, inverses, strict=True):
            weight, bias = gradient[span][: out * into].view(out, into), gradient[span][out * into :]
            columns = torch.cat([weight.T.reshape(-1), bias])
            solved = inverse @ columns
            direction[span] = torch.cat([solved[: out * into].view(into, out).T.reshape(-1), solved[out * into :]])
        scale = float((2 * 0.03 / (0.3**2 * (direction @ gradient))) ** 0.5)
        clipped.append(scale < 1)
        velocity = 0.8 * velocity + min(1.0, scale) * direction
        objective.point = objective.point - 0.3 * velocity
        iterates.append(objective.point)
    return torch.stack(iterates), clipped

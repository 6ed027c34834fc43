"""The methods of pytorch-optimizer behind our protocol: as in the package, repeatable, counted, judged by the right weights."""

import contextlib
import copy
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import pytorch_optimizer as package
import torch
from pytorch_optimizer.optimizer.utils.graft import LayerWiseGrafting
from torch import nn

from tests.engine.runs_for_tests import CPU, make_run
from tests.engine.small_problems import SEED, Problem, quadratic, small_network
from tui_optim.engine import pieces as pieces_module
from tui_optim.engine.announcement import started
from tui_optim.engine.batches import Batch
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.counters import Counters
from tui_optim.engine.data import load_splits
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.zoo.own_draws import own_draws
from tui_optim.spec import extras
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.optimizers.zoo import ZOO

IDS = [optimizer.id for optimizer in ZOO]
PERIODS: dict[str, dict[str, Value]] = {
    "lookahead": {"k": 3},
    "shampoo": {"update_every": 3, "start": 5, "block_size": 3},
    "soap": {"update_every": 3},
    "sophia-h": {"update_every": 3},
}
"""Shorter than the tests, so that they see more than one period."""
STEPS = 20


def build(name: str, **values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults, short periods and some values over them."""
    complete = {parameter.name: parameter.default for parameter in OPTIMIZERS[name].hyperparameters}
    return lambda model: BUILDERS[name](model, complete | PERIODS.get(name, {}) | values)


Make = Callable[[nn.Module], Any]
CASES: list[tuple[str, dict[str, Value], Make]] = [
    (
        "lion",
        {"beta1": 0.8, "beta2": 0.95},
        lambda model: package.Lion(model.parameters(), lr=0.01, betas=(0.8, 0.95), weight_decay=0.1),
    ),
    (
        "adan",
        {"beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-6},
        lambda model: package.Adan(model.parameters(), lr=0.01, betas=(0.9, 0.8, 0.95), eps=1e-6, weight_decay=0.1),
    ),
    (
        "prodigy",
        {"beta1": 0.8, "beta2": 0.95, "d0": 1e-3, "d_coef": 0.5, "bias_correction": True, "safeguard_warmup": True},
        lambda model: package.Prodigy(
            model.parameters(), lr=0.01, betas=(0.8, 0.95), d0=1e-3, d_coef=0.5, bias_correction=True,
            safeguard_warmup=True, weight_decay=0.1,
        ),
    ),
    (
        "soap",
        {"beta1": 0.8, "beta2": 0.9, "max_dim": 4},
        lambda model: package.SOAP(
            model.parameters(), lr=0.01, betas=(0.8, 0.9), precondition_frequency=3, max_precondition_dim=4,
            weight_decay=0.1,
        ),
    ),
    (
        "lookahead",
        {"momentum": 0.8, "alpha": 0.3},
        lambda model: package.Lookahead(
            torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.8, weight_decay=0.1), k=3, alpha=0.3
        ),
    ),
    (
        "lookahead",
        {"base": "adamw", "momentum": 0.8, "beta2": 0.95},
        lambda model: package.Lookahead(
            torch.optim.AdamW(model.parameters(), lr=0.01, betas=(0.8, 0.95), weight_decay=0.1), k=3, alpha=0.5
        ),
    ),
    (
        "schedule-free-sgd",
        {"momentum": 0.8, "warmup_steps": 4},
        lambda model: package.ScheduleFreeSGD(
            model.parameters(), lr=0.01, momentum=0.8, weight_decay=0.1, warmup_steps=4
        ),
    ),
    (
        "schedule-free-adamw",
        {"beta1": 0.8, "beta2": 0.95, "warmup_steps": 4},
        lambda model: package.ScheduleFreeAdamW(
            model.parameters(), lr=0.01, betas=(0.8, 0.95), weight_decay=0.1, warmup_steps=4
        ),
    ),
    (
        "psgd-kron",
        {"momentum": 0.8, "max_size_triangular": 4},
        lambda model: package.Kron(
            model.parameters(), lr=0.01, momentum=0.8, max_size_triangular=4, precondition_dtype=None, weight_decay=0.1
        ),
    ),
    (
        "shampoo",
        {"beta1": 0.8, "beta2": 0.9, "graft": "adagrad", "matrix_eps": 1e-4},
        lambda model: package.ScalableShampoo(
            model.parameters(), lr=0.01, betas=(0.8, 0.9), preconditioning_compute_steps=3, start_preconditioning_step=5,
            block_size=3, graft_type=LayerWiseGrafting.ADAGRAD, matrix_eps=1e-4, shape_interpretation=False,
            weight_decay=0.1,
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "make"), CASES, ids=[f"{n}-{v.get('base', '')}" for n, v, _ in CASES])
def test_equal_to_the_packages_class(name: str, values: dict[str, Value], make: Make) -> None:
    """Twenty steps give the parameters of the package's own class to the last bit; both draw from equally seeded generators."""
    problem, twin = (small_network(build(name, lr=0.01, weight_decay=0.1, **values)) for _ in range(2))
    expected = make(twin.model)

    torch.manual_seed(SEED)
    problem.steps(STEPS)
    torch.manual_seed(SEED)
    for _ in range(STEPS):
        twin.objective.backward(twin.batches.next())
        if name in ("psgd-kron", "shampoo"):
            step_from_a_stream_of_its_own(expected, twin)
        else:
            expected.step()

    assert torch.equal(problem.objective.point, twin.objective.point)
    assert not torch.equal(problem.objective.point, small_network(build(name)).objective.point)


@pytest.mark.parametrize("adaptive", [False, True])
def test_sam_equals_the_packages_with_a_closure(adaptive: bool) -> None:
    """Twenty steps with the package's own `step(closure)` on the same batches end in the same bits."""
    values: dict[str, Value] = {"lr": 0.01, "momentum": 0.8, "rho": 0.2, "adaptive": adaptive, "weight_decay": 0.1}
    problem, twin = (small_network(build("sam", **values)) for _ in range(2))
    sgd = {"lr": 0.01, "momentum": 0.8, "weight_decay": 0.1}
    expected = package.SAM(twin.model.parameters(), torch.optim.SGD, rho=0.2, adaptive=adaptive, **sgd)  # type: ignore[arg-type] # a dict of floats for SGD

    torch.manual_seed(SEED)
    problem.steps(STEPS)
    torch.manual_seed(SEED)
    for _ in range(STEPS):
        batch = twin.batches.next()
        twin.objective.backward(batch)
        expected.step(partial(loss_at, twin, batch))

    assert torch.equal(problem.objective.point, twin.objective.point)


@pytest.mark.parametrize(
    ("name", "values", "make"),
    [
        (
            "adahessian",
            {"beta1": 0.8, "beta2": 0.95, "hessian_power": 0.5, "eps": 1e-3},
            lambda model: package.AdaHessian(
                model.parameters(), lr=0.01, betas=(0.8, 0.95), hessian_power=0.5, eps=1e-3, weight_decay=0.1
            ),
        ),
        (
            "sophia-h",
            {"beta1": 0.8, "beta2": 0.95, "clip": 0.3, "eps": 1e-3},
            lambda model: package.SophiaH(
                model.parameters(), lr=0.01, betas=(0.8, 0.95), p=0.3, eps=1e-3, update_period=3, weight_decay=0.1
            ),
        ),
    ],
)
def test_diagonals_equal_those_of_the_dense_hessian(name: str, values: dict[str, Value], make: Make) -> None:
    """Twenty steps equal the package's own class, given u ⊙ H u with H from d Hessian products and the same probes u."""
    problem, twin = (small_network(build(name, lr=0.01, weight_decay=0.1, **values)) for _ in range(2))
    expected, generator = make(twin.model), twin.batches.generator

    torch.manual_seed(SEED)
    problem.steps(STEPS)
    torch.manual_seed(SEED)
    for step in range(STEPS):
        batch = twin.batches.next()
        diagonal = None
        is_normal = name == "sophia-h"
        if step % (3 if is_normal else 1) == 0:
            size = len(twin.objective.point)
            u = (
                torch.randn(size, generator=generator)
                if is_normal
                else 2 * torch.randint(2, (size,), generator=generator) - 1
            )
            product = twin.objective.hessian(batch)
            dense = torch.stack([product(row) for row in torch.eye(size, dtype=torch.float64)])
            diagonal = twin.objective.parts(u * (dense @ u.double()))
        twin.objective.backward(batch)
        expected.step(hessian=diagonal)

    torch.testing.assert_close(problem.objective.point, twin.objective.point, rtol=0, atol=1e-11)


def test_lamb_is_the_papers_without_bias_correction() -> None:
    """Twenty steps equal a plain loop over the layers: r = m / (√v + ε) + λ θ, θ ← θ − η min(‖θ‖, 10) r / (‖r‖ + ε)."""
    problem, twin = (small_network(build("lamb", lr=0.01, weight_decay=0.1, beta1=0.8, beta2=0.95)) for _ in range(2))
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in twin.objective.parameters]

    torch.manual_seed(SEED)
    problem.steps(STEPS)
    torch.manual_seed(SEED)
    for _ in range(STEPS):
        twin.objective.backward(twin.batches.next())
        for index, parameter in enumerate(twin.objective.parameters):
            g = parameter.grad
            assert g is not None
            m = 0.8 * moments[index][0] + 0.2 * g
            v = 0.95 * moments[index][1] + 0.05 * g**2
            moments[index] = (m, v)
            r = m / (v.sqrt() + 1e-6) + 0.1 * parameter.detach()
            with torch.no_grad():
                parameter.sub_(0.01 * min(float(parameter.norm()), 10) / (r.norm() + 1e-6) * r)

    torch.testing.assert_close(problem.objective.point, twin.objective.point, rtol=0, atol=1e-12)


@pytest.mark.parametrize("cut", [1, 7])
@pytest.mark.parametrize("name", IDS)
def test_resumes_in_the_same_bits(name: str, cut: int) -> None:
    """State kept after the first or in the middle of a period gives a fresh method the same next steps; so does no cut."""
    problem, again, fresh = (small_network(build(name, lr=0.01)) for _ in range(3))
    torch.manual_seed(SEED)
    kept = from_bytes(to_bytes(state_of(problem.steps(cut))))
    expected = problem.steps(STEPS).objective.point

    torch.manual_seed(SEED)
    again.steps(cut + STEPS)
    fresh.objective.point = kept["point"]
    fresh.method.load_state_dict(kept["method"])
    fresh.batches.load_state_dict(kept["batches"])
    torch.set_rng_state(kept["random"])

    assert torch.equal(again.objective.point, expected)
    assert torch.equal(fresh.steps(STEPS).objective.point, expected)


@pytest.mark.parametrize("name", IDS)
def test_a_method_before_its_first_step_can_be_kept(name: str) -> None:
    """A run that is interrupted at once keeps a state that a fresh method takes up."""
    problem, fresh = (small_network(build(name, lr=0.01)) for _ in range(2))
    fresh.method.load_state_dict(from_bytes(to_bytes(state_of(problem)))["method"])
    for one in (problem, fresh):
        torch.manual_seed(SEED)
        one.steps(5)
    assert torch.equal(fresh.objective.point, problem.objective.point)


@pytest.mark.parametrize("name", IDS)
def test_the_global_generators_are_left_to_the_order_of_the_passes(name: str) -> None:
    """Building and twenty steps draw from torch's and NumPy's global generators what SGD draws: runs stay paired."""
    next_draws = []
    for one in ("sgd", name):
        torch.manual_seed(SEED)
        np.random.seed(SEED)
        labels = small_network(build(one)).steps(STEPS).batches.next().labels
        next_draws.append([*labels.tolist(), *torch.rand(3).tolist(), *np.random.random(3)])
    assert next_draws[0] == next_draws[1]


def test_a_methods_own_draws_repeat_and_go_on() -> None:
    """Equal streams give equal draws of torch and NumPy, whatever was drawn outside; the next ones are others."""
    draws: list[list[float]] = []
    for _ in range(2):
        generator = torch.Generator().manual_seed(SEED)
        for _ in range(2):
            with own_draws(generator, torch.device("cpu")):
                draws.append([*torch.rand(3).tolist(), *np.random.random(3)])
        torch.rand(5)
        np.random.random(5)
    assert draws[:2] == draws[2:]
    assert not set(draws[0]) & set(draws[1])


@pytest.mark.parametrize("name", IDS)
def test_learns(name: str) -> None:
    """Three hundred steps bring the small network's loss from above 1 to below 0.6, judged by the method's own weights."""
    rates: dict[str, Value] = {
        "lion": 0.003,
        "soap": 0.01,
        "psgd-kron": 0.01,
        "sophia-h": 0.6,
    }  # its few weights go far
    rates |= {"adan": 0.01, "schedule-free-adamw": 0.01}
    problem = small_network(build(name, **({"lr": rates[name]} if name in rates else {})))
    start = problem.objective.value(problem.objective.whole)
    problem.steps(300)
    with problem.method.evaluation_weights(problem.objective):
        reached = problem.objective.value(problem.objective.whole)
    assert start > 1.0
    assert reached < 0.6


def test_a_run_tells_the_versions_of_the_packages_that_it_trains_with(source: DataSource) -> None:
    """The method is the package's code; one of ours needs none."""
    told = []
    for optimizer in ("lion", "sgd"):
        run = make_run(source, scenario="mlp-fashion", optimizer=optimizer, lr=0.001)
        event = started(run, load_splits(run, CPU), CPU, steps_per_epoch=1, from_step=0)
        told.append(set(event.versions))
    assert told == [{"torch", "pytorch_optimizer", "opt_einsum"}, {"torch"}]


@pytest.mark.parametrize("name", ["lookahead", "schedule-free-sgd", "schedule-free-adamw"])
def test_judged_by_other_weights_than_those_that_train(name: str) -> None:
    """Inside the block the weights differ; outside they are the same to the last bit, and so are the next steps."""
    problem, undisturbed = (small_network(build(name, lr=0.1)) for _ in range(2))
    torch.manual_seed(SEED)
    undisturbed.steps(7 + STEPS)
    torch.manual_seed(SEED)
    training = problem.steps(7).objective.point

    with contextlib.suppress(KeyError), problem.method.evaluation_weights(problem.objective):
        judged = problem.objective.point
        raise KeyError  # an evaluation that fails must not leave the wrong weights behind

    assert not torch.allclose(judged, training)
    assert torch.equal(problem.objective.point, training)
    assert torch.equal(problem.steps(STEPS).objective.point, undisturbed.objective.point)


def test_schedule_free_is_judged_by_the_mean_of_z() -> None:
    """With constant rate and without weight decay, x is the mean of all z, by a plain loop over y, z and x."""
    problem, twin = (small_network(build("schedule-free-sgd", lr=0.3, momentum=0.8)) for _ in range(2))
    torch.manual_seed(SEED)
    problem.steps(STEPS)
    with problem.method.evaluation_weights(problem.objective):
        judged = problem.objective.point

    torch.manual_seed(SEED)
    z = x = twin.objective.point
    steps = []
    for _ in range(STEPS):
        z = z - 0.3 * twin.objective.gradient_at(0.2 * z + 0.8 * x, twin.batches.next())
        steps.append(z)
        x = torch.stack(steps).mean(0)

    torch.testing.assert_close(judged, x, rtol=0, atol=1e-12)


def test_lookahead_is_judged_by_the_slow_weights() -> None:
    """After 3 k + 2 fast steps: the slow weights of a plain loop, which have moved three times."""
    problem, twin = (small_network(build("lookahead", lr=0.3, momentum=0.0, k=3, alpha=0.4)) for _ in range(2))
    torch.manual_seed(SEED)
    problem.steps(11)
    with problem.method.evaluation_weights(problem.objective):
        judged = problem.objective.point

    torch.manual_seed(SEED)
    slow = twin.objective.point
    for _ in range(3):
        fast = slow
        for _ in range(3):
            fast = fast - 0.3 * twin.objective.gradient_at(fast, twin.batches.next())
        slow = slow + 0.4 * (fast - slow)

    torch.testing.assert_close(judged, slow, rtol=0, atol=1e-12)


def test_sam_without_a_radius_is_sgd() -> None:
    """ρ = 0 takes the steps of SGD with momentum, at twice the cost; ρ = 0.5 does not."""
    points = []
    for make in (build("sam", rho=0.0, lr=0.1), build("sgd", momentum=0.9, lr=0.1), build("sam", rho=0.5, lr=0.1)):
        problem = small_network(make)
        torch.manual_seed(SEED)
        points.append(problem.steps(STEPS).objective.point)
    assert torch.equal(points[0], points[1])
    assert not torch.allclose(points[0], points[2])


def test_probes_of_signs_see_a_diagonal_hessian_exactly() -> None:
    """On x² + 0.1 y² every probe of ±1 gives h = (2, 0.2): AdaHessian's first step is η g / h, η times Newton's."""
    problem = quadratic(build("adahessian", lr=0.1, eps=1e-12)).steps(1)
    torch.testing.assert_close(problem.objective.point, torch.tensor([0.9, 0.9], dtype=torch.float64))


def test_a_gradient_and_a_product_from_one_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """In pieces of 10 of 64 examples and with a penalty: the gradient of `backward` and the product of `hessian`."""
    plain = small_network(build("sgd"))
    model = plain.model
    objective = Objective(
        model,
        plain.objective.whole,
        counters=Counters(),
        penalty=lambda: model[0].weight.pow(4).sum(),  # type: ignore[index] # a Sequential
    )
    batch = Batch(plain.data.inputs, plain.data.labels)
    vector = torch.randn(len(objective.point), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    gradient, seen = objective.gradient(batch)
    product = objective.hessian(batch)(vector)
    before = copy.copy(objective.counters)

    monkeypatch.setattr(pieces_module, "MAX_PASS_EXAMPLES", 10)
    other_seen, other_product = objective.backward_with_product(batch, vector)
    other_gradient = torch.cat([p.grad.reshape(-1) for p in objective.parameters if p.grad is not None])

    torch.testing.assert_close(other_gradient, gradient, rtol=0, atol=1e-13)
    torch.testing.assert_close(other_product, product, rtol=0, atol=1e-13)
    torch.testing.assert_close(other_seen.loss, seen.loss, rtol=0, atol=1e-13)
    torch.testing.assert_close(other_seen.outputs, seen.outputs, rtol=0, atol=1e-13)
    assert objective.counters.examples_forward_backward == before.examples_forward_backward + 64
    assert objective.counters.hessian_products == before.hessian_products + 64


@pytest.mark.parametrize("name", IDS)
def test_without_the_package_the_builder_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was queued where the package was, and is trained where it is not, ends in this sentence."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=rf'^{name} needs the extra "zoo"; in your clone: .*pip install'):
        small_network(build(name))


def loss_at(problem: Problem, batch: Batch) -> float:
    """SAM's closure: the gradient anew, at the weights that it has set."""
    return float(problem.objective.backward(batch).loss)


def step_from_a_stream_of_its_own(optimizer: torch.optim.Optimizer, problem: Problem) -> None:
    """A step whose draws start from a number of the method's stream; afterwards the global generators are as before."""
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()
    seed = int(torch.randint(2**31, (), generator=problem.batches.generator))
    torch.manual_seed(seed)
    np.random.seed(seed)
    optimizer.step()
    torch.set_rng_state(torch_state)
    np.random.set_state(numpy_state)


def state_of(problem: Problem) -> dict[str, Any]:
    """What a checkpoint of the loop holds of these."""
    return {
        "point": problem.objective.point,
        "method": problem.method.state_dict(),
        "batches": problem.batches.state_dict(),
        "random": torch.get_rng_state(),
    }

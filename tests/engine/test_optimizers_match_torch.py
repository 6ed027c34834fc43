"""Each builder passes every hyper-parameter on: equal to torch's own class, step by step."""

from typing import Any

import pytest
import torch

from tests.engine.small_problems import F2, quadratic, small_network
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers import muon as muon_module
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS

BETAS: dict[str, Value] = {"beta1": 0.8, "beta2": 0.95}
ADAM: dict[str, Any] = {"betas": (0.8, 0.95)}
MUON: dict[str, Value] = {
    "lr": 0.02, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "ns_steps": 5,
    "adamw_lr": 0.003, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8,
}  # fmt: skip
CASES: list[tuple[str, dict[str, Value], type[torch.optim.Optimizer], dict[str, Any]]] = [
    ("sgd", {"momentum": 0.9, "nesterov": True}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ("sgd", {"momentum": 0.5, "dampening": 0.2}, torch.optim.SGD, {"momentum": 0.5, "dampening": 0.2}),
    ("adagrad", {"initial_accumulator_value": 0.1}, torch.optim.Adagrad, {"initial_accumulator_value": 0.1}),
    ("adadelta", {"rho": 0.8}, torch.optim.Adadelta, {"rho": 0.8}),
    ("rmsprop", {"alpha": 0.9, "centered": True}, torch.optim.RMSprop, {"alpha": 0.9, "centered": True}),
    ("adam", BETAS, torch.optim.Adam, ADAM),
    ("adam", {**BETAS, "amsgrad": True}, torch.optim.Adam, {**ADAM, "amsgrad": True}),
    ("adamw", BETAS, torch.optim.AdamW, ADAM),
    ("adamax", BETAS, torch.optim.Adamax, ADAM),
    ("nadam", {**BETAS, "momentum_decay": 0.01}, torch.optim.NAdam, {**ADAM, "momentum_decay": 0.01}),
    ("radam", BETAS, torch.optim.RAdam, ADAM),
    (
        "adafactor",
        {"beta2_exponent": 0.7, "clip_threshold": 1.5, "min_scale": 0.01},
        torch.optim.Adafactor,
        {"beta2_decay": -0.7, "d": 1.5, "eps": (None, 0.01)},
    ),
]


@pytest.mark.parametrize(("name", "ours", "torch_class", "theirs"), CASES)
def test_builder_equals_torch(
    name: str, ours: dict[str, Value], torch_class: type[torch.optim.Optimizer], theirs: dict[str, Any]
) -> None:
    """Twenty steps on a random regression problem give the same parameters to the last bit."""
    problem = small_network(lambda model: BUILDERS[name](model, {"lr": 0.01, "weight_decay": 0.1, **ours}))
    reference = small_network(lambda model: BUILDERS[name](model, {"lr": 0.01, "weight_decay": 0.1, **ours}))
    expected = torch_class(reference.model.parameters(), lr=0.01, weight_decay=0.1, **theirs)  # type: ignore[call-arg]

    torch.manual_seed(0)
    problem.steps(20)
    torch.manual_seed(0)
    for _ in range(20):
        reference.objective.backward(reference.batches.next())
        expected.step()

    assert torch.equal(problem.objective.point, reference.objective.point)


def test_rprop_equals_torch_on_the_decayed_gradient() -> None:
    """Torch's Rprop, with λ θ added to its gradients, takes the same thirty full-batch steps."""
    values: dict[str, Value] = {
        "lr": 0.02, "eta_minus": 0.4, "eta_plus": 1.3, "min_step": 1e-3, "max_step": 0.1, "weight_decay": 0.1,
    }  # fmt: skip
    problem, twin = (small_network(lambda model: BUILDERS["rprop"](model, values), batch_size=64) for _ in range(2))
    expected = torch.optim.Rprop(twin.model.parameters(), lr=0.02, etas=(0.4, 1.3), step_sizes=(1e-3, 0.1))

    torch.manual_seed(0)
    problem.steps(30)
    torch.manual_seed(0)
    for _ in range(30):
        twin.objective.backward(twin.batches.next())
        for parameter in twin.objective.parameters:
            assert parameter.grad is not None
            parameter.grad += 0.1 * parameter.detach()
        expected.step()

    torch.testing.assert_close(problem.objective.point, twin.objective.point, rtol=0, atol=1e-12)


def test_rprop_ignores_the_scale_of_the_objective() -> None:
    """A thousand times the loss has the same signs: the steps are the same."""
    values: dict[str, Value] = {parameter.name: parameter.default for parameter in OPTIMIZERS["rprop"].hyperparameters}
    one, thousand = (
        quadratic(lambda model: BUILDERS["rprop"](model, values), matrix=factor * F2).steps(40) for factor in (1, 1000)
    )
    assert torch.equal(one.objective.point, thousand.objective.point)


def test_muon_takes_the_matrices_and_adamw_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Muon's part equals torch.optim.Muon on the weights, AdamW's part equals torch.optim.AdamW on the biases."""
    monkeypatch.setattr(muon_module, "has_bfloat16", lambda _: True)
    problem, twin = (small_network(lambda model: BUILDERS["muon"](model, MUON)) for _ in range(2))
    reference = twin.model
    weights = [p for p in reference.parameters() if p.ndim == 2]
    biases = [p for p in reference.parameters() if p.ndim == 1]
    muon = torch.optim.Muon(weights, lr=0.02, momentum=0.9, weight_decay=0.1)
    adamw = torch.optim.AdamW(biases, lr=0.003, betas=(0.9, 0.99), weight_decay=0.1)

    torch.manual_seed(0)
    problem.steps(10)
    torch.manual_seed(0)
    for _ in range(10):
        twin.objective.backward(twin.batches.next())
        muon.step()
        adamw.step()

    assert torch.equal(problem.objective.point, twin.objective.point)


def test_without_bfloat16_muon_is_what_its_authors_define(monkeypatch: pytest.MonkeyPatch) -> None:
    """In float64 the steps equal their recursion, by singular values: each is mapped by the odd quintic, five times."""
    monkeypatch.setattr(muon_module, "has_bfloat16", lambda _: False)
    problem = small_network(lambda model: BUILDERS["muon"](model, MUON))
    weights = [p for p in problem.model.parameters() if p.ndim == 2]
    expected = [weight.detach().clone() for weight in weights]
    means = [torch.zeros_like(weight) for weight in weights]

    for _ in range(10):
        problem.steps(1)
        for number, weight in enumerate(weights):
            gradient = weight.grad
            assert gradient is not None
            means[number] = 0.9 * means[number] + 0.1 * gradient
            u, values, v = torch.linalg.svd(0.1 * gradient + 0.9 * means[number], full_matrices=False)
            values = values / values.norm()
            for _ in range(5):
                values = 3.4445 * values - 4.775 * values**3 + 2.0315 * values**5
            rows, columns = weight.shape
            step = u @ torch.diag(values) @ v * max(1, rows / columns) ** 0.5
            expected[number] = (1 - 0.02 * 0.1) * expected[number] - 0.02 * step

        for weight, one in zip(weights, expected, strict=True):
            torch.testing.assert_close(weight.detach(), one, rtol=0, atol=1e-12)


def test_without_bfloat16_muon_is_torchs_but_for_its_rounding() -> None:
    """From the same gradient a step differs by what eight bits of mantissa cost."""
    steps: list[torch.Tensor] = []
    for kind in (torch.optim.Muon, muon_module.Float32Muon):
        weight = torch.nn.Parameter(torch.zeros(20, 30))
        weight.grad = torch.randn(20, 30, generator=torch.Generator().manual_seed(0))
        kind([weight], lr=1.0, weight_decay=0.0).step()
        steps.append(weight.detach())
    assert 0 < (steps[0] - steps[1]).norm() / steps[1].norm() < 0.02


def test_muons_update_is_nearly_orthogonal() -> None:
    """The first update of a matrix has singular values near one another: Newton–Schulz flattens the spectrum."""
    problem = small_network(lambda model: BUILDERS["muon"](model, {**MUON, "weight_decay": 0.0}), hidden=4)
    weight = problem.model.get_parameter("0.weight")
    before = weight.detach().clone()
    problem.steps(1)
    assert weight.grad is not None
    assert _spread(weight.detach() - before) < 3 < _spread(weight.grad)


def test_a_joined_optimizer_shows_all_groups() -> None:
    """The schedule reaches both rates through param_groups."""
    problem = small_network(lambda model: BUILDERS["muon"](model, MUON))
    assert [group["lr"] for group in problem.method.param_groups] == [0.02, 0.003]


def _spread(matrix: torch.Tensor) -> float:
    singular_values = torch.linalg.svdvals(matrix)
    return float(singular_values.max() / singular_values.min())

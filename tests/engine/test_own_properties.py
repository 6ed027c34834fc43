"""Each packaged method has a property of its own, and converges on f1 and f2, where nothing is random."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.small_problems import F1, F2, Problem, quadratic
from tui_optim.engine.data import Split
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS

SLOPE = (3.0, -0.01)
LR = 0.01


def build(name: str, **values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults, without weight decay, and some values over them."""
    complete = {parameter.name: parameter.default for parameter in OPTIMIZERS[name].hyperparameters}
    return lambda model: BUILDERS[name](model, complete | {"weight_decay": 0.0} | values)


class Plane(nn.Module):
    """gᵀθ as a model without data: the gradient is g wherever it is taken."""

    def __init__(self, gradient: tuple[float, ...], start: float) -> None:
        super().__init__()
        self.gradient = torch.tensor(gradient, dtype=torch.float64)
        self.theta = nn.Parameter(torch.full_like(self.gradient, start))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (self.theta * self.gradient).sum().expand(len(x), 1)


def moves(
    name: str, count: int, *, gradient: tuple[float, ...] = SLOPE, start: float = 1.0, **values: Value
) -> list[torch.Tensor]:
    """What each of the first steps adds to θ under a constant gradient."""
    data = Split(torch.zeros(1, 1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64))
    method = build(name, **{"lr": LR, **values})
    problem = Problem(Plane(gradient, start), data, method, criterion=lambda outputs, _: outputs.mean(), batch_size=1)
    points = [problem.objective.point.clone()]
    for _ in range(count):
        points.append(problem.steps(1).objective.point.clone())
    return [after - before for before, after in itertools.pairwise(points)]


def nadam_length(step: int) -> float:
    """Dozat 2016, Alg. 2 with the schedule of momenta, for g = 1: v̂ = 1 and m = 1 − β₁ᵗ."""
    momenta: list[float] = [0.9 * (1 - 0.5 * 0.96 ** (t * 0.004)) for t in range(1, step + 2)]
    past: float = math.prod(momenta[:step])
    return momenta[step] * (1 - 0.9**step) / (1 - past * momenta[step]) + (1 - momenta[step - 1]) / (1 - past)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        *((name, lambda _: 1.0) for name in ("lion", "adan", "adam", "adamw", "adamax")),
        ("adagrad", lambda step: 1 / math.sqrt(step)),
        ("rmsprop", lambda step: 1 / math.sqrt(1 - 0.99**step)),
        ("nadam", nadam_length),
    ],
)
def test_under_a_constant_gradient_every_coordinate_moves_alike(name: str, length: Callable[[int], float]) -> None:
    """Whatever its size, by lr times a factor of the step's number: the sign's methods 1, Adagrad 1/√k, RMSProp 1/√(1 − αᵏ)."""
    for step, move in enumerate(moves(name, 6), start=1):
        expected = [-LR * length(step), LR * length(step)]
        assert move.tolist() == pytest.approx(expected, rel=1e-4)


def test_soap_without_bases_is_adam_from_its_second_step_on() -> None:
    """Its first step only begins the statistics."""
    first, *rest = moves("soap", 4)
    assert first.tolist() == [0.0, 0.0]
    for move in rest:
        assert move.tolist() == pytest.approx([-LR, LR], rel=1e-4)


def test_radam_is_momentum_while_its_variance_is_unknown() -> None:
    """Liu et al. 2020: five steps (ρ_t ≤ 5) with β₂ = 0.999 along the plain gradient."""
    taken = moves("radam", 6)
    for move in taken[:5]:
        assert move.tolist() == pytest.approx([-LR * g for g in SLOPE], rel=1e-9)
    assert abs(float(taken[5][0])) < LR / 10


def test_adadelta_does_not_see_the_scale_of_the_gradient() -> None:
    """Its steps have the unit of θ: a hundred times the gradient gives the same, up to ε."""
    for move in moves("adadelta", 5, gradient=(3.0, 300.0), lr=1.0):
        assert float(move[0]) == pytest.approx(float(move[1]), rel=1e-4)


def test_adafactors_steps_are_relative_to_the_weights() -> None:
    """Ten times the weights, ten times the steps."""
    small, large = moves("adafactor", 3), moves("adafactor", 3, start=10.0)
    for one, other in zip(small, large, strict=True):
        assert (other / one).tolist() == pytest.approx([10.0, 10.0], rel=0.02)


def test_shampoo_takes_its_length_from_what_is_grafted() -> None:
    """Grafted to SGD a step is as long as SGD's; to Adagrad, as Adagrad's."""
    options: dict[str, Any] = {"beta1": 0.0, "start": 1, "update_every": 1, "block_size": 8}
    gradient = torch.tensor(SLOPE, dtype=torch.float64)
    for step, move in enumerate(moves("shampoo", 4, graft="sgd", **options), start=1):
        assert float(move.norm()) == pytest.approx(LR * float(gradient.norm()), rel=1e-9), step
    for step, move in enumerate(moves("shampoo", 4, graft="adagrad", **options), start=1):
        assert float(move.norm()) == pytest.approx(LR * math.sqrt(2 / step), rel=1e-6), step


def test_psgd_clips_the_root_mean_square_of_a_step() -> None:
    """At 1.1 lr, where it begins before its preconditioner knows the gradient's scale."""
    lengths = [float(move.square().mean().sqrt()) / LR for move in moves("psgd-kron", 8)]
    assert lengths[0] == pytest.approx(1.1, rel=1e-6)
    assert max(lengths) < 1.1 + 1e-6


def test_prodigys_estimate_rises_and_stays_below_the_distance() -> None:
    """Mishchenko & Defazio 2024: d only grows, and bounds ‖θ₀ − θ*‖ = √2 from below."""
    problem = quadratic(build("prodigy", lr=1.0))
    estimates = [float(problem.steps(1).method.param_groups[0]["d"]) for _ in range(200)]
    assert estimates == sorted(estimates)
    assert 1e-3 < estimates[-1] <= math.sqrt(2)


RATES: dict[str, dict[str, Value]] = {
    "lion": {"lr": 0.005, "beta2": 0.9},
    "adan": {"lr": 0.02},
    "prodigy": {"lr": 1.0},
    "shampoo": {"lr": 0.3},
    "soap": {"lr": 0.02},
    "psgd-kron": {"lr": 0.02},
    "adagrad": {"lr": 0.5},
    "rmsprop": {"lr": 0.02},
    "adam": {"lr": 0.02},
    "adamw": {"lr": 0.02},
    "adamax": {"lr": 0.05},
    "nadam": {"lr": 0.02},
    "radam": {"lr": 0.1},
    "adadelta": {"lr": 1.0, "eps": 1e-3},
    "adafactor": {"lr": 0.05},
    "schedule-free-adamw": {"lr": 0.1},
    "schedule-free-sgd": {"lr": 0.5},
    "lamb": {"lr": 0.02},
    "rprop": {"lr": 0.02},
    "lookahead": {"lr": 0.05},
    "sam": {"lr": 0.3},
    "adahessian": {"lr": 0.1},
    "sophia-h": {"lr": 0.6},
}


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
@pytest.mark.parametrize("name", RATES)
def test_converges_on_the_quadratics(name: str, matrix: torch.Tensor) -> None:
    """Four hundred steps with a constant rate bring both forms, axes or turned, within a twentieth of the way to the minimum."""
    problem = quadratic(build(name, **RATES[name]), matrix).steps(400)
    with problem.method.evaluation_weights(problem.objective):
        assert float(problem.objective.point.norm()) < math.sqrt(2) / 20

"""Newton's method with the dense Hessian."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import nn

from tests.engine.small_problems import (
    F1,
    F2,
    Problem,
    Quadratic,
    least_squares,
    least_squares_gap,
    quadratic,
    small_network,
)
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.optimizers.second_order import newton
from tui_optim.engine.optimizers.second_order.newton import Newton
from tui_optim.spec.hyperparameters import Value


def build(**values: Value) -> Callable[[nn.Module], Newton]:
    """Builder with undamped full steps where nothing else is said."""
    complete: dict[str, Value] = {"lr": 1.0, "weight_decay": 0.0, "damping": 0.0}
    return lambda model: newton.build(model, complete | values)


def on_quadratic(matrix: list[list[float]], start: list[float], **values: Value) -> Problem:
    """½ θᵀAθ from a start."""
    model = Quadratic(torch.tensor(matrix, dtype=torch.float64), torch.tensor(start, dtype=torch.float64))
    data = quadratic(build()).data
    return Problem(model, data, build(**values), criterion=lambda outputs, _: outputs.mean(), batch_size=1)


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_a_quadratic_is_solved_in_one_step(matrix: torch.Tensor) -> None:
    """One step from anywhere ends in the minimum of f1 and of f2."""
    assert quadratic(build(), matrix).steps(1).objective.point.norm() < 1e-15


def test_least_squares_is_solved_in_one_step() -> None:
    """The step solves the normal equations."""
    assert least_squares_gap(least_squares(build()).steps(1)) < 1e-12


def test_a_step_equals_the_dense_formula() -> None:
    """With rate, damping and λ: θ − η (∇²F + λI + λ_d I)⁻¹ (∇F + λθ), derivatives by torch.func."""
    problem = small_network(build(lr=0.5, damping=2.0, weight_decay=0.1))
    model, (inputs, labels) = problem.model, problem.objective.whole
    here = problem.objective.point
    shapes = {name: parameter.shape for name, parameter in model.named_parameters()}

    def loss(point: torch.Tensor) -> torch.Tensor:
        parts = point.split([shape.numel() for shape in shapes.values()])
        named = {name: part.view(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}
        outputs = torch.func.functional_call(model, named, (inputs,))
        return nn.functional.cross_entropy(outputs, labels) + 0.05 * point.square().sum()

    matrix = torch.func.hessian(loss)(here) + 2.0 * torch.eye(len(here), dtype=torch.float64)
    expected = here - 0.5 * torch.linalg.solve(matrix, torch.func.grad(loss)(here))

    problem.steps(1)

    torch.testing.assert_close(problem.objective.point, expected, rtol=0, atol=1e-12)


def test_correct_digits_double_near_a_minimum() -> None:
    """On a strongly convex loss (softmax regression with λ) the error of a step is at most a constant times its square."""
    data = small_network(build()).data
    torch.manual_seed(1)
    model = nn.Linear(4, 3).double()
    problem = Problem(
        model, data, build(weight_decay=0.1), criterion=nn.functional.cross_entropy, batch_size=len(data.labels)
    )
    points = [problem.steps(1).objective.point for _ in range(9)]
    errors = [float((point - points[-1]).norm()) for point in points[:-1]]
    pairs = [(before, after) for before, after in pairwise(errors) if 1e-7 < before < 1]
    assert len(pairs) >= 2
    assert all(after < before**2 for before, after in pairs)


def test_it_walks_to_a_saddle_point() -> None:
    """x² − y² has its only stationary point at 0: a step goes there, where descent would run away along y."""
    assert on_quadratic([[2.0, 0.0], [0.0, -2.0]], [1.0, 1e-3]).steps(1).objective.point.norm() < 1e-15


def test_damping_above_the_negative_curvature_goes_downhill() -> None:
    """With λ_d = 3 the step on x² − y² grows y."""
    point = on_quadratic([[2.0, 0.0], [0.0, -2.0]], [1.0, 1e-3], damping=3.0).steps(1).objective.point
    assert point.tolist() == pytest.approx([1 - 2 / 5, 1e-3 * (1 + 2)])


def test_a_flat_direction_stays() -> None:
    """A singular Hessian: the shortest step that solves the rest."""
    point = on_quadratic([[2.0, 2.0], [2.0, 2.0]], [3.0, 1.0]).steps(1).objective.point
    torch.testing.assert_close(point, torch.tensor([1.0, -1.0], dtype=torch.float64))


def test_repeats_and_resumes_in_the_same_bits() -> None:
    """Ten steps twice, and ten steps with a checkpoint after four, end in the same bits."""
    whole, cut, fresh = (small_network(build(lr=0.5, damping=1.0)) for _ in range(3))
    expected = whole.steps(10).objective.point
    kept = from_bytes(to_bytes(cut.steps(4).method.state_dict()))

    fresh.objective.point = cut.objective.point
    fresh.method.load_state_dict(kept)

    assert torch.equal(fresh.steps(6).objective.point, expected)

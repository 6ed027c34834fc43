"""Newton-CG and what it is made of: curvature products, conjugate gradients, the line search and the damping."""

import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from curvlinops import GGNLinearOperator, HessianLinearOperator
from torch import nn

from tests.engine.small_problems import (
    F1,
    F2,
    SEED,
    Problem,
    Quadratic,
    least_squares,
    least_squares_gap,
    quadratic,
    small_network,
)
from tui_optim.engine.batches import Batch
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.curvature import Product
from tui_optim.engine.objective import Objective
from tui_optim.engine.optimizers.second_order import newton_cg
from tui_optim.engine.optimizers.second_order.backtracking import MAX_TRIALS, backtrack
from tui_optim.engine.optimizers.second_order.conjugate_gradients import conjugate_gradients
from tui_optim.engine.optimizers.second_order.newton_cg import NewtonCG
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer

EXACT: dict[str, Value] = {"curvature_batch_size": 1000, "max_cg": 500, "cg_tolerance": 1e-13}
"""The whole batch for curvature, and a linear system solved to rounding."""


def build(**values: Value) -> Callable[[nn.Module], NewtonCG]:
    """Builder with the optimizer's defaults and some values over them."""
    complete = {parameter.name: parameter.default for parameter in find_optimizer("newton-cg").hyperparameters}
    return lambda model: newton_cg.build(model, complete | values)


def random_system(size: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    """A positive definite matrix with a condition of a hundred, and a right-hand side."""
    generator = torch.Generator().manual_seed(5)
    basis, _ = torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.float64))
    eigenvalues = torch.logspace(-1, 1, size, dtype=torch.float64)
    return basis @ torch.diag(eigenvalues) @ basis.T, torch.randn(size, generator=generator, dtype=torch.float64)


def dense(product: Product, size: int) -> torch.Tensor:
    """The matrix of a product."""
    return torch.stack([product(unit) for unit in torch.eye(size, dtype=torch.float64)], dim=1)


def curvlinops_matrix(problem: Problem, batch: Batch, kind: str) -> torch.Tensor:
    """The same matrix by curvlinops, without λ."""
    operator = {"hessian": HessianLinearOperator, "gauss-newton": GGNLinearOperator}[kind]
    parameters = list(problem.model.parameters())
    linear = operator(problem.model, nn.CrossEntropyLoss(), parameters, [tuple(batch)], check_deterministic=False)
    matrix: torch.Tensor = linear @ torch.eye(linear.shape[1], dtype=torch.float64)
    return matrix.detach()


@pytest.mark.parametrize("kind", ["hessian", "gauss-newton"])
def test_products_equal_those_of_curvlinops(kind: str) -> None:
    """Column by column, the products are the dense Hessian or Gauss–Newton matrix plus λ I."""
    problem = small_network(build(weight_decay=0.3))
    batch = problem.batches.next()
    size = len(problem.objective.point)
    product = problem.objective.hessian(batch) if kind == "hessian" else problem.objective.gauss_newton(batch)

    matrix = dense(product, size)

    expected = curvlinops_matrix(problem, batch, kind) + 0.3 * torch.eye(size, dtype=torch.float64)
    torch.testing.assert_close(matrix, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("starts", [False, True])
@pytest.mark.parametrize("is_preconditioned", [False, True])
def test_conjugate_gradients_equal_the_dense_solution(is_preconditioned: bool, starts: bool) -> None:
    """As many iterations as unknowns solve the system, whatever the start and the preconditioner."""
    matrix, rhs = random_system()
    solution = conjugate_gradients(
        lambda vector: matrix @ vector,
        rhs,
        max_iterations=len(rhs),
        start=torch.ones_like(rhs) if starts else None,
        diagonal=matrix.diagonal() if is_preconditioned else None,
    )
    torch.testing.assert_close(solution.vector, torch.linalg.solve(matrix, rhs), rtol=0, atol=1e-8)
    torch.testing.assert_close(solution.residual, rhs - matrix @ solution.vector, rtol=0, atol=1e-12)


def test_conjugate_gradients_are_the_best_in_their_krylov_space() -> None:
    """After k preconditioned iterations x minimises ½ xᵀAx − bᵀx over the span of P⁻¹b, P⁻¹A P⁻¹b, …"""
    matrix, rhs = random_system()
    diagonal = torch.linspace(1, 3, len(rhs), dtype=torch.float64)
    vectors = [rhs / diagonal]
    for k in range(1, 6):
        space = torch.stack(vectors, dim=1)
        best = space @ torch.linalg.solve(space.T @ matrix @ space, space.T @ rhs)
        found = conjugate_gradients(lambda vector: matrix @ vector, rhs, max_iterations=k, diagonal=diagonal)
        torch.testing.assert_close(found.vector, best, rtol=0, atol=1e-9)
        vectors.append(matrix @ vectors[-1] / diagonal)


def test_a_perfect_preconditioner_needs_one_iteration() -> None:
    """With P = A one iteration solves the system."""
    diagonal = torch.logspace(-2, 2, 6, dtype=torch.float64)
    rhs = torch.ones(6, dtype=torch.float64)
    solution = conjugate_gradients(
        lambda vector: diagonal * vector, rhs, max_iterations=100, tolerance=1e-12, diagonal=diagonal
    )
    assert solution.num_iterations == 1
    torch.testing.assert_close(solution.vector, rhs / diagonal)


def test_conjugate_gradients_stop_at_the_tolerance() -> None:
    """The residual is below the share that was asked for, and was not one iteration before."""
    matrix, rhs = random_system()
    found = conjugate_gradients(lambda vector: matrix @ vector, rhs, max_iterations=100, tolerance=0.05)
    shorter = conjugate_gradients(lambda vector: matrix @ vector, rhs, max_iterations=found.num_iterations - 1)
    assert found.residual.norm() <= 0.05 * rhs.norm() < shorter.residual.norm()


def test_negative_curvature_ends_the_iteration() -> None:
    """A first direction of negative curvature is the answer; a later one leaves what was found before."""
    down = torch.tensor([-1.0, 1.0], dtype=torch.float64)
    first = conjugate_gradients(lambda v: down * v, torch.tensor([2.0, 1.0], dtype=torch.float64), max_iterations=9)
    later = conjugate_gradients(lambda v: down * v, torch.tensor([1.0, 2.0], dtype=torch.float64), max_iterations=9)
    assert (first.vector.tolist(), first.num_iterations) == ([2.0, 1.0], 1)
    torch.testing.assert_close(later.vector, torch.tensor([5 / 3, 10 / 3], dtype=torch.float64))
    assert later.num_iterations == 2


@pytest.mark.parametrize("kind", ["hessian", "gauss-newton"])
@pytest.mark.parametrize("preconditioning", [0.0, 0.75])
def test_steps_equal_dense_newton_steps(kind: str, preconditioning: float) -> None:
    """Eight steps equal a plain loop with the dense damped matrix, its own back-tracking and its own damping rule."""
    lr, decay, damping = 4.0, 0.05, {"gauss-newton": 0.5, "hessian": 3.0}[kind]
    values: dict[str, Value] = {**EXACT, "curvature": kind, "preconditioning": preconditioning, "damping": damping}
    problem, twin = (small_network(build(lr=lr, weight_decay=decay, **values)) for _ in range(2))
    objective, dampings = twin.objective, []
    torch.manual_seed(SEED)
    for _ in range(8):
        batch = twin.batches.next()
        here, value = objective.point, objective.value(batch)
        gradient = objective.gradient(batch)[0]
        identity = torch.eye(len(here), dtype=torch.float64)
        matrix = curvlinops_matrix(twin, batch, kind) + decay * identity
        assert torch.linalg.eigvalsh(matrix + damping * identity).min() > 0
        step = -torch.linalg.solve(matrix + damping * identity, gradient)
        foretold = lr * gradient @ step + lr**2 / 2 * step @ matrix @ step
        ratio = float((objective.value_at(here + lr * step, batch) - value) / foretold)
        ratio = ratio if foretold < 0 else 0.0
        length = lr
        while objective.value_at(here + length * step, batch) > value + 1e-4 * length * float(gradient @ step):
            length /= 2
        objective.point = here + length * step
        damping *= 3 / 2 if ratio < 1 / 4 else 2 / 3 if ratio > 3 / 4 else 1
        dampings.append(damping)

    torch.manual_seed(SEED)
    method = problem.method
    assert isinstance(method, NewtonCG)
    adapted = [problem.steps(1).method.state_dict()["damping"] for _ in range(8)]

    torch.testing.assert_close(problem.objective.point, objective.point, rtol=0, atol=1e-9)
    assert adapted == pytest.approx(dampings)


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_two_dimensions_need_two_iterations(matrix: torch.Tensor) -> None:
    """Undamped and without preconditioner one step of two products reaches the minimum of f1 and of f2."""
    problem = quadratic(build(curvature="hessian", damping=0.0, preconditioning=0.0, cg_tolerance=1e-10), matrix)
    problem.steps(1)
    assert problem.counters.hessian_products <= 2
    assert problem.objective.point.norm() < 1e-14


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_damping_vanishes_where_the_model_is_right(matrix: torch.Tensor) -> None:
    """On a quadratic the foretold decrease comes true: λ_d shrinks by 2/3 a step and convergence is superlinear."""
    problem = quadratic(build(curvature="hessian", damping=1.0, cg_tolerance=0.0), matrix)
    norms = [float(problem.steps(1).objective.point.norm()) for _ in range(12)]
    assert isinstance(problem.method, NewtonCG)
    assert problem.method.damping == pytest.approx((2 / 3) ** 12)
    ratios = [after / before for before, after in pairwise(norms)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[-1] < 0.1


def test_least_squares_in_one_step() -> None:
    """With the whole set as gradient and curvature batch, five iterations solve five normal equations."""
    problem = least_squares(build(**EXACT, damping=0.0), batch_size=50)
    problem.steps(1)
    assert least_squares_gap(problem) < 1e-12


def test_a_small_curvature_batch_converges_linearly() -> None:
    """Exact gradients with curvature from 15 of 50 examples still converge, by a constant factor a step or better."""
    problem = least_squares(build(curvature_batch_size=15, max_cg=5, cg_tolerance=0.0), batch_size=50)
    gaps = [least_squares_gap(problem.steps(5)) for _ in range(5)]
    assert all(after < 0.1 * before for before, after in pairwise(gaps) if before > 1e-12)
    assert gaps[-1] < 1e-8


def test_a_hopeful_model_is_damped_and_its_step_shortened() -> None:
    """Where the first trial overshoots, the step is halved until F decreases and λ_d grows by 3/2."""
    problem = quadratic(build(lr=50.0, curvature="hessian", damping=0.0, preconditioning=0.0))
    assert isinstance(problem.method, NewtonCG)
    problem.method.damping = 0.1
    before = problem.objective.value(problem.objective.whole)

    problem.steps(1)

    assert problem.counters.line_search_evaluations > 2
    assert problem.objective.value(problem.objective.whole) < before
    assert problem.method.damping == pytest.approx(0.15)


class Contrary(Quadratic):
    """A quadratic whose gradient points the wrong way."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value = super().forward(x)
        return 2 * value.detach() - value


def test_where_no_trial_descends_nothing_moves() -> None:
    """Every length of the search goes up: θ stays, the damping grows, and no direction is kept for a warm start."""
    data = quadratic(build()).data
    model = Contrary(F1, torch.ones(2, dtype=torch.float64))
    problem = Problem(model, data, build(curvature="hessian"), criterion=lambda out, _: out.mean(), batch_size=1)
    problem.steps(1)
    assert isinstance(problem.method, NewtonCG)
    assert problem.objective.point.tolist() == [1.0, 1.0]
    assert problem.counters.line_search_evaluations == MAX_TRIALS
    assert problem.method.damping == pytest.approx(1.5)
    assert problem.method.direction is None


def test_the_search_refuses_a_direction_uphill() -> None:
    """Along the gradient itself no trial is made."""
    problem = quadratic(build())
    gradient, seen = problem.objective.gradient(problem.objective.whole)
    value = problem.objective.loss_of(seen)
    search = backtrack(
        problem.objective, problem.objective.whole, gradient, first=1.0, value=value, slope=gradient @ gradient
    )
    assert search.length == 0
    assert math.isnan(search.first_value)
    assert problem.counters.line_search_evaluations == 0


def test_every_step_decreases_the_loss_of_its_batch() -> None:
    """Armijo's condition on the step's own batch: F there is lower after the step, on every one of forty batches."""
    problem = small_network(build(curvature_batch_size=4, lr=3.0))
    seen: list[tuple[Batch, float]] = []
    plain_next = problem.batches.next

    def recorded_next() -> Batch:
        batch = Batch(*(part.clone() for part in plain_next()))
        seen.append((batch, problem.objective.value(batch)))
        return batch

    problem.batches.next = recorded_next  # type: ignore[method-assign]
    for _ in range(40):
        problem.steps(1)
        batch, before = seen[-1]
        assert problem.objective.value(batch) < before


def test_curvature_comes_from_a_part_of_the_gradients_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """S_H is a part of S without repetition, drawn from the method's own stream: the order of the passes does not change."""
    problem = small_network(build(curvature_batch_size=10), batch_size=32)
    samples: list[Batch] = []
    plain = Objective.gauss_newton

    def recorded(self: Objective, batch: Batch) -> Product:
        samples.append(batch)
        return plain(self, batch)

    monkeypatch.setattr(Objective, "gauss_newton", recorded)
    problem.steps(1)
    shared_stream = torch.get_rng_state()
    problem.steps(1)

    rows = [{tuple(x.tolist()) for x in sample.inputs} for sample in samples]
    assert [len(part) for part in rows] == [10, 10]
    assert rows[0].isdisjoint(rows[1])  # two batches of one pass have no example in common
    assert torch.equal(torch.get_rng_state(), shared_stream)


def test_a_warm_start_begins_at_a_share_of_the_last_direction() -> None:
    """Without any iteration's progress (tolerance 1 is met at once) the direction is the share itself, again and again."""
    problem = small_network(build(warm_start=0.5), batch_size=64).steps(1)
    method = problem.method
    assert isinstance(method, NewtonCG)
    assert method.direction is not None
    start = 0.5 * method.direction
    gradient = problem.objective.full_gradient()
    matrix = dense(problem.objective.gauss_newton(problem.objective.whole), len(start))
    matrix = matrix + method.damping * torch.eye(len(start), dtype=torch.float64)
    diagonal = (gradient.square() + method.damping) ** 0.75
    expected = conjugate_gradients(
        lambda vector: matrix @ vector, -gradient, max_iterations=10, tolerance=0.1, start=start, diagonal=diagonal
    )

    problem.steps(1)

    torch.testing.assert_close(method.direction, expected.vector)


def test_repeats_and_resumes_in_the_same_bits() -> None:
    """Two runs with a seed are equal, and so is one whose state went through a checkpoint into a fresh method."""
    values: dict[str, Value] = {"curvature_batch_size": 7, "warm_start": 0.8, "max_cg": 4}
    whole, cut, fresh = (small_network(build(**values)) for _ in range(3))
    torch.manual_seed(SEED)
    expected = whole.steps(20).objective.point
    torch.manual_seed(SEED)
    cut.steps(9)
    kept = from_bytes(to_bytes({"method": cut.method.state_dict(), "batches": cut.batches.state_dict()}))

    fresh.objective.point = cut.objective.point
    fresh.method.load_state_dict(kept["method"])
    fresh.batches.load_state_dict(kept["batches"])
    fresh.steps(11)

    assert torch.equal(fresh.objective.point, expected)
    assert math.isfinite(float(expected.norm()))


def test_the_line_search_begins_at_the_schedules_rate() -> None:
    """With lr = ½ the first trial, accepted on a quadratic, goes half of the way."""
    problem = quadratic(build(curvature="hessian", damping=0.0, preconditioning=0.0, cg_tolerance=1e-12))
    problem.method.param_groups[0]["lr"] = 0.5
    problem.steps(1)
    torch.testing.assert_close(problem.objective.point, torch.full((2,), 0.5, dtype=torch.float64))


def test_without_damping_a_dead_unit_does_not_stop_the_steps() -> None:
    """The preconditioner (g² + 0)^ξ is 0 where a gradient is: such weights stay, the others move."""
    problem = small_network(build(damping=0.0, preconditioning=0.75), batch_size=64)
    problem.data.inputs[:, 0] = 0.0
    before = problem.objective.point
    problem.steps(1)
    moved = problem.objective.point != before
    assert 0 < int((~moved).sum()) < int(moved.sum())

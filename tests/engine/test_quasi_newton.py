"""SQN, multi-batch L-BFGS, L-BFGS and BFGS, and the two-loop recursion, against plain loops with dense matrices."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import nn

from tests.engine.small_problems import (
    F1,
    F2,
    SEED,
    Problem,
    Quadratic,
    half_square,
    least_squares,
    least_squares_gap,
    quadratic,
    small_network,
)
from tui_optim.engine.batches import Batch
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.second_order.bfgs import BFGS
from tui_optim.engine.optimizers.second_order.multibatch_lbfgs import MultiBatchLBFGS
from tui_optim.engine.optimizers.second_order.sqn import StochasticQuasiNewton
from tui_optim.engine.optimizers.second_order.two_loop import Pair, inverse_hessian_times, with_pair
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer

SMALL_SQN: dict[str, Value] = {"update_every": 4, "memory": 3, "curvature_batch_size": 7}
STATEFUL: list[tuple[str, dict[str, Value]]] = [
    ("sqn", SMALL_SQN),
    ("multibatch-lbfgs", {"memory": 3}),
    ("lbfgs", {"max_iter": 2, "memory": 3}),
    ("bfgs", {}),
]
NAMES = [name for name, _ in STATEFUL]


def build(name: str, **values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults and some values over them."""
    complete = {parameter.name: parameter.default for parameter in find_optimizer(name).hyperparameters}
    return lambda model: BUILDERS[name](model, complete | values)


def random_pairs(number: int, size: int = 6) -> list[Pair]:
    """Displacements and their images under a positive definite matrix."""
    generator = torch.Generator().manual_seed(2)
    root = torch.randn(size, size, generator=generator, dtype=torch.float64)
    displacements = torch.randn(number, size, generator=generator, dtype=torch.float64)
    return [(s, root @ root.T @ s + 0.5 * s) for s in displacements]


def dense_inverse(pairs: list[Pair], size: int) -> torch.Tensor:
    """H by the product form of the BFGS update (Nocedal & Wright 2006, eq. 6.17), from γI of the last pair."""
    identity = torch.eye(size, dtype=torch.float64)
    inverse = identity
    if pairs:
        s, y = pairs[-1]
        inverse = s @ y / (y @ y) * identity
    for s, y in pairs:
        inverse = updated(inverse, s, y)
    return inverse


def updated(inverse: torch.Tensor, s: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """(I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ."""
    left = torch.eye(len(s), dtype=torch.float64) - torch.outer(s, y) / (s @ y)
    return left @ inverse @ left.T + torch.outer(s, s) / (s @ y)


def half_mean_square_gradient(batch: Batch, point: torch.Tensor, decay: float) -> torch.Tensor:
    """∇ of ½ mean (aᵀθ − b)² + λ/2 ‖θ‖²."""
    return batch.inputs.T @ (batch.inputs @ point - batch.labels) / len(batch.labels) + decay * point


@pytest.mark.parametrize("number", [0, 1, 4])
def test_two_loops_equal_the_dense_updates(number: int) -> None:
    """The recursion's product is that of the dense matrix after as many BFGS updates."""
    pairs, vector = random_pairs(number), torch.linspace(-1, 2, 6, dtype=torch.float64)
    torch.testing.assert_close(
        inverse_hessian_times(vector, pairs), dense_inverse(pairs, 6) @ vector, rtol=0, atol=1e-10
    )


def test_the_last_pair_is_interpolated() -> None:
    """The secant equation: H y = s for the last pair."""
    pairs = random_pairs(4)
    torch.testing.assert_close(inverse_hessian_times(pairs[-1][1], pairs), pairs[-1][0], rtol=0, atol=1e-10)


def test_pairs_without_enough_curvature_are_left_out_and_the_oldest_are_forgotten() -> None:
    """A pair counts only where sᵀy > ε sᵀs; the list keeps the last `memory`, and the list that was given stays."""
    pairs = random_pairs(3)
    s = torch.ones(6, dtype=torch.float64)
    assert with_pair(pairs, s, 0.1 * s, memory=3, min_curvature=0.1 + 1e-12) == pairs
    assert with_pair(pairs, s, -s, memory=3, min_curvature=0.0) == pairs
    assert with_pair(pairs, 0 * s, 0 * s, memory=3, min_curvature=0.0) == pairs
    kept = with_pair(pairs, s, 0.2 * s, memory=3, min_curvature=0.1)
    assert [pair[0] is old[0] for pair, old in zip(kept, pairs[1:], strict=False)] == [True, True]
    assert len(kept) == len(pairs) == 3


@pytest.mark.parametrize("curvature", ["gauss-newton", "hessian"])
def test_sqn_equals_the_published_recursion(curvature: str) -> None:
    """Forty steps on least squares equal a plain loop that keeps all iterates, with dense matrices and their products."""
    values: dict[str, Value] = {**SMALL_SQN, "curvature": curvature, "lr": 0.1, "weight_decay": 0.2}
    problem, twin = (least_squares(build("sqn", **values), batch_size=8) for _ in range(2))
    torch.manual_seed(SEED)
    iterates, averages, pairs = [twin.objective.point], list[torch.Tensor](), list[Pair]()
    for step in range(1, 41):
        gradient = half_mean_square_gradient(twin.batches.next(), iterates[-1], 0.2)
        iterates.append(iterates[-1] - 0.1 * dense_inverse(pairs, 5) @ gradient)
        if step % 4 == 0:
            averages.append(torch.stack(iterates[-5:-1]).mean(0))
            if len(averages) > 1:
                sample = twin.batches.random(7).inputs
                matrix = sample.T @ sample / 7 + 0.2 * torch.eye(5, dtype=torch.float64)
                s = averages[-1] - averages[-2]
                pairs = [*pairs, (s, matrix @ s)][-3:]

    torch.manual_seed(SEED)
    found = [problem.steps(1).objective.point for _ in range(40)]

    torch.testing.assert_close(torch.stack(found), torch.stack(iterates[1:]), rtol=0, atol=1e-10)


def test_sqn_takes_the_product_at_the_average() -> None:
    """On a network y is the dense Hessian at θ̄, not at θ, times s."""
    problem = small_network(
        build("sqn", update_every=3, curvature="hessian", curvature_batch_size=5, min_curvature=0.0, lr=0.5)
    )
    iterates = [problem.objective.point]
    for _ in range(6):
        if len(iterates) == 6:
            stream = problem.batches.generator.get_state()
        iterates.append(problem.steps(1).objective.point)
    assert isinstance(problem.method, StochasticQuasiNewton)
    ((s, y),) = problem.method.pairs
    problem.batches.generator.set_state(stream)
    sample = problem.batches.random(5)

    with problem.objective.moved_to(torch.stack(iterates[3:6]).mean(0)):
        product = problem.objective.hessian(sample)
        expected = product(s)

    torch.testing.assert_close(s, torch.stack(iterates[3:6]).mean(0) - torch.stack(iterates[:3]).mean(0))
    torch.testing.assert_close(y, expected, rtol=0, atol=1e-13)


def test_sqn_leaves_negative_curvature_out() -> None:
    """On −x² − y² no pair is kept and the steps stay those of gradient descent."""
    model = Quadratic(-F1, torch.tensor([1.0, 1.0], dtype=torch.float64))
    data = quadratic(build("sqn")).data
    method = build("sqn", lr=0.1, update_every=2, curvature="hessian", curvature_batch_size=1)
    problem = Problem(model, data, method, criterion=lambda outputs, _: outputs.mean(), batch_size=1).steps(8)
    assert isinstance(problem.method, StochasticQuasiNewton)
    assert problem.method.pairs == []
    torch.testing.assert_close(problem.objective.point, torch.tensor([1.2**8, 1.02**8], dtype=torch.float64))


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_sqn_outruns_gradient_descent(matrix: torch.Tensor) -> None:
    """Without noise, at a rate of ½, sixty steps on f1 and f2 are better by many digits than those of gradient descent."""
    values: dict[str, Value] = {"lr": 0.5, "update_every": 5, "curvature": "hessian", "curvature_batch_size": 1}
    ours = quadratic(build("sqn", **values), matrix).steps(60)
    descent = quadratic(build("sgd", lr=0.5), matrix).steps(60)
    assert ours.objective.point.norm() < 1e-6 * descent.objective.point.norm()


def test_sqn_with_a_falling_rate_converges_like_one_over_k() -> None:
    """Byrd et al. 2016, section 3: with η = β / k the expected gap is O(1/k), in spite of the noise."""
    problem = least_squares(build("sqn", update_every=10, curvature_batch_size=25), batch_size=2)
    gaps: dict[int, float] = {}
    for step in range(1, 2_001):
        problem.method.param_groups[0]["lr"] = 1 / (step + 10)
        problem.steps(1)
        gaps[step] = least_squares_gap(problem)
    early, late = (sum(gaps[step] for step in range(last // 2, last)) / (last // 2) for last in (200, 2_000))
    assert late < early / 5


def test_multibatch_equals_the_published_recursion() -> None:
    """Thirty steps on least squares equal a plain loop over batches that overlap, with dense matrices."""
    values: dict[str, Value] = {"lr": 0.3, "weight_decay": 0.1, "overlap": 0.25, "memory": 3, "min_curvature": 0.01}
    problem, twin = (least_squares(build("multibatch-lbfgs", **values), batch_size=8) for _ in range(2))
    torch.manual_seed(SEED)
    point, pairs = twin.objective.point, list[Pair]()
    kept, last = Batch(twin.data.inputs[:0], twin.data.labels[:0]), point
    expected = []
    for step in range(30):
        twin.batches.batch_size = 8 if step == 0 else 6
        fresh = twin.batches.next()
        whole = Batch(torch.cat([kept.inputs, fresh.inputs]), torch.cat([kept.labels, fresh.labels]))
        if step:
            y = half_mean_square_gradient(kept, point, 0.1) - half_mean_square_gradient(kept, last, 0.1)
            pairs = [*pairs, (point - last, y)][-3:]
        direction = dense_inverse(pairs, 5) @ half_mean_square_gradient(whole, point, 0.1)
        last, point = point, point - 0.3 * direction
        kept = Batch(fresh.inputs[-2:].clone(), fresh.labels[-2:].clone())
        expected.append(point)

    torch.manual_seed(SEED)
    found = [problem.steps(1).objective.point for _ in range(30)]

    torch.testing.assert_close(torch.stack(found), torch.stack(expected), rtol=0, atol=1e-8)


def test_multibatch_sees_the_end_of_a_batch_again() -> None:
    """Every step sees batch_size examples, the first quarter of which are the last quarter of the step before."""
    problem = small_network(build("multibatch-lbfgs", overlap=0.25))
    torch.manual_seed(SEED)
    labels = [problem.method.step(problem.objective, problem.batches).labels.clone() for _ in range(4)]
    assert [len(seen) for seen in labels] == [16] * 4
    for before, after in pairwise(labels):
        assert torch.equal(after[:4], before[-4:])
    assert problem.counters.gradient_evaluations == 4 * 16


def test_multibatch_pairs_hold_no_noise() -> None:
    """y is the curvature of the kept examples times s exactly, however different the batches around them are."""
    problem = least_squares(build("multibatch-lbfgs", overlap=0.5, lr=0.1, min_curvature=0.0), batch_size=10).steps(3)
    method = problem.method
    assert isinstance(method, MultiBatchLBFGS)
    assert method.kept_inputs is not None
    kept = method.kept_inputs
    problem.steps(1)
    s, y = method.pairs[-1]
    torch.testing.assert_close(y, kept.T @ kept @ s / 5, rtol=0, atol=1e-13)


def test_multibatch_what_a_step_sees_is_the_mean_over_its_parts() -> None:
    """The loss of a step is that of all its examples at the point before the move."""
    problem = small_network(build("multibatch-lbfgs", overlap=0.3)).steps(2)
    before = problem.objective.point
    seen = problem.method.step(problem.objective, problem.batches)
    assert float(seen.loss) == pytest.approx(float(nn.functional.cross_entropy(seen.outputs, seen.labels)), rel=1e-12)
    assert not torch.equal(problem.objective.point, before)


def test_multibatch_goes_through_the_training_set() -> None:
    """Short batches at the end of a pass, and batches shorter than the overlap, do no harm."""
    problem = least_squares(build("multibatch-lbfgs", overlap=0.5, lr=0.05, min_curvature=0.1), batch_size=12)
    start = least_squares_gap(problem)
    assert least_squares_gap(problem.steps(100)) < start / 20


@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_multibatch_without_noise_is_lbfgs_with_unit_steps(matrix: torch.Tensor) -> None:
    """On f1 and f2 it converges superlinearly: to 10 digits in 30 steps."""
    problem = quadratic(build("multibatch-lbfgs", lr=1.0, min_curvature=0.0), matrix).steps(30)
    assert problem.objective.point.norm() < 1e-10


def test_lbfgs_equals_torchs() -> None:
    """Equal to torch.optim.LBFGS with a closure that adds λ/2 ‖θ‖² by itself; the first trials are far too long."""
    values: dict[str, Value] = {"lr": 8.0, "max_iter": 4, "memory": 3}
    problem, twin = (small_network(build("lbfgs", **values, weight_decay=0.1)) for _ in range(2))
    reference = torch.optim.LBFGS(
        twin.model.parameters(), lr=8.0, max_iter=4, history_size=3, line_search_fn="strong_wolfe"
    )
    inputs, labels = twin.objective.whole
    losses = []

    def closure() -> torch.Tensor:
        reference.zero_grad()
        loss = nn.functional.cross_entropy(twin.model(inputs), labels)
        total = loss + 0.05 * sum(p.square().sum() for p in twin.model.parameters())
        total.backward()
        losses.append(float(loss.detach()))
        return total

    for _ in range(5):
        calls = len(losses)
        reference.step(closure)
        seen = problem.method.step(problem.objective, problem.batches)
        assert float(seen.loss) == pytest.approx(losses[calls], rel=1e-9)

    torch.testing.assert_close(problem.objective.point, twin.objective.point, rtol=0, atol=1e-9)
    assert problem.counters.examples_forward_backward == len(losses) * 64
    assert problem.counters.line_search_evaluations == len(losses) - 5
    assert problem.counters.gradient_evaluations == len(losses) * 64


def test_lbfgs_stays_where_a_schedule_is_at_zero() -> None:
    """A search that begins with no length is no search: the step sees the training set and moves nothing."""
    problem = small_network(build("lbfgs", lr=0.0))
    before = problem.objective.point.clone()
    problem.steps(2)
    assert torch.equal(problem.objective.point, before)
    assert problem.counters.gradient_evaluations == 2 * 64


@pytest.mark.parametrize(("name", "reached"), [("lbfgs", 1e-4), ("bfgs", 1e-6)])
@pytest.mark.parametrize("matrix", [F1, F2], ids=["f1", "f2"])
def test_exact_quasi_newton_converges_fast(name: str, reached: float, matrix: torch.Tensor) -> None:
    """On f1 and f2 a dozen steps reach the minimum (torch stops where gᵀp > −1e-9); gradient descent is at a tenth then."""
    assert quadratic(build(name), matrix).steps(12).objective.point.norm() < reached


@pytest.mark.parametrize("name", ["lbfgs", "bfgs"])
def test_exact_quasi_newton_solves_least_squares(name: str) -> None:
    """Twenty steps solve the normal equations to nine digits."""
    assert least_squares_gap(least_squares(build(name)).steps(20)) < 1e-9


def test_bfgs_equals_the_published_recursion() -> None:
    """Twelve steps on least squares equal a plain loop with the product form of the update and its own back-tracking."""
    problem, twin = (least_squares(build("bfgs", weight_decay=0.1)) for _ in range(2))
    whole, point = twin.objective.whole, twin.objective.point
    inverse, last = torch.eye(5, dtype=torch.float64), None

    def value(at: torch.Tensor) -> float:
        return float(half_square((whole.inputs @ at)[:, None], whole.labels) + 0.05 * at.square().sum())

    expected = []
    for step in range(12):
        gradient = half_mean_square_gradient(whole, point, 0.1)
        if last is not None:
            s, y = point - last[0], gradient - last[1]
            inverse = updated(s @ y / (y @ y) * inverse if step == 1 else inverse, s, y)
        direction, length = -inverse @ gradient, 1.0
        while value(point + length * direction) > value(point) + 1e-4 * length * float(gradient @ direction):
            length /= 2
        last, point = (point, gradient), point + length * direction
        expected.append(point)

    found = [problem.steps(1).objective.point for _ in range(12)]

    torch.testing.assert_close(torch.stack(found), torch.stack(expected), rtol=0, atol=1e-8)


def test_bfgs_learns_the_inverse_hessian() -> None:
    """On least squares H tends to (AᵀA / n)⁻¹."""
    problem = least_squares(build("bfgs")).steps(15)
    assert isinstance(problem.method, BFGS)
    assert problem.method.inverse is not None
    a = problem.data.inputs
    torch.testing.assert_close(problem.method.inverse, torch.linalg.inv(a.T @ a / 50), rtol=0.02, atol=0.02)


@pytest.mark.parametrize(("name", "values"), STATEFUL, ids=NAMES)
@pytest.mark.parametrize("cut_after", [1, 9])
def test_repeats_and_resumes_in_the_same_bits(name: str, values: dict[str, Value], cut_after: int) -> None:
    """Twenty steps twice, and twenty with a checkpoint into a fresh method on the way, end in the same bits."""
    whole, again, cut, fresh = (small_network(build(name, **values)) for _ in range(4))
    torch.manual_seed(SEED)
    expected = whole.steps(20).objective.point
    torch.manual_seed(SEED)
    assert torch.equal(again.steps(20).objective.point, expected)
    torch.manual_seed(SEED)
    cut.steps(cut_after)
    kept = from_bytes(to_bytes({"method": cut.method.state_dict(), "batches": cut.batches.state_dict()}))

    fresh.objective.point = cut.objective.point
    fresh.method.load_state_dict(kept["method"])
    fresh.batches.load_state_dict(kept["batches"])

    assert torch.equal(fresh.steps(20 - cut_after).objective.point, expected)
    assert torch.isfinite(expected).all()


def test_kept_labels_follow_the_kept_inputs_to_their_device() -> None:
    """A resumed run has its vectors moved to the accelerator and its whole numbers not; the overlap must be on one device."""
    problem = small_network(build("multibatch-lbfgs")).steps(2)
    method = problem.method
    assert isinstance(method, MultiBatchLBFGS)
    assert method.kept_inputs is not None
    method.kept_inputs = method.kept_inputs.to("meta")

    kept, *_ = method._parts(problem.batches)

    assert (kept.inputs.device.type, kept.labels.device.type) == ("meta", "meta")

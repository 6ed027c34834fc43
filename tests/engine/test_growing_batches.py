"""Geometric batch growth and the norm test against plain loops in closed form, on least squares in float64."""

import math
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn

from tests.engine.small_problems import SEED, Problem, least_squares, least_squares_gap, small_network
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.draws import epoch_order, open_shuffling_loader
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.noise_reduction.norm_test import example_variance
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer

LR, MU, DECAY = 0.05, 0.5, 0.1
CASES: list[tuple[str, dict[str, Value]]] = [
    ("geometric-batch", {"growth": 1.1, "max_batch_size": 50}),
    ("norm-test", {"theta": 0.9, "parts": 3, "test_every": 3, "patience": 5, "growth": 1.2, "max_batch_size": 50}),
]


def build(name: str, **values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults and some values over them."""
    complete = {parameter.name: parameter.default for parameter in find_optimizer(name).hyperparameters}
    return lambda model: BUILDERS[name](model, complete | values)


def sizes(problem: Problem, count: int) -> list[int]:
    """Batch sizes of the next steps, from what the steps saw."""
    return [len(problem.method.step(problem.objective, problem.batches).labels) for _ in range(count)]


class PlainLoop:
    """Heavy-ball SGD on least squares with weight decay, from rows of the passes' orders, in closed form."""

    def __init__(self, problem: Problem) -> None:
        self.a, self.b = problem.data.inputs, problem.data.labels
        self.theta = problem.objective.point
        self.velocity = torch.zeros_like(self.theta)
        self._order = torch.empty(0, dtype=torch.int64)

    def draw(self, size: int) -> torch.Tensor:
        """Rows of the next batch; the last of a pass may be short."""
        if len(self._order) == 0:
            self._order = epoch_order(open_shuffling_loader(), len(self.b))
        rows, self._order = self._order[:size], self._order[size:]
        return rows

    def gradients(self, rows: torch.Tensor) -> torch.Tensor:
        """Gradient of each example, shape [rows, d], without weight decay."""
        return (self.a[rows] @ self.theta - self.b[rows])[:, None] * self.a[rows]

    def move(self, gradient: torch.Tensor) -> None:
        """v ← μ v + (g + λθ);  θ ← θ − η v."""
        self.velocity = MU * self.velocity + gradient + DECAY * self.theta
        self.theta = self.theta - LR * self.velocity


def geometric_reference(loop: PlainLoop, first: int, growth: float, largest: int) -> Iterator[torch.Tensor]:
    """BCN 5.6-5.7."""
    size = float(first)
    while True:
        rows = loop.draw(min(math.ceil(size), largest))
        loop.move(loop.gradients(rows).mean(0))
        size *= growth
        yield loop.theta


def norm_test_reference(loop: PlainLoop, size: int, theta: float, largest: int) -> Iterator[torch.Tensor]:
    """BCN 5.11-5.12 with the sample variance of single examples, tested at every step on a whole batch."""
    while True:
        rows = loop.draw(size)
        each = loop.gradients(rows)
        decayed = each.mean(0) + DECAY * loop.theta
        bound = theta**2 * float(decayed @ decayed)
        variance = float(each.var(0, correction=1).sum())
        loop.move(each.mean(0))
        if len(rows) == size and variance / size > bound:
            size = min(math.ceil(variance / bound), largest)
        yield loop.theta


def test_geometric_growth_equals_a_plain_loop() -> None:
    """Forty steps over several passes, with momentum and weight decay, give the iterates of BCN 5.6-5.7."""
    values: dict[str, Value] = {"lr": LR, "momentum": MU, "weight_decay": DECAY}
    problem = least_squares(build("geometric-batch", growth=1.1, max_batch_size=30, **values), batch_size=2)
    torch.manual_seed(SEED)
    reference = geometric_reference(PlainLoop(problem), 2, 1.1, 30)
    expected = [next(reference) for _ in range(40)]

    torch.manual_seed(SEED)
    iterates = [problem.steps(1).objective.point for _ in range(40)]

    torch.testing.assert_close(torch.stack(iterates), torch.stack(expected), rtol=0, atol=1e-12)


def test_the_norm_test_equals_a_plain_loop() -> None:
    """With as many parts as examples it is the test of Byrd et al.: batch sizes and iterates equal the loop's."""
    values: dict[str, Value] = {"lr": LR, "momentum": MU, "weight_decay": DECAY, "parts": 1024, "patience": 0}
    problem = least_squares(
        build("norm-test", theta=0.5, test_every=1, max_batch_size=45, **values), batch_size=4, num_examples=50
    )
    torch.manual_seed(SEED)
    reference = norm_test_reference(PlainLoop(problem), 4, 0.5, 45)
    expected = [next(reference) for _ in range(40)]

    torch.manual_seed(SEED)
    iterates = [problem.steps(1).objective.point for _ in range(40)]

    assert problem.batches.batch_size > 4
    torch.testing.assert_close(torch.stack(iterates), torch.stack(expected), rtol=0, atol=1e-12)


def test_parts_estimate_the_variance_of_one_example() -> None:
    """Over random partitions into unequal parts the estimate is on average the sample variance: the part size is corrected."""
    torch.manual_seed(0)
    each = torch.randn(47, 6, dtype=torch.float64) * torch.arange(1.0, 7.0, dtype=torch.float64)
    expected = float(each.var(0, correction=1).sum())

    def estimate() -> float:
        parts = each[torch.randperm(47)].split([2, 5, 12, 28])
        counts = torch.tensor([len(part) for part in parts], dtype=torch.float64)
        return example_variance(torch.stack([part.mean(0) for part in parts]), counts)

    mean = sum(estimate() for _ in range(3000)) / 3000

    assert mean == pytest.approx(expected, rel=0.03)
    assert example_variance(each, torch.ones(47, dtype=torch.float64)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("name", "values"), CASES)
def test_resumes_while_the_batch_grows(name: str, values: dict[str, Value]) -> None:
    """State kept after seven steps and taken up by a fresh method gives the next thirty steps to the last bit."""
    builder = build(name, lr=0.1, momentum=0.9, **values)
    problem, fresh = (small_network(builder, batch_size=6) for _ in range(2))
    torch.manual_seed(SEED)
    problem.steps(7)
    kept = from_bytes(
        to_bytes(
            {
                "model": problem.model.state_dict(),
                "method": problem.method.state_dict(),
                "batches": problem.batches.state_dict(),
                "random": torch.get_rng_state(),
            }
        )
    )
    expected_sizes = sizes(problem, 30)

    fresh.model.load_state_dict(kept["model"])
    fresh.method.load_state_dict(kept["method"])
    fresh.batches.load_state_dict(kept["batches"])
    torch.set_rng_state(kept["random"])

    assert sizes(fresh, 30) == expected_sizes
    assert max(expected_sizes) > kept["batches"]["batch_size"] > 6
    assert torch.equal(fresh.objective.point, problem.objective.point)


def test_geometric_sizes_follow_the_formula_up_to_the_largest() -> None:
    """⌈4 · 1.5ᵏ⌉ up to 20; the end of a pass is short, and the next pass goes on with the size reached."""
    problem = least_squares(build("geometric-batch", growth=1.5, max_batch_size=20), batch_size=4, num_examples=60)
    assert sizes(problem, 8) == [4, 6, 9, 14, 20, 7, 20, 20]


@pytest.mark.parametrize(("largest", "last"), [(7, 7), (2, 4), (1000, 50)])
def test_the_largest_batch_is_never_exceeded(largest: int, last: int) -> None:
    """Growth ends at max_batch_size, at the size of the training set, or at once where the first batch is larger."""
    problem = least_squares(build("geometric-batch", growth=10.0, max_batch_size=largest, lr=1e-3), batch_size=4)
    problem.steps(400)  # 10^400 is no floating-point number any more
    assert problem.batches.batch_size == last


def test_growth_reaches_where_a_constant_batch_stalls() -> None:
    """With a constant rate the gap falls about as fast as 1/n_k; SGD with the same rate and the same work stays far above."""
    growing = least_squares(build("geometric-batch", growth=1.04, max_batch_size=4000, lr=0.1), num_examples=4000)
    early = least_squares_gap(growing.steps(60))
    late = least_squares_gap(growing.steps(100))
    constant = least_squares(build("sgd", lr=0.1), num_examples=4000)
    constant.steps(growing.counters.examples_forward_backward)

    assert late < early / 10
    assert late < least_squares_gap(constant) / 10


def test_without_room_to_grow_the_norm_test_is_sgd() -> None:
    """Where the first batch is the largest nothing is tested: the steps are those of torch's SGD to the last bit."""
    values: dict[str, Value] = {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}
    tested = small_network(build("norm-test", test_every=1, max_batch_size=16, **values))
    plain = small_network(build("sgd", **values))
    torch.manual_seed(SEED)
    tested.steps(20)
    torch.manual_seed(SEED)
    plain.steps(20)
    assert torch.equal(tested.objective.point, plain.objective.point)


@pytest.mark.parametrize("name", ["geometric-batch", "norm-test"])
def test_a_step_costs_the_examples_of_its_batch(name: str) -> None:
    """A tested gradient costs as many forward and backward passes as an untested one, and nothing else."""
    values = dict(CASES)[name]
    problem = small_network(build(name, lr=0.1, **values), batch_size=6)
    num_examples = sum(sizes(problem, 25))
    assert problem.counters.examples_forward_backward == num_examples
    assert problem.counters.gradient_evaluations == num_examples


def test_a_gradient_without_noise_does_not_grow_the_batch() -> None:
    """Examples that are all alike pass the test at every step."""
    problem = least_squares(build("norm-test", theta=0.1, test_every=1, patience=0, lr=0.01), batch_size=5)
    problem.data.inputs.fill_(1.0)
    problem.data.labels.fill_(2.0)
    problem.steps(30)
    assert problem.batches.batch_size == 5


def test_a_gradient_of_noise_alone_takes_the_largest_batch() -> None:
    """Two examples whose gradients cancel leave g = 0: no ratio is defined, and the batch becomes the largest allowed."""
    problem = least_squares(build("norm-test", test_every=1, patience=0, max_batch_size=9), batch_size=2)
    problem.data.inputs.fill_(1.0)
    problem.objective.point = torch.zeros(5, dtype=torch.float64)
    torch.manual_seed(SEED)
    first, second = PlainLoop(problem).draw(2)
    problem.data.labels[first], problem.data.labels[second] = 1.0, -1.0
    torch.manual_seed(SEED)
    problem.steps(1)
    assert problem.batches.batch_size == 9


def test_the_back_up_grows_the_batch_after_its_patience() -> None:
    """A test that never fails leaves the growth to the back-up: by half again after every four steps."""
    problem = least_squares(build("norm-test", theta=0.999, test_every=1000, patience=4, lr=0.01), num_examples=4000)
    assert sizes(problem, 17) == [1] * 4 + [2] * 4 + [3] * 4 + [5] * 4 + [8]


def test_the_short_batch_at_the_end_of_a_pass_is_not_judged() -> None:
    """Its noise is not that of the batch size: the test waits for the next whole batch."""
    problem = least_squares(build("norm-test", theta=1e-3, test_every=2, patience=0, lr=0.01), batch_size=40)
    assert sizes(problem, 2) == [40, 10]
    assert problem.batches.batch_size == 40
    assert sizes(problem, 3) == [40, 10, 50]

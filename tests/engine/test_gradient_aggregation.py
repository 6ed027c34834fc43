"""SVRG, SAG, SAGA and SARAH against their published recursions, on least squares in float64."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn

from tests.engine.small_problems import SEED, Problem, least_squares, least_squares_gap, small_network
from tui_optim.engine.batches import Batches
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.engine.optimizers.noise_reduction.saga import SAGA
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import find_optimizer

CASES: list[tuple[str, dict[str, Value]]] = [
    ("svrg", {"inner_steps": 6}),
    ("svrg", {"inner_steps": 6, "option": "b"}),
    ("svrg", {"inner_steps": 6, "option": "c"}),
    ("svrg", {"inner_steps": 6, "alpha": 0.75, "alpha_fall": 0.8}),
    ("sag", {"blocks": 7}),
    ("saga", {"blocks": 7}),
    ("sarah", {"inner_steps": 6}),
]
"""With the tests' seed option (c) draws the iterates 1, 5, 5, 1 and 1 of 6. 7 blocks of 50 examples are of unequal size."""
NUM_EPOCHS = 25
"""Length of the runs in which α falls."""
IDS = ["-".join([name, *(str(value) for value in values.values())]) for name, values in CASES]


def build(name: str, **values: Value) -> Callable[[nn.Module], Method]:
    """Builder with the optimizer's defaults and some values over them."""
    complete = {parameter.name: parameter.default for parameter in find_optimizer(name).hyperparameters}
    return lambda model: BUILDERS[name](model, complete | values)


def largest_smoothness() -> float:
    """L: the largest Lipschitz constant ‖aᵢ‖² of an example's gradient."""
    return float(least_squares(build("sgd")).data.inputs.square().sum(1).max())


@pytest.mark.parametrize(("name", "values"), CASES, ids=IDS)
def test_equal_to_the_published_recursion(name: str, values: dict[str, Value]) -> None:
    """Thirty steps equal a plain loop that keeps every iterate and every stored gradient and takes the means anew each time."""
    problem = least_squares(build(name, lr=0.03, weight_decay=0.1, **values), batch_size=3, num_epochs=NUM_EPOCHS)
    torch.manual_seed(SEED)
    expected = list(REFERENCES[name](PlainLoop(problem, lr=0.03, decay=0.1), values))

    torch.manual_seed(SEED)
    iterates = [problem.steps(1).objective.point for _ in range(30)]

    torch.testing.assert_close(torch.stack(iterates), torch.stack(expected[:30]), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cut", [10, 11])
@pytest.mark.parametrize(("name", "values"), CASES, ids=IDS)
def test_resumes_in_the_middle_of_a_cycle(name: str, values: dict[str, Value], cut: int) -> None:
    """Kept in a cycle, before or after the iterate that option (c) drew, state gives a fresh method the same thirty steps."""
    problem, fresh = (small_network(build(name, lr=0.1, **values), num_epochs=NUM_EPOCHS) for _ in range(2))
    kept = from_bytes(to_bytes(_state(problem.steps(cut))))
    expected = problem.steps(30).objective.point

    _take_up(fresh, kept)

    assert torch.equal(fresh.steps(30).objective.point, expected)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("svrg", {}),
        ("svrg", {"option": "b", "inner_steps": 150}),
        ("svrg", {"option": "c", "inner_steps": 150}),
        ("sag", {"blocks": 0}),
        ("saga", {"blocks": 0}),
        ("sarah", {}),
    ],
)
def test_converges_with_a_constant_rate(name: str, values: dict[str, Value]) -> None:
    """At η = 1/(3L) and one example a step, the gap falls below 1e-10 within the work of 130 passes: a linear rate."""
    problem = least_squares(build(name, lr=1 / (3 * largest_smoothness()), **values))
    while problem.counters.gradient_evaluations < 130 * 50:
        problem.steps(1)
    assert abs(least_squares_gap(problem)) < 1e-10


def test_sgd_stalls_at_the_same_rate() -> None:
    """After the same work SGD's gap, over its last two passes, has stayed above 1e-3: the noise of single examples."""
    problem = least_squares(build("sgd", lr=1 / (3 * largest_smoothness()))).steps(128 * 50)
    gaps = [least_squares_gap(problem.steps(1)) for _ in range(2 * 50)]
    assert min(gaps) > 1e-3


@pytest.mark.parametrize("blocks", [0, 7, 10])
def test_sagas_estimate_is_unbiased(blocks: int) -> None:
    """Averaged over all blocks that may be drawn, also of unequal sizes, the estimate is the full gradient."""
    problem = least_squares(build("saga", lr=0.02, blocks=blocks, weight_decay=0.1)).steps(25)
    method, objective = problem.method, problem.objective
    assert isinstance(method, SAGA)

    estimates = [
        method.estimate(block, objective.gradient_at(objective.point, problem.batches.rows(method.rows(block))))
        for block in range(method.num_blocks)
    ]

    torch.testing.assert_close(torch.stack(estimates).mean(0), objective.full_gradient(), rtol=0, atol=1e-12)
    assert max(float((one - objective.full_gradient()).norm()) for one in estimates) > 0.01


@pytest.mark.parametrize("option", ["a", "b", "c"])
def test_alpha_falls_from_svrg_to_sgd(option: str) -> None:
    """α = 0 takes the steps of plain SGD; α that has fallen to 0 does so from then on."""
    values: dict[str, Value] = {"option": option, "inner_steps": 1_000_000}
    torch.manual_seed(SEED)
    none = least_squares(build("svrg", lr=0.01, alpha=0.0, **values)).steps(40)
    torch.manual_seed(SEED)
    sgd = least_squares(build("sgd", lr=0.01)).steps(40)
    torch.manual_seed(SEED)
    falling = build("svrg", lr=0.01, alpha=0.75, alpha_fall=0.5, **values)
    fallen = least_squares(falling, num_epochs=2).steps(1)  # n + 2 > half of 2 n
    torch.manual_seed(SEED)
    reference = least_squares(build("sgd", lr=0.01)).steps(1)
    reference.objective.point = fallen.objective.point

    torch.testing.assert_close(none.objective.point, sgd.objective.point, rtol=0, atol=1e-14)
    torch.testing.assert_close(
        fallen.steps(40).objective.point, reference.steps(40).objective.point, rtol=0, atol=1e-14
    )


def test_blocks_deal_every_example_once() -> None:
    """50 examples in 7 blocks: each example in one block, sizes 7 or 8; more blocks than examples are one per example."""
    method = least_squares(build("saga", blocks=7)).steps(1).method
    assert isinstance(method, SAGA)
    rows = [method.rows(block) for block in range(7)]
    many = least_squares(build("saga", blocks=100)).steps(1).method
    assert isinstance(many, SAGA)

    assert sorted(torch.cat(rows).tolist()) == list(range(50))
    assert {len(row) for row in rows} == {7, 8}
    assert torch.cat(rows).tolist() != list(range(50))
    assert many.num_blocks == 50


def test_a_table_that_does_not_fit_is_refused() -> None:
    """One gradient per example of 600 examples × 1,003,507 numbers takes 2.2 GiB: the message says so, and what to do."""
    problem = small_network(build("sag", blocks=0), num_examples=600, hidden=125_438)
    with pytest.raises(
        UsageError, match=r"blocks = 0: 600 gradients of 1,003,507 numbers take 2\.2 GiB.*for example 100"
    ):
        problem.steps(1)


class PlainLoop:
    """The draws of a problem, and gradients of ½ mean (aᵢᵀθ − bᵢ)² + λ/2 ‖θ‖² by their formula."""

    def __init__(self, problem: Problem, *, lr: float, decay: float) -> None:
        self.a, self.b = problem.data.inputs, problem.data.labels
        self.start, self.lr, self.decay = problem.objective.point, lr, decay
        self.batches = Batches(problem.data, problem.batches.batch_size, seed=SEED)

    @property
    def generator(self) -> torch.Generator:
        return self.batches.generator

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The next mini-batch, to keep."""
        batch = self.batches.next()
        return batch.inputs.clone(), batch.labels.clone()

    def gradient(self, theta: torch.Tensor, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return a.T @ (a @ theta - b) / len(b) + self.decay * theta

    def full(self, theta: torch.Tensor) -> torch.Tensor:
        return self.gradient(theta, self.a, self.b)


def svrg(loop: PlainLoop, values: dict[str, Value]) -> Iterator[torch.Tensor]:
    """BCN Alg. 5.1 with the coefficient of Yin et al. and work counted as n + 2 m b."""
    theta, m, option, work = loop.start, int(values["inner_steps"]), values.get("option", "a"), 0
    for _ in range(5):
        snapshot, inner = theta, [theta]
        drawn = int(torch.randint(m, (), generator=loop.generator)) if option == "c" else 0
        for j in range(m):
            done, fall = work / 50 / NUM_EPOCHS, float(values.get("alpha_fall", 0))
            alpha = float(values.get("alpha", 1)) * (1 - done / fall if fall else 1)
            a, b = loop.batch()
            control = loop.gradient(snapshot, a, b) - loop.full(snapshot)
            inner.append(inner[-1] - loop.lr * (loop.gradient(inner[-1], a, b) - alpha * control))
            work += 2 * len(b) + (50 if j == 0 else 0)
            if j < m - 1:
                yield inner[-1]
        theta = {"a": inner[-1], "b": torch.stack(inner[1:]).mean(0), "c": inner[1 + drawn]}[str(option)]
        yield theta


def table_method(loop: PlainLoop, values: dict[str, Value], *, is_saga: bool) -> Iterator[torch.Tensor]:
    """BCN (5.15) and Alg. 5.2 over blocks whose functions are (B n_b / n) f_b, so that F is their plain mean."""
    theta, num_blocks = loop.start, int(values["blocks"])
    order = torch.randperm(50, generator=loop.generator)
    blocks = [order[b * 50 // num_blocks : (b + 1) * 50 // num_blocks] for b in range(num_blocks)]

    def scaled(block: int) -> torch.Tensor:
        rows = blocks[block]
        return num_blocks * len(rows) / 50 * loop.gradient(theta, loop.a[rows], loop.b[rows])

    table = {block: scaled(block) for block in range(num_blocks)} if is_saga else {}
    for _ in range(30):
        block = int(torch.randint(num_blocks, (), generator=loop.generator))
        new = scaled(block)
        if is_saga:
            direction = new - table[block] + torch.stack(list(table.values())).mean(0)
            table[block] = new
        else:
            table[block] = new
            covered = sum(len(blocks[one]) for one in table) / 50
            direction = torch.stack(list(table.values())).sum(0) / num_blocks / covered
        theta = theta - loop.lr * direction
        yield theta


def sarah(loop: PlainLoop, values: dict[str, Value]) -> Iterator[torch.Tensor]:
    """Nguyen et al. 2017, Alg. 1, from the last iterate."""
    theta = loop.start
    for _ in range(5):
        v, before = loop.full(theta), theta
        theta = theta - loop.lr * v
        yield theta
        for _ in range(int(values["inner_steps"])):
            a, b = loop.batch()
            v = loop.gradient(theta, a, b) - loop.gradient(before, a, b) + v
            before, theta = theta, theta - loop.lr * v
            yield theta


REFERENCES: dict[str, Callable[[PlainLoop, dict[str, Value]], Iterator[torch.Tensor]]] = {
    "svrg": svrg,
    "sag": lambda loop, values: table_method(loop, values, is_saga=False),
    "saga": lambda loop, values: table_method(loop, values, is_saga=True),
    "sarah": sarah,
}


def _state(problem: Problem) -> dict[str, Any]:
    return {
        "point": problem.objective.point,
        "method": problem.method.state_dict(),
        "batches": problem.batches.state_dict(),
        "random": torch.get_rng_state(),
        "work": problem.counters.examples_forward_backward,
    }


def _take_up(problem: Problem, state: dict[str, Any]) -> None:
    problem.objective.point = state["point"]
    problem.method.load_state_dict(state["method"])
    problem.batches.load_state_dict(state["batches"])
    torch.set_rng_state(state["random"])
    problem.counters.examples_forward_backward = state["work"]

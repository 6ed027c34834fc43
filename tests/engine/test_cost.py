"""Every optimizer's counters equal the cost that its definition gives, and the passes that the model really made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest
import torch
from torch import nn

from tests.engine.small_problems import SEED, Problem, half_square, small_network
from tui_optim.engine import pieces as pieces_module
from tui_optim.engine.data import Split
from tui_optim.engine.hand_written import Differentiated, HandWritten, Residuals
from tui_optim.engine.losses import squares
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS
from tui_optim.spec.results import Cost
from tui_optim.spec.scenarios.small import MEAN

N = 58
"""Training examples: a pass in batches of 16 ends in one of 10."""
D = 43
"""Parameters of the network."""

Build = Callable[[nn.Module], Method]


def builder(optimizer: str, values: Mapping[str, Value]) -> Build:
    """How a problem gets its method."""
    return lambda model: BUILDERS[optimizer](model, values)


def network(build: Build, batch_size: int) -> Problem:
    """Three classes and one hidden layer."""
    return small_network(build, batch_size=batch_size, num_examples=N)


def numbers(build: Build, batch_size: int) -> Problem:
    """The mean of N numbers."""
    data = Split(torch.rand(N, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64), torch.zeros(N))
    return Problem(Residuals(MEAN), data, build, criterion=squares, batch_size=batch_size)


def round_bowl(build: Build, batch_size: int) -> Problem:
    """Least squares whose Hessian is the identity: −g leads to the minimum, so that α = 3 is too long and 3/2 is not.

    F(θ − α g) = F(θ) − (α − α²/2) ‖g‖² lies below Armijo's line for α < 2 (1 − c₁) alone.
    """
    generator = torch.Generator().manual_seed(0)
    a = torch.linalg.qr(torch.randn(N, 5, generator=generator, dtype=torch.float64)).Q * N**0.5
    data = Split(a, torch.randn(N, generator=generator, dtype=torch.float64))
    torch.manual_seed(1)
    model = nn.Linear(5, 1, bias=False).double()
    return Problem(model, data, build, criterion=half_square, batch_size=batch_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Some steps with what they must cost; all figures in examples, by hand from the method's definition."""

    steps: int
    gradients: int
    of_one: int = 0
    """How many of them belong to single examples and are kept apart."""
    forward: int = 0
    hessian_products: int = 0
    gauss_newton_products: int = 0
    trials: int = 0
    """Evaluations of line searches."""
    linearised: int = 0
    """Examples for which a graph was made that curvature products share; their weights of 2 and 3 contain it.

    On a batch cut into pieces every product makes its own.
    """
    has_graph: bool = True
    """Whether gradients are autograd's."""
    batch_size: int = 16
    values: dict[str, Value] = field(default_factory=dict)
    make: Callable[[Build, int], Problem] = network

    @property
    def cost(self) -> Cost:
        """What the counters must say."""
        return Cost(
            examples_forward_backward=self.gradients - self.of_one,
            per_example_gradients=self.of_one,
            examples_forward=self.forward,
            hessian_products=self.hessian_products,
            gauss_newton_products=self.gauss_newton_products,
            line_search_evaluations=self.trials,
            optimizer_steps=self.steps,
        )

    @property
    def work(self) -> float:
        """What they weigh together, in gradients."""
        return self.gradients + self.forward / 3 + 2 * self.gauss_newton_products + 3 * self.hessian_products

    def passes(self, *, is_cut: bool) -> tuple[int, int]:
        """Examples that must go forward and backward through the model; a product is one pass backward."""
        products = self.hessian_products + self.gauss_newton_products
        linearised = products if is_cut and self.linearised else self.linearised
        return self.gradients + self.forward + linearised, self.gradients * self.has_graph + linearised + products


class Passes:
    """Counts the examples that go through a model, whoever calls it."""

    def __init__(self, model: nn.Module) -> None:
        self.forward = self.backward = 0
        model.register_forward_hook(self._see)
        if isinstance(model, HandWritten):
            by_hand = model.differentiate

            def counted(inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
                self.forward += len(inputs)
                return by_hand(inputs, labels)

            vars(model)["differentiate"] = counted

    def _see(self, _: nn.Module, inputs: tuple[torch.Tensor], outputs: torch.Tensor) -> None:
        self.forward += len(inputs[0])
        if outputs.requires_grad:
            outputs.register_hook(self._see_gradient)

    def _see_gradient(self, gradient: torch.Tensor) -> None:
        self.backward += len(gradient)


def drawn(*wanted: int) -> list[int]:
    """Sizes of batches that are drawn in passes over the training set: a pass ends in what is left of it."""
    sizes, left = [], N
    for size in wanted:
        sizes.append(min(size, left))
        left = left - sizes[-1] or N
    return sizes


def batches(steps: int) -> list[int]:
    """Sizes of batches of 16: 16, 16, 16, 10, 16, …"""
    return drawn(*[16] * steps)


def plain() -> list[Case]:
    """One gradient per example of the batch."""
    return [Case(steps=6, gradients=sum(batches(6)))]


def by_hand() -> list[Case]:
    """The same, but what goes back is arithmetic of the model's own, and no pass of autograd."""
    return [
        Case(steps=6, make=numbers, values={"replacement": has_replacement}, gradients=gradients, has_graph=False)
        for has_replacement, gradients in ((False, sum(batches(6))), (True, 6 * 16))
    ]


def full_batch() -> list[Case]:
    """n gradients a step."""
    return [Case(steps=3, batch_size=N, gradients=3 * N)]


def svrg() -> list[Case]:
    """n at the start of a cycle of m steps, two gradients per example of their batches (BCN Alg. 5.1); m = 0 is a pass."""
    cycles = [
        Case(steps=7, values={"inner_steps": 3, "option": option}, gradients=3 * N + 2 * sum(batches(7)))
        for option in "abc"
    ]
    return [*cycles, Case(steps=8, gradients=2 * (N + 2 * N))]


def sag() -> list[Case]:
    """One gradient per example of the block; the table starts empty."""
    return [
        Case(steps=9, values={"blocks": 29}, gradients=9 * 2),
        Case(steps=9, values={"blocks": 0}, gradients=9, of_one=9),
    ]


def saga() -> list[Case]:
    """The same, and n gradients to fill the table."""
    return [
        Case(steps=9, values={"blocks": 29}, gradients=N + 9 * 2),
        Case(steps=9, values={"blocks": 0}, gradients=N + 9, of_one=N + 9),
    ]


def sarah() -> list[Case]:
    """A cycle is a step with n gradients and m steps with two per example of the batch; m = 0 is a pass."""
    return [
        Case(steps=8, values={"inner_steps": 3}, gradients=2 * N + 2 * sum(batches(6))),
        Case(steps=10, gradients=2 * (N + 2 * N)),
    ]


def geometric_batch() -> list[Case]:
    """One gradient per example of batches of ⌈16 · 1.5ᵏ⌉, at most 50."""
    sizes = drawn(16, 24, 36, 50, 50, 50)
    return [Case(steps=6, values={"growth": 1.5, "max_batch_size": 50}, gradients=sum(sizes))]


def norm_test() -> list[Case]:
    """One gradient per example of the batch, in parts or not; what the test costs is contained.

    With as many parts as examples the first batch that is tested, the second, is one of per-example gradients.
    """
    strict: dict[str, Value] = {"theta": 1e-3, "test_every": 2, "parts": 3, "patience": 0, "max_batch_size": 40}
    patient: dict[str, Value] = {"test_every": 1000, "patience": 2, "growth": 1.5, "max_batch_size": 40}
    return [
        Case(steps=6, values=strict, gradients=sum(drawn(16, 16, 40, 40, 40, 40))),
        Case(steps=6, values={**strict, "parts": 16}, gradients=sum(drawn(16, 16, 40, 40, 40, 40)), of_one=16),
        Case(steps=7, values=patient, gradients=sum(drawn(16, 16, 24, 24, 36, 36, 40))),
    ]


def newton_cg() -> list[Case]:
    """|S| gradients, |S_H| products per iteration (a warm start: one more), |S| forward passes per trial (BCN Alg. 6.1).

    On the network a tolerance of 0 takes all iterations, and a short first trial decreases F enough. In the round bowl one
    iteration solves the system, and the second trial is the first that decreases F enough.
    """
    sizes = batches(5)
    curved = [min(12, size) for size in sizes]
    values: dict[str, Value] = {
        "lr": 0.01, "curvature_batch_size": 12, "max_cg": 3, "cg_tolerance": 0.0, "damping": 10.0,
    }  # fmt: skip
    exact: dict[str, Value] = {
        "lr": 3.0, "curvature_batch_size": N, "cg_tolerance": 1e-6, "damping": 0.0, "preconditioning": 0.0,
    }  # fmt: skip
    cases = [
        Case(
            steps=5,
            values={**values, "curvature": kind, "warm_start": warm_start},
            gradients=sum(sizes),
            forward=sum(sizes),
            trials=5,
            gauss_newton_products=3 * sum(curved) + extra if kind == "gauss-newton" else 0,
            hessian_products=3 * sum(curved) + extra if kind == "hessian" else 0,
            linearised=sum(curved),
        )
        for kind in ("gauss-newton", "hessian")
        for warm_start, extra in ((0.0, 0), (0.5, sum(curved[1:])))
    ]
    searched = Case(
        steps=4, batch_size=N, values=exact, make=round_bowl,
        gradients=4 * N, gauss_newton_products=4 * N, linearised=4 * N, forward=4 * 2 * N, trials=4 * 2,
    )  # fmt: skip
    return [*cases, searched]


def sqn() -> list[Case]:
    """One gradient per example of the batch; every L steps, from the second time on, a product on a curvature batch."""
    values: dict[str, Value] = {"update_every": 2, "curvature_batch_size": 7}
    gradients, products = sum(batches(7)), 2 * 7
    return [
        Case(steps=7, values=values, gradients=gradients, gauss_newton_products=products, linearised=products),
        Case(
            steps=7,
            values={**values, "curvature": "hessian"},
            gradients=gradients,
            hessian_products=products,
            linearised=products,
        ),
    ]


def multibatch_lbfgs() -> list[Case]:
    """One gradient per example of a batch, of which a quarter is kept from the last one and the rest is drawn."""
    return [Case(steps=6, values={"overlap": 0.25}, gradients=sum(drawn(16, 12, 12, 12, 12, 12)) + 5 * 4)]


def lbfgs() -> list[Case]:
    """n gradients per evaluation of torch's own L-BFGS; all but the first of a step belong to its line search."""
    twin = network(builder("sgd", {"lr": 0.1}), N)
    reference = torch.optim.LBFGS(
        twin.model.parameters(), lr=8.0, max_iter=4, history_size=10, line_search_fn="strong_wolfe"
    )
    evaluations = 0

    def closure() -> torch.Tensor:
        nonlocal evaluations
        evaluations += 1
        reference.zero_grad()
        loss = nn.functional.cross_entropy(twin.model(twin.data.inputs), twin.data.labels)
        loss.backward()
        return loss

    for _ in range(3):
        reference.step(closure)
    return [
        Case(steps=3, batch_size=N, values={"lr": 8.0}, gradients=evaluations * N, trials=evaluations - 3),
    ]


def newton() -> list[Case]:
    """n gradients, and n Hessian products for each of the d parameters."""
    return [Case(steps=2, batch_size=N, gradients=2 * N, hessian_products=2 * N * D, linearised=2 * N)]


def bfgs() -> list[Case]:
    """n gradients, and n forward passes per trial; a pair costs nothing."""
    return [
        Case(
            steps=4,
            batch_size=N,
            values={"lr": 3.0},
            make=round_bowl,
            gradients=4 * N,
            forward=4 * 2 * N,
            trials=4 * 2,
        )
    ]


def kfac() -> list[Case]:
    """One gradient per example of the batch, and one more whenever statistics are taken with sampled labels."""
    sizes = batches(7)
    return [
        Case(steps=7, values={"statistics_every": 3}, gradients=sum(sizes) + sizes[0] + sizes[3] + sizes[6]),
        Case(steps=7, values={"statistics_every": 3, "fisher": "empirical"}, gradients=sum(sizes)),
    ]


def sam() -> list[Case]:
    """Two gradients per example of the batch."""
    return [Case(steps=6, gradients=2 * sum(batches(6)))]


def sophia_h() -> list[Case]:
    """One gradient per example of the batch, and in every k-th step, from the first on, a product with the probe."""
    sizes = batches(6)
    return [
        Case(steps=6, values={"update_every": 3}, gradients=sum(sizes), hessian_products=sizes[0] + sizes[3]),
    ]


def adahessian() -> list[Case]:
    """One gradient and one product with the probe per example of the batch."""
    return [Case(steps=6, gradients=sum(batches(6)), hessian_products=sum(batches(6)))]


EXPECTED: dict[str, Callable[[], list[Case]]] = {
    **dict.fromkeys(
        (
            *("sgd", "momentum-ema", "adagrad", "adadelta", "rmsprop", "adam", "adamw", "adamax", "nadam", "radam"),
            *("adafactor", "muon", "lion", "adan", "lamb", "prodigy", "lookahead", "schedule-free-sgd"),
            *("schedule-free-adamw", "shampoo", "soap", "psgd-kron"),
        ),
        plain,
    ),
    "sgd-by-hand": by_hand,
    "rprop": full_batch,
    "svrg": svrg,
    "sag": sag,
    "saga": saga,
    "sarah": sarah,
    "geometric-batch": geometric_batch,
    "norm-test": norm_test,
    "newton-cg": newton_cg,
    "sqn": sqn,
    "multibatch-lbfgs": multibatch_lbfgs,
    "lbfgs": lbfgs,
    "newton": newton,
    "bfgs": bfgs,
    "kfac": kfac,
    "sam": sam,
    "sophia-h": sophia_h,
    "adahessian": adahessian,
}


@pytest.mark.parametrize("pass_size", [pieces_module.MAX_PASS_EXAMPLES, 7], ids=["whole", "in-pieces"])
@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
def test_counters_equal_the_nominal_cost(optimizer: str, pass_size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw counts are those of the definition, and add up to the examples that went through the model, cut into pieces or not."""
    assert optimizer in EXPECTED, (
        f"{optimizer} has no expected cost: add it to EXPECTED of {__name__}, with a function that returns cases "
        "whose figures follow from its definition ('plain' where a step takes one gradient per example of its batch)"
    )
    monkeypatch.setattr(pieces_module, "MAX_PASS_EXAMPLES", pass_size)
    defaults = {parameter.name: parameter.default for parameter in OPTIMIZERS[optimizer].hyperparameters}
    for case in EXPECTED[optimizer]():
        problem = case.make(builder(optimizer, defaults | case.values), case.batch_size)
        passes = Passes(problem.model)
        torch.manual_seed(SEED)

        problem.steps(case.steps)

        assert problem.counters.cost() == case.cost
        assert problem.counters.gradient_evaluations == pytest.approx(case.work, rel=1e-12)
        assert (passes.forward, passes.backward) == case.passes(is_cut=pass_size < N)

"""The one-step calculator gives what the engine's optimizers do to many weights at once, step by step, in float64."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import torch
from torch import nn

from tui_optim.engine.hand_written import Differentiated, HandWritten
from tui_optim.engine.objective import Seen
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.calculator.calculation import RECIPES, Question, calculate
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.optimizers import OPTIMIZERS

NUM_WEIGHTS = 20
NUM_STEPS = 12
TOLERANCE = 1e-12
BETAS: dict[str, Value] = {"beta1": 0.8, "beta2": 0.95}
CASES: list[tuple[str, dict[str, Value]]] = [
    ("sgd", {}),
    ("sgd", {"weight_decay": 0.1}),
    ("sgd", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.1}),
    ("sgd", {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    ("sgd-by-hand", {}),
    ("momentum-ema", {"beta": 0.8, "weight_decay": 0.1}),
    ("adagrad", {"lr_decay": 0.1, "initial_accumulator_value": 0.2, "weight_decay": 0.1}),
    ("adadelta", {"rho": 0.8, "weight_decay": 0.1}),
    ("rmsprop", {"alpha": 0.9, "weight_decay": 0.1}),
    ("rmsprop", {"alpha": 0.9, "momentum": 0.7}),
    ("rmsprop", {"alpha": 0.9, "centered": True, "momentum": 0.7, "eps": 1e-4}),
    ("adam", {**BETAS, "weight_decay": 0.1}),
    ("adam", {**BETAS, "amsgrad": True}),
    ("adamw", {**BETAS, "weight_decay": 0.1}),
    ("adamw", {**BETAS, "weight_decay": 0.1, "amsgrad": True}),
    ("adamax", {**BETAS, "weight_decay": 0.1}),
    ("nadam", {**BETAS, "momentum_decay": 0.05, "weight_decay": 0.1}),
    ("radam", {**BETAS, "weight_decay": 0.1}),
    ("radam", {"beta2": 0.999}),
    ("rprop", {"weight_decay": 0.1, "min_step": 0.005, "max_step": 0.02}),
    ("lion", {**BETAS, "weight_decay": 0.1}),
    ("adan", {"beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "weight_decay": 0.1}),
    ("adan", {}),
    ("schedule-free-sgd", {"momentum": 0.8, "weight_decay": 0.1, "warmup_steps": 4}),
    ("schedule-free-adamw", {**BETAS, "weight_decay": 0.1, "warmup_steps": 4}),
    ("lookahead", {"k": 3, "alpha": 0.3, "momentum": 0.8, "weight_decay": 0.1}),
]
TORCH_STATES = {
    "sgd": {"v": "momentum_buffer"},
    "adagrad": {"G": "sum"},
    "adadelta": {"v": "square_avg", "u": "acc_delta"},
    "rmsprop": {"v": "square_avg", "g_mean": "grad_avg", "b": "momentum_buffer"},
    "adam": {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"},
    "adamw": {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"},
    "adamax": {"m": "exp_avg", "u": "exp_inf"},
    "nadam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "radam": {"m": "exp_avg", "v": "exp_avg_sq"},
    "rprop": {"g_last": "prev", "delta": "step_size"},
}
"""Our names of states and torch's."""


@pytest.fixture(autouse=True)
def _double() -> Iterator[None]:
    """torch keeps NAdam's product of the μ in its default type, whatever the weights are."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


class Weights(HandWritten):
    """Many weights that have nothing to do with one another; their gradients are given by the test."""

    def __init__(self, start: torch.Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(start.clone())

    def differentiate(self, inputs: torch.Tensor, labels: torch.Tensor) -> Differentiated:
        """Never asked for."""
        raise NotImplementedError


class GivenGradients:
    """Stands in for objective and batches: the next gradient is the one that the test says."""

    def __init__(self, model: Weights, method: Method) -> None:
        self.parameters = list(model.parameters())
        self._weights, self._l2 = model.weights, method.l2
        self.next_gradient = torch.zeros_like(model.weights)
        self.seen = Seen(torch.zeros(()), torch.zeros(1, 1), torch.zeros(1))

    @property
    def point(self) -> torch.Tensor:
        """θ."""
        return self._weights.detach().clone()

    @point.setter
    def point(self, vector: torch.Tensor) -> None:
        with torch.no_grad():
            self._weights.copy_(vector)

    def next(self) -> None:
        """No batch."""

    def backward(self, _batch: None) -> Seen:
        """Set p.grad."""
        self._weights.grad = self.next_gradient.clone()
        return self.seen

    def gradient(self, _batch: None) -> tuple[torch.Tensor, Seen]:
        """With λ θ, as the methods written here want it."""
        return self.next_gradient + self._l2 * self.point, self.seen

    def by_hand(self, _batch: None, _differentiate: object) -> tuple[Seen, tuple[torch.Tensor]]:
        """For the method whose gradients are written out."""
        return self.seen, (self.next_gradient,)


def values_of(name: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """Complete hyper-parameters, with a rate that shows in every digit."""
    complete = {parameter.name: parameter.default for parameter in OPTIMIZERS[name].hyperparameters}
    return {**complete, "lr": 0.013, **values}


def built(name: str, values: Mapping[str, Value], start: torch.Tensor) -> tuple[Method, GivenGradients]:
    """The engine's method over weights that start there."""
    model = Weights(start)
    method = BUILDERS[name](model, values)
    return method, GivenGradients(model, method)


def step(method: Method, objective: GivenGradients, gradient: torch.Tensor) -> torch.Tensor:
    """One step of the engine; returns the weights after it."""
    objective.next_gradient = gradient
    stand_in: Any = objective
    method.step(stand_in, stand_in)
    return objective.point


@pytest.mark.parametrize(("name", "values"), CASES, ids=lambda case: case if isinstance(case, str) else None)
def test_many_steps_equal_the_engines(name: str, values: dict[str, Value]) -> None:
    """Twelve steps from rest with a new gradient each: every weight agrees after every step, its state handed on."""
    generator = torch.Generator().manual_seed(7)
    start = torch.randn(NUM_WEIGHTS, generator=generator, dtype=torch.float64)
    complete = values_of(name, values)
    method, objective = built(name, complete, start)
    weights: list[float] = start.tolist()
    states: list[dict[str, float]] = [{} for _ in weights]
    for number in range(1, NUM_STEPS + 1):
        gradient = torch.randn(NUM_WEIGHTS, generator=generator, dtype=torch.float64)
        expected = step(method, objective, gradient)
        for i, (g, w, state) in enumerate(zip(gradient.tolist(), weights, states, strict=True)):
            question = Question(
                optimizer=name, gradient=g, parameter=w, step=number, state=state, hyperparameters=complete
            )
            (taken,) = calculate(question).steps
            weights[i], states[i] = taken.parameter, dict(taken.state)
        torch.testing.assert_close(torch.tensor(weights, dtype=torch.float64), expected, rtol=0, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("name", "values"),
    [case for case in CASES if case[0] in TORCH_STATES],
    ids=lambda case: case if isinstance(case, str) else None,
)
@pytest.mark.parametrize("number", [1, 2, 7, 60])
def test_a_step_from_a_random_state_equals_torchs(name: str, values: dict[str, Value], number: int) -> None:
    """Whatever the state and the number of the step: the weight and every state after it are torch's."""
    generator = torch.Generator().manual_seed(number)

    def draw() -> torch.Tensor:
        return torch.randn(NUM_WEIGHTS, generator=generator, dtype=torch.float64)

    start, gradient, complete = draw(), draw(), values_of(name, values)
    method, objective = built(name, complete, start)
    optimizer: torch.optim.Optimizer = method._optimizer  # type: ignore[attr-defined]
    step(method, objective, draw())  # torch makes its state in the first step
    kept = optimizer.state[objective.parameters[0]]
    states = {state.symbol.name: state for state in RECIPES[name].states}
    given = {}
    for ours, theirs in TORCH_STATES[name].items():
        if kept.get(theirs) is not None and states[ours].is_kept(complete):
            given[ours] = draw().abs() if states[ours].is_positive else draw()
            if ours == "v" and complete.get("centered"):  # what is rooted is a variance
                given[ours] = given[ours] + 10
            kept[theirs].copy_(given[ours])
    if "step" in kept:
        kept["step"].fill_(number - 1)
    questions = [
        Question(
            optimizer=name,
            gradient=g,
            parameter=w,
            step=number,
            state={state: float(tensor[i]) for state, tensor in given.items()},
            hyperparameters=complete,
        )
        for i, (g, w) in enumerate(zip(gradient.tolist(), start.tolist(), strict=True))
    ]
    if "mu_product" in kept:
        kept["mu_product"].fill_(float(calculate(questions[0]).question.state["mu_product"]))
    objective.point = start
    expected = step(method, objective, gradient)
    taken = [calculate(question).steps[0] for question in questions]
    torch.testing.assert_close(
        torch.tensor([one.parameter for one in taken], dtype=torch.float64), expected, rtol=0, atol=TOLERANCE
    )
    for ours in given:
        after = torch.tensor([one.state[ours] for one in taken], dtype=torch.float64)
        torch.testing.assert_close(after, kept[TORCH_STATES[name][ours]], rtol=0, atol=TOLERANCE)


def test_every_recipe_is_compared_here() -> None:
    """A recipe without its optimizer as the oracle would be an opinion."""
    assert {name for name, _ in CASES} == set(RECIPES)

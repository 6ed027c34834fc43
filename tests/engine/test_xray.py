"""X-rays: their figures against float64 references, and that a run with them is the run without."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from curvlinops import HessianLinearOperator
from torch import nn

from tests.engine.runs_for_tests import CPU, Heard, Listener, make_run, numbers, splits_of, train_here
from tests.engine.test_commands import Commander, last_bits, order, trained
from tests.own_scenarios import MOONS, own_run, write_scenario
from tui_optim.engine import xray
from tui_optim.engine.batches import Batch
from tui_optim.engine.commands import without_a_trace
from tui_optim.engine.inner_state import RATE_RULES, effective_rates, momentum_of
from tui_optim.engine.lanczos import largest_eigenvalue
from tui_optim.engine.optimizers.method import GradientStep
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.engine.xray import Tube, angle, noise_scale
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.events import XRayed
from tui_optim.spec.run import RunSpec
from tui_optim.spec.xray import XRay

AGREES = 1e-4


def xrays_of(heard: Heard) -> list[XRay]:
    return [event.xray for event in heard.events if isinstance(event, XRayed)]


def figures(one: XRay) -> tuple[Any, ...]:
    """All but the times."""
    return one.step, one.layers, one.effective_rate, one.momentum_angle, one.noise_scale, one.sharpness


def xrayed(run: RunSpec, every: int) -> RunSpec:
    return run.model_copy(update={"xray": every})


@pytest.mark.parametrize(
    ("scenario", "optimizer", "hyperparameters"),
    [
        ("mlp-fashion", "sgd", {"lr": 0.05, "momentum": 0.9}),
        ("mlp-fashion", "kfac", {}),
        ("mlp-mnist-batchnorm", "adam", {}),
        ("circles", "svrg", {"lr": 0.1}),
    ],
)
def test_an_xrayed_run_is_the_run_itself(
    source: DataSource, scenario: str, optimizer: str, hyperparameters: dict[str, Any]
) -> None:
    """Losses, results, counters and weights are the same to the last bit; the X-rays come after the steps they are due."""
    data = generated_source("circles") if scenario == "circles" else source
    size = 10 if scenario == "circles" else 200
    epochs = 5 if scenario == "circles" else 1
    run = make_run(data, scenario=scenario, optimizer=optimizer, batch_size=size, epochs=epochs, **hyperparameters)

    alone, looked_at = trained(run), trained(xrayed(run, 11))

    assert [event.loss for event in alone[1].progress] == [event.loss for event in looked_at[1].progress]
    assert [event.grad_norm for event in alone[1].progress] == [event.grad_norm for event in looked_at[1].progress]
    assert [numbers(result) for result in alone[1].epochs] == [numbers(result) for result in looked_at[1].epochs]
    assert all(torch.equal(a, b) for a, b in zip(last_bits(alone[1]), last_bits(looked_at[1]), strict=True))
    assert [one.step for one in xrays_of(looked_at[1])][:2] == [1, 11]
    is_small = scenario == "circles"
    for number, one in enumerate(xrays_of(looked_at[1])):
        assert (one.sharpness is not None) == (is_small or number in (0, 3))
        assert one.noise_scale is not None
        assert all(layer.update_ratio is not None and layer.grad_norm > 0 for layer in one.layers)


def test_dropout_is_off_in_an_xray_and_on_in_the_run(tmp_path: Path) -> None:
    """The user's model draws its masks as without X-rays; two looks at the same weights see the same."""
    text = MOONS.replace("nn.Tanh()", "nn.Tanh(), nn.Dropout(0.2)").replace("tanh", "tanh, Dropout")
    run = own_run(write_scenario(tmp_path, text), optimizer="adam", epochs=1, lr=0.01)

    (_, alone), (_, looked_at), (_, again) = train_here(run), train_here(xrayed(run, 3)), train_here(xrayed(run, 3))

    assert [event.loss for event in alone.progress] == [event.loss for event in looked_at.progress]
    assert [figures(one) for one in xrays_of(looked_at)] == [figures(one) for one in xrays_of(again)]
    tube = Tube(run, splits_of(run).train, CPU, l2=0.0)
    assert torch.equal(*(tube.gradient()[0] for _ in range(2)))


def test_a_resumed_run_has_the_same_xrays(source: DataSource) -> None:
    """Paused after an epoch and resumed, it measures what an uninterrupted one does, an X-ray on command among it."""
    run = xrayed(make_run(source, scenario="mlp-fashion", optimizer="adam", batch_size=200, epochs=2, lr=0.002), 25)
    whole = trained(run, Commander({40: order("xray")}))

    resumed = trained(run, checkpoint=whole[1].checkpoints[0], commands=whole[1].commands)

    steps = [one.step for one in xrays_of(whole[1])]
    assert steps == [1, 25, 41, 50]
    assert [one.sharpness is not None for one in xrays_of(whole[1])] == [True, False, True, False]
    assert [figures(one) for one in xrays_of(resumed[1])] == [figures(one) for one in xrays_of(whole[1])][2:]


def test_its_time_is_off_the_training_clock(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that an X-ray alone moves leaves the training time as it is."""
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])

    def slow(*_: object, **__: object) -> float:
        now[0] += 7.0
        return 1.0

    monkeypatch.setattr(xray, "largest_eigenvalue", slow)
    run = xrayed(make_run(source, scenario="mlp-fashion", batch_size=1000, epochs=1, lr=0.05), 1)
    ended, heard = train_here(run)
    assert ended.final is not None
    assert ended.final.train_time_s == 0.0
    assert [one.seconds for one in xrays_of(heard)] == [7.0, 0.0, 7.0, 0.0, 0.0]


class Looked:
    """A model after a step of its method, in float32, with what an X-ray says of it and the same in float64."""

    def __init__(self, run: RunSpec) -> None:
        data = splits_of(run).train
        torch.manual_seed(3)
        self.tube = Tube(run, data, CPU, l2=0.0)
        self.model, self.criterion = model_and_criterion(run, data, CPU)
        optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1, momentum=0.9)
        self.method = GradientStep(optimizer)
        self.before = [one.detach().clone() for one in self.model.parameters()]
        self.batch = self.tube.batch
        for _ in range(2):
            self.before = [one.detach().clone() for one in self.model.parameters()]
            optimizer.zero_grad()
            self.criterion(self.model(self.batch.inputs), self.batch.labels).backward()
            optimizer.step()
        self.velocity = torch.cat([optimizer.state[one]["momentum_buffer"].view(-1) for one in self.model.parameters()])
        self.xray = self.tube.look(
            self.model,
            self.before,
            self.method,
            step=2,
            train_time_s=0.0,
            effective_epochs=0.0,
            has_sharpness=True,
            clock=lambda: 0.0,
        )
        self.precise = self.model.double()
        self.batch = Batch(self.batch.inputs.double(), self.batch.labels)

    def loss(self, *parameters: torch.Tensor, batch: Batch | None = None) -> torch.Tensor:
        """As a function of the parameters."""
        names = [name for name, _ in self.precise.named_parameters()]
        inputs, labels = batch or self.batch
        outputs = torch.func.functional_call(self.precise, dict(zip(names, parameters, strict=True)), (inputs,))
        return self.criterion(outputs, labels)

    @property
    def point(self) -> tuple[torch.Tensor, ...]:
        return tuple(one.detach() for one in self.precise.parameters())

    def gradient(self, batch: Batch | None = None) -> torch.Tensor:
        """Of the mean loss of a batch, shape [d]."""
        everything = tuple(range(len(self.point)))
        parts = torch.func.grad(lambda *point: self.loss(*point, batch=batch), argnums=everything)(*self.point)
        return torch.cat([one.reshape(-1) for one in parts])


@pytest.fixture(scope="module")
def circles() -> Looked:
    """The small net on all of its examples."""
    return Looked(make_run(generated_source("circles"), scenario="circles", batch_size=10, lr=0.1))


@pytest.fixture(scope="module")
def lenet(source: DataSource) -> Looked:
    """LeNet-5 on 128 of its examples."""
    return Looked(make_run(source, batch_size=64, lr=0.1))


def test_sharpness_equals_that_of_the_dense_hessian(circles: Looked) -> None:
    """Its largest eigenvalue, in float64."""
    parts = torch.autograd.functional.hessian(circles.loss, circles.point)
    sizes = [one.numel() for one in circles.point]
    rows = [
        torch.cat([block.reshape(size, other) for block, other in zip(row, sizes, strict=True)], dim=1)
        for row, size in zip(parts, sizes, strict=True)
    ]
    dense = torch.cat(rows)
    assert circles.xray.sharpness == pytest.approx(float(torch.linalg.eigvalsh(dense)[-1]), rel=AGREES)


def test_sharpness_equals_that_of_curvlinops(lenet: Looked) -> None:
    """On LeNet-5, whose Hessian is too large to write down."""
    parameters = list(lenet.precise.parameters())
    operator = HessianLinearOperator(
        lenet.precise,
        nn.CrossEntropyLoss(),
        parameters,
        [(lenet.batch.inputs, lenet.batch.labels)],
        check_deterministic=False,
    )
    start = torch.randn(44_426, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = largest_eigenvalue(lambda vector: (operator @ vector).detach(), start, tolerance=1e-4)
    assert lenet.xray.sharpness == pytest.approx(found, rel=AGREES)


@pytest.mark.parametrize("name", ["circles", "lenet"])
def test_the_noise_scale_equals_that_of_per_example_gradients(name: str, request: pytest.FixtureRequest) -> None:
    """From the gradients of single examples by torch.func, gathered into the eight parts, in float64."""
    looked: Looked = request.getfixturevalue(name)

    def of_one(*inputs_and_label: torch.Tensor) -> tuple[torch.Tensor, ...]:
        x, y = inputs_and_label
        one = Batch(x[None], y[None])
        slopes = torch.func.grad(lambda *point: looked.loss(*point, batch=one), argnums=tuple(range(len(looked.point))))
        return tuple(slopes(*looked.point))

    parts = torch.func.vmap(of_one, chunk_size=32)(looked.batch.inputs, looked.batch.labels)
    single = torch.cat([one.reshape(len(one), -1) for one in parts], dim=1)
    groups = single.reshape(8, -1, single.shape[1]).mean(1)
    size, mean = len(single) // 8, single.mean(0)
    # tr Σ / B estimated from the spread of eight means of B examples, and |G|² with what that adds to |mean|² taken off
    trace = size * (groups - mean).square().sum() / 7
    truth = mean.square().sum() - trace / len(single)
    assert looked.xray.noise_scale == pytest.approx(float(trace / truth), rel=AGREES)


def test_the_noise_scale_is_that_of_a_known_distribution() -> None:
    """Of gradients with mean 1 and variance 4 in each of many dimensions, it is 4; without a gradient it is infinite."""
    generator = torch.Generator().manual_seed(0)
    parts = 1 + 2 * torch.randn(8, 16, 20_000, generator=generator).mean(1)
    small, big = float(parts.square().sum(1).mean()), float(parts.mean(0).square().sum())
    assert noise_scale(small=small, big=big, size=16, num_parts=8) == pytest.approx(4.0, rel=0.05)
    assert noise_scale(small=8.0, big=0.5, size=16, num_parts=8) == math.inf
    assert math.isnan(noise_scale(small=math.nan, big=0.5, size=16, num_parts=8))


@pytest.mark.parametrize("name", ["circles", "lenet"])
def test_norms_ratios_and_angle_follow_their_formulas(name: str, request: pytest.FixtureRequest) -> None:
    """‖∇F‖ and ‖Δθ‖ / ‖θ‖ of each layer, and the angle between velocity and gradient, in float64."""
    looked: Looked = request.getfixturevalue(name)
    gradient, start = looked.gradient(), 0
    before = dict(zip(dict(looked.precise.named_parameters()), looked.before, strict=True))
    for layer in looked.xray.layers:
        names = [one for one in before if one.rpartition(".")[0] == layer.name]
        size = sum(before[one].numel() for one in names)
        old = torch.cat([before[one].reshape(-1) for one in names]).double()
        new = torch.cat([looked.precise.get_parameter(one).detach().reshape(-1) for one in names])
        assert layer.grad_norm == pytest.approx(float(gradient[start : start + size].norm()), rel=AGREES)
        assert layer.update_ratio == pytest.approx(float((new - old).norm() / old.norm()), rel=AGREES)
        start += size
    assert start == gradient.numel()
    velocity = looked.velocity.double()
    cosine = float(velocity @ gradient / velocity.norm() / gradient.norm())
    assert looked.xray.momentum_angle == pytest.approx(math.degrees(math.acos(cosine)), rel=AGREES)


def test_an_angle_needs_two_directions() -> None:
    """0°, 90° and 180°; none to a vector that is 0."""
    x = torch.tensor([1.0, 0.0])
    assert angle(x, 2 * x) == 0.0
    assert angle(x, torch.tensor([0.0, 3.0])) == 90.0
    assert angle(x, -x) == 180.0
    assert angle(x, 0 * x) is None


def one_weight_each(make: Any) -> tuple[GradientStep, nn.Parameter, torch.Tensor, torch.Tensor]:
    """After ten steps on gradients of many sizes: method, weights, the last gradient, and what the last step moved."""
    weights = nn.Parameter(torch.linspace(-1, 1, 50, dtype=torch.float64))
    optimizer = make([weights])
    generator = torch.Generator().manual_seed(0)
    sizes = torch.logspace(-3, 1, 50, dtype=torch.float64)
    gradient = before = weights.detach().clone()
    for _ in range(10):
        gradient = sizes * (1 + torch.randn(50, generator=generator, dtype=torch.float64))
        weights.grad, before = gradient.clone(), weights.detach().clone()
        optimizer.step()
    return GradientStep(optimizer), weights, gradient, before - weights.detach()


@pytest.mark.parametrize(
    ("optimizer", "make"),
    [
        ("adam", lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.9, 0.99))),
        ("adam", lambda p: torch.optim.Adam(p, lr=0.01, amsgrad=True)),
        ("adamw", lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.0)),
        ("adamax", lambda p: torch.optim.Adamax(p, lr=0.01)),
        ("radam", lambda p: torch.optim.RAdam(p, lr=0.01)),
        ("radam", lambda p: torch.optim.RAdam(p, lr=0.01, betas=(0.9, 0.9))),
    ],
)
def test_a_step_of_adams_family_is_mean_gradient_times_rate(optimizer: str, make: Any) -> None:
    """θ − θ⁺ = rate · m̂, weight by weight."""
    method, weights, _, moved = one_weight_each(make)
    mean = momentum_of(method, [weights])
    rates = effective_rates(optimizer, method)
    assert mean is not None
    assert rates is not None
    corrected = mean / (1 - method.param_groups[0]["betas"][0] ** 10)
    torch.testing.assert_close(rates * corrected, moved, rtol=1e-9, atol=0.0)


@pytest.mark.parametrize(
    ("optimizer", "make"),
    [
        ("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.01)),
        ("rmsprop", lambda p: torch.optim.RMSprop(p, lr=0.01, centered=True)),
        ("adagrad", lambda p: torch.optim.Adagrad(p, lr=0.01, lr_decay=0.1)),
    ],
)
def test_a_step_of_rmsprop_and_adagrad_is_gradient_times_rate(optimizer: str, make: Any) -> None:
    """θ − θ⁺ = rate · g, weight by weight."""
    method, _, gradient, moved = one_weight_each(make)
    rates = effective_rates(optimizer, method)
    assert rates is not None
    torch.testing.assert_close(rates * gradient, moved, rtol=1e-9, atol=0.0)


def test_rates_by_hand_where_the_step_mixes_two() -> None:
    """NAdam's denominator is Adam's, and Adadelta's rate is the ratio of its two means."""
    nadam, weights, _, _ = one_weight_each(lambda p: torch.optim.NAdam(p, lr=0.01))
    second = nadam.torch_state[weights]["exp_avg_sq"]
    expected = 0.01 / ((second / (1 - 0.999**10)).sqrt() + 1e-8)
    torch.testing.assert_close(effective_rates("nadam", nadam), expected)
    adadelta, weights, _, _ = one_weight_each(lambda p: torch.optim.Adadelta(p, lr=1.0))
    state = adadelta.torch_state[weights]
    expected = ((state["acc_delta"] + 1e-6) / (state["square_avg"] + 1e-6)).sqrt()
    torch.testing.assert_close(effective_rates("adadelta", adadelta), expected)
    assert {"nadam", "adadelta"} <= RATE_RULES.keys()
    assert effective_rates("sgd", adadelta) is None


def test_quantiles_are_torchs(source: DataSource) -> None:
    """5, 50 and 95 % over all weights."""
    run = xrayed(make_run(source, scenario="mlp-fashion", optimizer="adam", batch_size=1000, epochs=1, lr=0.002), 6)
    _, heard = train_here(run, listener=Listener())
    last = xrays_of(heard)[-1]
    assert last.effective_rate is not None
    low, middle, high = last.effective_rate
    assert 0 < low < middle < high
    values = torch.rand(1001, generator=torch.Generator().manual_seed(0))
    expected = torch.quantile(values.double(), torch.tensor(xray.QUANTILES, dtype=torch.float64))
    assert xray.quantiles(values) == pytest.approx(tuple(expected.tolist()), rel=1e-5)


def test_lanczos_finds_the_largest_not_the_one_of_largest_magnitude() -> None:
    """Of a matrix with eigenvalues −9 … 4; and it says NaN of one that is not finite."""
    generator = torch.Generator().manual_seed(0)
    turn, _ = torch.linalg.qr(torch.randn(30, 30, generator=generator, dtype=torch.float64))
    matrix = turn @ torch.diag(torch.cat([torch.linspace(-9, 3, 29), torch.tensor([4.0])]).double()) @ turn.T
    start = torch.randn(30, generator=generator, dtype=torch.float64)
    assert largest_eigenvalue(lambda v: matrix @ v, start) == pytest.approx(4.0, rel=AGREES)
    assert math.isnan(largest_eigenvalue(lambda v: math.nan * v, start))


def test_nothing_is_drawn_from_the_generators(circles: Looked) -> None:
    """Making a tube and looking leave torch's generator where it was, inside the place that a run gives them."""
    before = torch.get_rng_state()
    run = make_run(generated_source("circles"), scenario="circles", batch_size=10, lr=0.1)
    with without_a_trace(CPU):
        tube = Tube(run, splits_of(run).train, CPU, l2=0.0)
    assert torch.equal(torch.get_rng_state(), before)
    assert len(tube.batch.labels) == 200
    assert len(circles.batch.labels) == 200

"""Averages of iterates: equal to their definitions by hand, judged by, resumed, and of use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils import vector_to_parameters

from tests.engine.runs_for_tests import CPU, Listener, make_run, numbers, train_here
from tests.engine.small_problems import SEED, Problem, least_squares, least_squares_gap, small_network
from tui_optim.engine import training
from tui_optim.engine.averaging import Averaged
from tui_optim.engine.batches import Batches
from tui_optim.engine.checkpoint import from_bytes
from tui_optim.engine.data import Split, load_splits
from tui_optim.engine.evaluation import evaluate
from tui_optim.engine.models import MODELS
from tui_optim.engine.objective import Objective, Seen
from tui_optim.engine.optimizers.method import GradientStep, Method
from tui_optim.spec.averaging import AVERAGINGS, check_averaging
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec

KINDS = sorted(set(AVERAGINGS) - {"none"})


def sgd(model: nn.Module, lr: float = 0.3) -> GradientStep:
    """SGD with momentum, so that the optimizer has a state."""
    return GradientStep(torch.optim.SGD(model.parameters(), lr=lr, momentum=0.5))


def around(base: Callable[[nn.Module], Method], **rule: Value) -> Callable[[nn.Module], Averaged]:
    """Builder of a method with an average around it."""
    return lambda model: Averaged(base(model), check_averaging(rule))


def iterates(problem: Problem, count: int) -> torch.Tensor:
    """θ after each of the next steps, shape [count, d]."""
    torch.manual_seed(SEED)
    return torch.stack([problem.steps(1).objective.point for _ in range(count)])


def average(problem: Problem) -> torch.Tensor:
    """What the method is judged by, shape [d]."""
    with problem.method.evaluation_weights(problem.objective):
        return problem.objective.point


def test_polyak_is_the_mean_of_the_iterates_after_its_start() -> None:
    """Four steps are an epoch; of five epochs the mean begins when two fifths of the work are done, after the eighth step."""
    problem = small_network(around(sgd, kind="polyak", start=0.4), num_epochs=5)
    points = iterates(problem, 20)
    torch.testing.assert_close(average(problem), points[7:].mean(0), rtol=1e-13, atol=1e-14)


def test_swa_is_the_mean_at_epoch_ends() -> None:
    """Every second of eight epochs from a quarter of the run on: the iterates after 2, 4, 6 and 8 epochs."""
    problem = small_network(around(sgd, kind="swa", start=0.25, every=2), num_epochs=8)
    points = iterates(problem, 32)
    torch.testing.assert_close(average(problem), points[7::8].mean(0), rtol=1e-13, atol=1e-14)


def test_ema_follows_its_recursion() -> None:
    """θ̄ ← β θ̄ + (1 − β) θ from the first iterate on, with the rising β while t/(9 + t) is below it."""
    problem = small_network(around(sgd, kind="ema", decay=0.6))
    points = iterates(problem, 20)
    expected = points[0]
    for t, point in enumerate(points[1:], start=2):
        beta = min(0.6, t / (9 + t))
        expected = beta * expected + (1 - beta) * point
    torch.testing.assert_close(average(problem), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_training_goes_on_from_the_raw_iterate(kind: str) -> None:
    """With an evaluation after every step the iterates are those of the method alone, to the last bit."""
    plain, problem = small_network(sgd), small_network(around(sgd, kind=kind), num_epochs=5)
    expected = iterates(plain, 20)
    torch.manual_seed(SEED)
    for point in expected:
        problem.steps(1)
        average(problem)
        assert torch.equal(problem.objective.point, point)
    assert not torch.equal(average(problem), problem.objective.point)


def test_an_error_during_evaluation_leaves_the_raw_iterate() -> None:
    """The weights come back however the block is left."""
    problem = small_network(around(sgd, kind="ema")).steps(5)
    before = problem.objective.point
    with pytest.raises(RuntimeError, match="evaluation"), problem.method.evaluation_weights(problem.objective):
        raise RuntimeError("evaluation")
    assert torch.equal(problem.objective.point, before)


def test_before_its_start_the_method_itself_is_judged() -> None:
    """Nothing has been averaged yet: the weights are those that the method names."""
    problem = small_network(around(_JudgedAtZero, kind="polyak", start=0.5), num_epochs=5).steps(2)
    assert torch.equal(average(problem), torch.zeros_like(problem.objective.point))


def test_a_share_of_the_run_is_a_share_of_its_work() -> None:
    """A method that pays for two gradients per step reaches the middle of a run of four epochs after four steps of sixteen."""
    problem = small_network(around(_TwiceAsDear, kind="polyak", start=0.5), num_epochs=4)
    points = iterates(problem, 8)
    torch.testing.assert_close(average(problem), points[3:].mean(0), rtol=1e-13, atol=1e-14)


def test_a_long_mean_does_not_stand_still() -> None:
    """Half of the iterates at 1, half a little above: in float32 the mean would never leave 1."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    data = Split(torch.zeros(10, 1), torch.zeros(10))
    builder = around(sgd, kind="polyak", start=0.0)
    problem = Problem(model, data, builder, criterion=lambda outputs, _: outputs.mean(), batch_size=1).steps(2000)
    nn.init.constant_(model.weight, 1 + 2**-13)
    problem.steps(2000)
    assert float(average(problem)) == pytest.approx(1 + 2**-14, abs=2**-20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_average_has_the_same_bits(source: DataSource, kind: str) -> None:
    """Interrupted in the second of three epochs, then resumed: the same figures as without interruption."""
    run = _run(source, kind=kind, epochs=3, start=0.2)
    whole, heard = train_here(run)
    _, first = train_here(run, listener=Listener(wanted="interrupted", after_polls=50))

    resumed, second = train_here(run, checkpoint=first.checkpoints[-1])

    assert whole.final is not None
    assert resumed.final is not None
    assert numbers(resumed.final) == numbers(whole.final)
    assert [numbers(r) for r in second.epochs] == [numbers(r) for r in heard.epochs[2:]]


def test_a_run_is_judged_by_its_average(source: DataSource) -> None:
    """The final figures are those of a model with θ̄; the training losses are those of the run without an average."""
    run = _run(source, kind="ema", epochs=1)
    data = load_splits(run, CPU)
    ended, heard = train_here(run, data=data)
    _, plain = train_here(run.model_copy(update={"averaging": {}}), data=data)
    model = MODELS["mlp-784-128-10"]()
    vector_to_parameters(from_bytes(heard.checkpoints[-1])["method"]["mean"].float(), model.parameters())

    assert ended.final is not None
    assert data.test is not None
    assert ended.final.test_loss == evaluate(model, data.test, batch_size=1000).loss
    assert [event.loss for event in heard.progress] == [event.loss for event in plain.progress]


def test_a_pass_for_batchnorm_may_complete_an_epoch(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full-batch steps of one epoch's work and a third of one at each evaluation: after three of each, four are done."""
    monkeypatch.setattr(training, "averaged", lambda method, run: _DearToJudge(method, run.averaging))
    run = _run(source, kind="ema", epochs=4).model_copy(update={"batch_size": "full"})
    ended, heard = train_here(run)
    assert ended.state == "finished"
    assert [(result.epoch, result.step) for result in heard.epochs] == [(0, 0), (1, 1), (2, 2), (4, 3)]


@pytest.mark.parametrize("seed", range(5))
def test_the_suffix_average_is_nearer_to_the_optimum(seed: int) -> None:
    """On least squares with noisy gradients and a constant rate, F at the mean is closer to F* than at the last iterate."""
    problem = least_squares(around(lambda model: sgd(model, lr=0.02), kind="polyak"), num_epochs=40)
    torch.manual_seed(seed)
    last = least_squares_gap(problem.steps(40 * 50))
    with problem.method.evaluation_weights(problem.objective):
        assert least_squares_gap(problem) < last / 3


def _run(source: DataSource, *, epochs: int, kind: str, **values: Value) -> RunSpec:
    """A run of the MLP; values that the kind does not know are left out."""
    known = {parameter.name for parameter in AVERAGINGS[kind].parameters}
    rule = check_averaging({"kind": kind, **{name: value for name, value in values.items() if name in known}})
    run = make_run(source, scenario="mlp-fashion", epochs=epochs, lr=0.05, momentum=0.9, batch_size=128)
    return run.model_copy(update={"averaging": rule})


class _JudgedAtZero(GradientStep):
    """SGD that wants to be judged with all weights zero."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(torch.optim.SGD(model.parameters(), lr=0.1))

    @contextmanager
    def evaluation_weights(self, objective: Objective) -> Iterator[None]:
        with objective.moved_to(torch.zeros_like(objective.point)):
            yield


class _TwiceAsDear(GradientStep):
    """SGD that looks at its first gradient twice."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__(torch.optim.SGD(model.parameters(), lr=0.1))

    def step(self, objective: Objective, batches: Batches) -> Seen:
        objective.counters.examples_forward_backward += batches.batch_size
        return super().step(objective, batches)


class _DearToJudge(Averaged):
    """Counts a pass over the training set at each evaluation."""

    @contextmanager
    def evaluation_weights(self, objective: Objective) -> Iterator[Any]:
        objective.counters.examples_forward += objective.num_examples
        with super().evaluation_weights(objective):
            yield

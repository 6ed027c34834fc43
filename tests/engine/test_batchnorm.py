"""BatchNorm's statistics at weights that training does not visit: made anew, counted, kept, and put away again."""

from collections.abc import Callable

import pytest
import torch
from torch import nn

from tests.engine.small_problems import Problem, small_network
from tui_optim.engine.averaging import Averaged
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.engine.optimizers import BUILDERS
from tui_optim.engine.optimizers.method import Method
from tui_optim.spec.averaging import check_averaging
from tui_optim.spec.optimizers import OPTIMIZERS


def build(name: str) -> Callable[[nn.Module], Method]:
    """Builder of a method of the registry with its defaults; `ema` is SGD with that average around it."""
    if name == "ema":
        return lambda model: Averaged(build("sgd")(model), check_averaging({"kind": "ema"}))
    values = {parameter.name: parameter.default for parameter in OPTIMIZERS[name].hyperparameters}
    return lambda model: BUILDERS[name](model, values | {"lr": 0.3})


def network(name: str) -> Problem:
    """The small network with BatchNorm in its hidden layer."""
    data = small_network(build("sgd")).data
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.Tanh(), nn.Linear(5, 3)).double()
    return Problem(model, data, build(name), criterion=nn.functional.cross_entropy, batch_size=16)


def statistics(problem: Problem) -> torch.Tensor:
    """Running mean and variance of the model, shape [2, 5]."""
    norm = problem.model.get_submodule("1")
    return torch.stack([norm.get_buffer("running_mean"), norm.get_buffer("running_var")])


def judged_statistics(problem: Problem) -> torch.Tensor:
    """Those that it is judged with."""
    with problem.method.evaluation_weights(problem.objective):
        return statistics(problem)


JUDGED_ELSEWHERE = pytest.mark.parametrize("name", ["ema", "lookahead", "schedule-free-sgd", "schedule-free-adamw"])


@JUDGED_ELSEWHERE
def test_statistics_are_those_of_the_weights_to_judge_by(name: str) -> None:
    """Inside the block mean and variance are those of a pass over the training set; afterwards they are the old ones."""
    problem = network(name).steps(12)
    before, first = statistics(problem), problem.model.get_submodule("0")

    with problem.method.evaluation_weights(problem.objective):
        hidden = first(problem.data.inputs).detach()
        expected = torch.stack([hidden.mean(0), hidden.var(0)])
        torch.testing.assert_close(statistics(problem), expected)

    assert problem.model.training
    assert torch.equal(statistics(problem), before)
    assert not torch.allclose(before, expected)


@JUDGED_ELSEWHERE
def test_an_error_during_evaluation_leaves_the_statistics_of_training(name: str) -> None:
    """They come back however the block is left."""
    problem = network(name).steps(5)
    before = statistics(problem)
    with pytest.raises(RuntimeError, match="evaluation"), problem.method.evaluation_weights(problem.objective):
        raise RuntimeError("evaluation")
    assert torch.equal(statistics(problem), before)


@JUDGED_ELSEWHERE
def test_the_pass_is_counted_once_for_the_same_weights(name: str) -> None:
    """n forward passes, a third of an epoch, where steps were taken since the last evaluation; none without BatchNorm."""
    problem = network(name)
    counted = []
    for steps in (3, 0, 2):
        judged_statistics(problem.steps(steps))
        counted.append(problem.counters.examples_forward)
    plain = small_network(build(name)).steps(3)
    with plain.method.evaluation_weights(plain.objective):
        pass
    assert counted == [64, 64, 128]
    assert plain.counters.examples_forward == 0


@JUDGED_ELSEWHERE
def test_the_pass_leaves_the_random_stream_alone(name: str) -> None:
    """Dropout draws in it; the order of later batches must not depend on what the run is judged by."""
    problem = network(name)
    problem.model.add_module("dropout", nn.Dropout(0.5))
    problem.steps(3)
    before = torch.get_rng_state()
    judged_statistics(problem)
    assert torch.equal(torch.get_rng_state(), before)


@JUDGED_ELSEWHERE
def test_resumed_statistics_are_not_counted_again(name: str) -> None:
    """What a pass found is part of the method's state."""
    problem, fresh = (network(name) for _ in range(2))
    expected = judged_statistics(problem.steps(5))
    kept = from_bytes(to_bytes({"model": problem.model.state_dict(), "method": problem.method.state_dict()}))

    fresh.model.load_state_dict(kept["model"])
    fresh.method.load_state_dict(kept["method"])

    assert torch.equal(judged_statistics(fresh), expected)
    assert fresh.counters.examples_forward == 0


@pytest.mark.parametrize(
    "optimizer",
    sorted(name for name, one in OPTIMIZERS.items() if not one.remembers_examples and not one.is_by_hand),
)
def test_whoever_moves_the_weights_refreshes(optimizer: str) -> None:
    """Every method that is judged at other weights than it trains has their statistics; the others have those of training."""
    problem = network(optimizer).steps(3)
    trained, before = problem.objective.point, statistics(problem)
    with problem.method.evaluation_weights(problem.objective):
        is_elsewhere = not torch.equal(problem.objective.point, trained)
        is_refreshed = not torch.equal(statistics(problem), before)
    assert is_refreshed == is_elsewhere


@pytest.mark.parametrize("name", ["sam", "newton-cg", "bfgs", "sqn"])
def test_weights_that_are_only_tried_leave_no_trace_in_the_statistics(name: str) -> None:
    """Line searches, SAM's way uphill and curvature at an average pass batches at other weights: only passes at θ count."""
    problem = network(name)
    norm = problem.model.get_submodule("1")
    before, seen_at, num_elsewhere = statistics(problem), list[tuple[torch.Tensor, torch.Tensor]](), 0
    norm.register_forward_hook(lambda *_: seen_at.append((problem.objective.point, statistics(problem))))

    for _ in range(25):  # SQN's second average, and with it its first pair, comes after twenty steps
        here = problem.objective.point
        seen_at.clear()
        problem.steps(1)
        at_the_weights = [after for point, after in seen_at if torch.equal(point, here)]
        assert torch.equal(statistics(problem), at_the_weights[-1])
        num_elsewhere += len(seen_at) - len(at_the_weights)

    assert num_elsewhere > 0
    assert not torch.equal(statistics(problem), before)

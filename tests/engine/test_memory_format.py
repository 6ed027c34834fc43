"""Images that lie channels last in memory: the same step in other last bits, everything that an optimizer sees contiguous."""

import pytest
import torch
from torch import nn

from tests.engine.runs_for_tests import CPU, Listener, branch_at, make_run, numbers, splits_of, train_here
from tui_optim.engine.own_model import model_and_criterion
from tui_optim.report.columns import settings
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.forking import fork_run
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.store.library import load_library


def test_a_step_is_the_same_but_for_the_last_bits(source: DataSource) -> None:
    """Losses and gradients agree to float32's precision; inside a pixel's channels lie side by side, outside nothing differs."""
    plain, laid = _run(source, "contiguous"), _run(source, "channels-last")
    data = splits_of(plain).train
    found: list[tuple[float, list[torch.Tensor]]] = []
    inside: list[bool] = []
    for run in (plain, laid):
        torch.manual_seed(run.seed)
        model, criterion = model_and_criterion(run, data, CPU)
        second = [module for module in model.modules() if isinstance(module, nn.Conv2d)][1]
        second.register_forward_pre_hook(
            lambda _, inputs: inside.append(inputs[0].is_contiguous(memory_format=torch.channels_last))
        )
        loss = criterion(model(data.inputs[:64]), data.labels[:64])
        loss.backward()
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        assert all(one.is_contiguous() for one in [*model.parameters(), *gradients])
        found.append((loss.item(), gradients))
    assert inside == [False, True]
    (loss_plain, plain_gradients), (loss_laid, laid_gradients) = found
    assert loss_laid == pytest.approx(loss_plain, rel=1e-6)
    for one, other in zip(plain_gradients, laid_gradients, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-7)


def test_it_repeats_and_resumes_bit_for_bit(source: DataSource) -> None:
    """Its bits differ from those of another memory format, not from its own; a fork goes on in the same one."""
    run = _run(source, "channels-last")
    data = splits_of(run)
    whole, _ = train_here(run, data=data)
    again, heard = train_here(run, data=data)
    fork = fork_run(branch_at(run, heard.checkpoints[-1]), epochs=2)
    assert fork.memory_format == "channels-last"
    early = Listener(wanted="interrupted", after_polls=len(heard.progress) // 2)
    _, first = train_here(run, data=data, listener=early)
    resumed, _ = train_here(run, data=data, checkpoint=first.checkpoints[-1])
    found = [numbers(ended.final) for ended in (whole, again, resumed) if ended.final is not None]
    assert len(found) == 3
    assert found[0] == found[1] == found[2]


def test_it_is_a_setting_where_there_are_convolutions(source: DataSource) -> None:
    """It is in the command that repeats the run and in what tells settings apart; where it would change nothing it is refused."""
    run = _run(source, "channels-last")
    assert "--set memory_format=channels-last" in run.command
    assert settings(run)["memory_format"] == "channels-last"
    assert settings(_run(source, "contiguous"))["memory_format"] == "contiguous"
    assert "memory_format" not in settings(make_run(source, scenario="mlp-fashion"))
    with pytest.raises(UsageError, match="expected one of contiguous, channels-last"):
        _run(source, "channels_last")
    with pytest.raises(UsageError, match="memory_format: no such key here"):
        _run(source, "channels-last", scenario="mlp-fashion")


def _run(source: DataSource, memory_format: str, *, scenario: str = "lenet5-fashion") -> RunSpec:
    preset = load_library().find("heavy-ball")
    overrides: dict[str, Value] = {"memory_format": memory_format}
    return resolve_run(scenario, preset, data=source, seed=5, epochs=1, threads=1, overrides=overrides)

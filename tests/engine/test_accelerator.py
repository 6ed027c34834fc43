"""The accelerator through the same code path as the CPU: run these with `pytest -m gpu -n 0` where there is one."""

import pytest
import torch

from tests.engine.runs_for_tests import Listener, make_run, train_here
from tui_optim.engine import devices
from tui_optim.engine.data import load_splits
from tui_optim.engine.devices import choose_device, device_of
from tui_optim.engine.loop import train
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import Started
from tui_optim.spec.run import DeviceRequest
from tui_optim.spec.scenarios import SCENARIOS


def test_a_device_that_is_not_there_is_refused_with_those_that_are() -> None:
    """The sentence names what can be used instead."""
    absent: DeviceRequest = "mps" if not torch.backends.mps.is_available() else "cuda"
    with pytest.raises(UsageError, match=rf"device '{absent}' is not available .* use cpu"):
        choose_device(absent)


def test_a_problem_of_a_few_parameters_stays_on_the_cpu(source: DataSource, monkeypatch: pytest.MonkeyPatch) -> None:
    """With 'auto' kernels would be launched for two numbers each; a network and the user's word go where they say."""
    monkeypatch.setattr(
        devices, "choose_device", lambda request: torch.device("meta" if request == "auto" else request)
    )
    small = make_run(generated_source("circles"), scenario="circles", lr=0.1)
    assert device_of(small).type == "cpu"
    assert device_of(small.model_copy(update={"device": "cuda"})).type == "cuda"
    assert device_of(make_run(source, lr=0.1)).type == "meta"  # stands for the accelerator that is found


def test_float64_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apple's accelerator has no float64: the sentence says what has."""
    monkeypatch.setattr(devices, "choose_device", torch.device)
    run = make_run(generated_source("uniform-numbers"), scenario="scalar-mean", batch_size=1, lr=0.1)
    with pytest.raises(UsageError, match="'mps' has no float64, in which scalar-mean is computed: use cpu or auto"):
        device_of(run.model_copy(update={"device": "mps"}))


@pytest.mark.gpu
@pytest.mark.parametrize(
    ("scenario", "optimizer"), [("scalar-mean", "sgd-by-hand"), ("quadratic-f2", "adam"), ("circles", "sgd-by-hand")]
)
def test_cuda_trains_small_problems_too(scenario: str, optimizer: str) -> None:
    """Where the user asks for it: the same figures as on the CPU, up to rounding."""
    data_source = generated_source(SCENARIOS[scenario].dataset)
    run = make_run(data_source, scenario=scenario, optimizer=optimizer, batch_size=1, epochs=2, lr=0.05)
    cpu, _ = train_here(run)
    device, heard = choose_device("cuda"), Listener()

    ended = train(run, heard.emit, heard, data=load_splits(run, device), device=device)

    assert cpu.final is not None
    assert ended.final is not None
    assert ended.final.train_loss == pytest.approx(cpu.final.train_loss, rel=1e-3)


@pytest.mark.gpu
@pytest.mark.parametrize("optimizer", ["sgd", "adam", "muon"])
def test_cuda_trains_as_the_cpu_does(source: DataSource, optimizer: str) -> None:
    """Same batches, same initial weights: the epoch's losses agree to float32 rounding, accumulated over 94 steps."""
    run = make_run(source, optimizer=optimizer, lr=0.001)
    cpu, _ = train_here(run)
    device = choose_device("cuda")
    heard = Listener()

    ended = train(run, heard.emit, heard, data=load_splits(run, device), device=device)

    assert cpu.final is not None
    assert ended.final is not None
    assert next(e for e in heard.events if isinstance(e, Started)).device == "cuda"
    assert ended.final.test_loss == pytest.approx(cpu.final.test_loss, rel=2e-2)
    assert (ended.final.peak_memory_mib or 0) > 0


@pytest.mark.gpu
def test_cuda_resumes_where_it_was(source: DataSource) -> None:
    """A checkpoint written on the device continues on it: same step, nearly the same loss."""
    run = make_run(source, optimizer="adam", lr=0.001, epochs=2)
    device = choose_device("cuda")
    data = load_splits(run, device)
    whole, cut = Listener(), Listener(wanted="interrupted", after_polls=30)
    expected = train(run, whole.emit, whole, data=data, device=device)
    train(run, cut.emit, cut, data=data, device=device)

    resumed = train(run, cut.emit, Listener(), data=data, device=device, checkpoint=cut.checkpoints[-1])

    assert expected.final is not None
    assert resumed.final is not None
    assert resumed.final.step == expected.final.step
    assert resumed.final.test_loss == pytest.approx(expected.final.test_loss, rel=2e-2)

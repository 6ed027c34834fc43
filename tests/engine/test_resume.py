"""A run that is cut and resumed ends in the bits of one that was not."""

from typing import Any

import pytest
import torch

from tests.engine.runs_for_tests import Listener, make_run, numbers, train_here
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.errors import DataError


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_schedule_goes_on_where_it_stood(source: DataSource, optimizer: str) -> None:
    """Interrupted in the middle of an epoch, then resumed: the same losses and figures. Every optimizer: test_every_preset."""
    run = make_run(
        source,
        scenario="mlp-fashion",
        optimizer=optimizer,
        lr=0.02,
        epochs=2,
        schedule={"kind": "cosine", "warmup": 0.2},
    )
    whole, heard = train_here(run)
    cut, first = train_here(run, listener=Listener(wanted="interrupted", after_polls=20))

    resumed, second = train_here(run, checkpoint=first.checkpoints[-1])

    assert cut.state == "interrupted"
    assert whole.final is not None
    assert resumed.final is not None
    assert numbers(resumed.final) == numbers(whole.final)
    assert [numbers(r) for r in first.epochs + second.epochs] == [numbers(r) for r in heard.epochs]
    losses = [event.loss for event in first.progress + second.progress]
    assert losses == [event.loss for event in heard.progress]


def test_a_run_resumes_where_an_epoch_ends(source: DataSource) -> None:
    """Interrupted after the last bin of the first epoch, before its evaluation: resumed, it begins with that."""
    run = make_run(source, scenario="mlp-fashion", epochs=2, lr=0.05, batch_size=128)  # 40 steps an epoch, each a bin
    _, heard = train_here(run)
    _, first = train_here(run, listener=Listener(wanted="interrupted", after_polls=40))

    _, second = train_here(run, checkpoint=first.checkpoints[-1])

    assert [result.epoch for result in first.epochs] == [0]
    assert [numbers(r) for r in second.epochs] == [numbers(r) for r in heard.epochs[1:]]


def test_plateau_remembers_its_patience(source: DataSource) -> None:
    """A plateau schedule that has already waited one bad epoch does not start to wait anew after a resume."""
    run = make_run(
        source,
        scenario="mlp-fashion",
        epochs=5,
        lr=0.2,
        batch_size=512,
        schedule={"kind": "plateau", "patience": 0, "threshold": 0.5, "gamma": 0.5},
    )
    whole, heard = train_here(run)
    assert whole.final is not None
    assert whole.final.lr < 0.2

    resumed, _ = train_here(run, checkpoint=heard.checkpoints[2])

    assert resumed.final is not None
    assert numbers(resumed.final) == numbers(whole.final)


def test_a_checkpoint_with_code_is_refused() -> None:
    """A pickled object that would run code on loading is an error, not an execution."""
    import os
    import pickle

    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    with pytest.raises(DataError, match="damaged checkpoint"):
        from_bytes(pickle.dumps({"version": 1, "x": Evil()}))


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_truncated_checkpoint_is_refused(keep: int) -> None:
    """Half a checkpoint is an error that says so."""
    content = to_bytes({"numbers": [1, 2, 3]})
    with pytest.raises(DataError, match="damaged checkpoint"):
        from_bytes(content[:keep])


@pytest.mark.parametrize(
    "change",
    [
        {"model": {"weight": torch.zeros(3)}},
        {"method": {}},
        {"rate": None},
        {"batches": []},
        {"random": torch.zeros(3)},
        {"counters": ["x"]},
        {"means": [0.0]},
        {"best": {"epoch": "x"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_checkpoint_of_another_shape_is_refused(change: dict[str, Any]) -> None:
    """Whoever has changed a part of it, and its checksum, gets a sentence that says what to do."""
    run = make_run(generated_source("circles"), scenario="circles", batch_size=100, epochs=1)
    _, heard = train_here(run, listener=Listener(wanted="interrupted", after_polls=3))
    state = from_bytes(heard.checkpoints[-1])
    with pytest.raises(DataError, match=r"^damaged checkpoint .*: begin the run anew"):
        train_here(run, checkpoint=to_bytes({**state, **change}))

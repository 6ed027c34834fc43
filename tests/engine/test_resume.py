"""A run that is cut and resumed ends in the bits of one that was not."""

from typing import Any

import pytest

from tests.engine.runs_for_tests import Listener, make_run, numbers, train_here
from tui_optim.engine.checkpoint import from_bytes, to_bytes
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import DataError
from tui_optim.spec.optimizers import OPTIMIZERS

LRS = {
    "sgd": 0.05,
    "adadelta": 1.0,
    "muon": 0.02,
    "newton-cg": 1.0,
    "sqn": 0.1,
    "multibatch-lbfgs": 0.1,
    "lbfgs": 1.0,
    "kfac": 0.01,
    "momentum-ema": 0.5,
    "prodigy": 1.0,
    "lookahead": 0.05,
    "sam": 0.05,
    "schedule-free-sgd": 0.5,
    "sophia-h": 0.05,
    "adahessian": 0.05,
}
SMALL_STEPS: dict[str, dict[str, Any]] = {
    "newton-cg": {"curvature_batch_size": 8, "max_cg": 2},
    "sqn": {"curvature_batch_size": 16},
    "lbfgs": {"batch_size": "full", "max_iter": 1, "epochs": 8},
    "rprop": {"batch_size": "full", "epochs": 8},
}
"""Where steps cost much: so little work in a step that a run of two epochs has twenty bins before its middle."""


LARGE = [name for name, one in sorted(OPTIMIZERS.items()) if one.max_parameters is None and not one.is_by_hand]
"""Those that train a network of images; the small problems have a test of their own."""


@pytest.mark.parametrize("optimizer", LARGE)
def test_every_optimizer_resumes_mid_epoch_in_the_same_bits(source: DataSource, optimizer: str) -> None:
    """Interrupted in the middle of an epoch, then resumed: the same figures as without interruption."""
    lr = LRS.get(optimizer, 0.002)
    options: dict[str, Any] = {
        "epochs": 2,
        "schedule": {"kind": "cosine", "warmup": 0.2},
        **SMALL_STEPS.get(optimizer, {}),
    }
    run = make_run(source, scenario="mlp-fashion", optimizer=optimizer, lr=lr, **options)
    polls = 2 if run.batch_size == "full" else 20
    whole, heard = train_here(run)
    cut, first = train_here(run, listener=Listener(wanted="interrupted", after_polls=polls))

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

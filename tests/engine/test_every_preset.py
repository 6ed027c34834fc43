"""Every packaged preset trains what it suits, repeats, and resumes in the same bits."""

import math
from dataclasses import replace

import pytest

from tests.engine.runs_for_tests import Listener, numbers, splits_of, train_here
from tui_optim.engine.data import Split, Splits
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.datasets import DataSource, generated_source
from tui_optim.spec.events import Ended
from tui_optim.spec.optimizers import OPTIMIZERS, find_optimizer
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.library import load_library

PACKAGED = load_library().presets
SUITED = [
    preset_id
    for preset_id, preset in PACKAGED.items()
    if why_unsuited(SCENARIOS["mlp-fashion"], find_optimizer(preset.optimizer)) is None
]
STEPS_PER_EPOCH = 20
"""At least; as many as the longest period of a preset, where that is longer, so that a run sees two of each."""


@pytest.mark.parametrize("preset_id", SUITED)
def test_a_preset_trains_repeats_and_resumes(source: DataSource, preset_id: str) -> None:
    """Two epochs of images stay finite; the same again, cut in the first third, and resumed: every loss, every figure."""
    run = _short(preset_id, source)
    data = _part(run)
    whole, heard = train_here(run, data=data)
    early = Listener(wanted="interrupted", after_polls=max(1, len(heard.progress) // 3))
    cut, first = train_here(run, data=data, listener=early)
    resumed, second = train_here(run, data=data, checkpoint=first.checkpoints[-1])

    assert (whole.state, cut.state) == ("finished", "interrupted")
    assert math.isfinite(_final(whole).test_loss or math.nan)
    assert [event.loss for event in first.progress + second.progress] == [event.loss for event in heard.progress]
    assert [numbers(one) for one in first.epochs + second.epochs] == [numbers(one) for one in heard.epochs]
    assert numbers(_final(resumed)) == numbers(_final(whole))


def test_only_dense_methods_and_gradients_by_hand_wait_for_small_problems() -> None:
    """Newton, BFGS and gradients by hand do not suit a network of images; every other optimizer has a preset here."""
    left_out = {PACKAGED[preset_id].optimizer for preset_id in set(PACKAGED) - set(SUITED)}
    assert left_out == {"newton", "bfgs", "sgd-by-hand"}
    assert {PACKAGED[preset_id].optimizer for preset_id in SUITED} | left_out == set(OPTIMIZERS)


@pytest.mark.parametrize("preset_id", sorted(PACKAGED))
def test_a_preset_trains_small_problems(preset_id: str) -> None:
    """On a number, a quadratic and the circles it comes to an end with figures, the same again; or says why it does not suit."""
    for scenario_id, epochs in (("scalar-mean", 1), ("quadratic-f2", 40), ("circles", 2)):
        scenario, preset = SCENARIOS[scenario_id], PACKAGED[preset_id]
        if reason := why_unsuited(scenario, find_optimizer(preset.optimizer)):
            assert "weight matrices" in reason
            continue
        run = resolve_run(
            scenario_id, preset, data=generated_source(scenario.dataset), seed=5, epochs=epochs, threads=1
        )
        (first, heard), (again, _) = train_here(run), train_here(run)
        assert first.state in ("finished", "diverged")
        assert repr(numbers(_final(again))) == repr(numbers(_final(first)))  # repr, because NaN is not equal to itself
        assert _final(first).train_loss is not None
        assert (_final(first).gap is None) == (scenario.quadratic is None)
        assert len(heard.epochs) > 1


def _short(preset_id: str, source: DataSource) -> RunSpec:
    return resolve_run("mlp-fashion", PACKAGED[preset_id], data=source, seed=5, epochs=2, threads=1)


def _part(run: RunSpec) -> Splits:
    """As much of the sample as a run needs to do all that its preset ever does."""
    whole = splits_of(run)
    periods = [int(value) for name, value in run.hyperparameters.items() if name.endswith("every")]
    num_train = max(200, max([STEPS_PER_EPOCH, *periods]) * run.examples_per_step(len(whole.train)))
    return replace(whole, train=Split(whole.train.inputs[:num_train], whole.train.labels[:num_train]))


def _final(ended: Ended) -> EpochResult:
    assert ended.final is not None
    return ended.final

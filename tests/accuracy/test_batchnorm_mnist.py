"""What BatchNorm does on MNIST, at a small and at a large rate."""

import os

import pytest

from tests.engine.runs_for_tests import train_here
from tui_optim.spec.results import EpochResult
from tui_optim.spec.run import RunSpec
from tui_optim.spec.sweeps.expected import expected_runs
from tui_optim.spec.sweeps.sweep import resolve_sweep
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library
from tui_optim.store.sweeplibrary import find_plan

pytestmark = [
    pytest.mark.accuracy,
    pytest.mark.timeout(3600),
    pytest.mark.skipif("TUI_OPTIM_DATA" not in os.environ, reason="needs the full data (TUI_OPTIM_DATA)"),
]


def test_batchnorm_learns_faster_bears_the_larger_rate_and_ends_better() -> None:
    """The four runs of the ready-made sweep: ahead after one epoch, ahead at the end, and alone in learning at rate 0.5."""
    plan = find_plan("batchnorm-mnist")
    presets = {name: load_library().find(name) for name in plan.presets}
    sweep = resolve_sweep(plan, presets, data={"mnist": find_source("mnist")}, threads=2)

    plain, plain_fast, normalised, normalised_fast = (_test_accuracies(run) for run in expected_runs(sweep))

    for name, curve in (("0.01", plain), ("0.5", plain_fast), ("BN 0.01", normalised), ("BN 0.5", normalised_fast)):
        print(f"{name}: {curve}")
    assert plain[-1] >= 0.975
    assert normalised[-1] >= 0.978
    assert normalised[0] >= plain[0] + 0.02
    assert max(plain_fast) < 0.3
    assert normalised_fast[-1] >= 0.965


def _test_accuracies(run: RunSpec) -> list[float]:
    """After each epoch, from the first on."""
    return [_accuracy(result) for result in train_here(run)[1].epochs if result.epoch > 0]


def _accuracy(result: EpochResult) -> float:
    assert result.test_accuracy is not None
    return result.test_accuracy

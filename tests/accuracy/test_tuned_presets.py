"""A tuned preset beats the assignment's baseline by a wide margin."""

import os
import statistics

import pytest

from tests.engine.runs_for_tests import train_here
from tui_optim.spec.run import resolve_run
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library

FRESH_SEEDS = (101, 102, 103)
"""None of them was used for tuning (seed 7)."""

pytestmark = [
    pytest.mark.accuracy,
    pytest.mark.timeout(3600),
    pytest.mark.skipif("TUI_OPTIM_DATA" not in os.environ, reason="needs the full data (TUI_OPTIM_DATA)"),
]


@pytest.mark.parametrize(("epochs", "expected"), [(3, 0.88), (10, 0.90)])
def test_muon_cosine_on_lenet5(epochs: int, expected: float) -> None:
    """Mean test accuracy over three fresh seeds, last epoch, full training set."""
    source, preset = find_source("fashion-mnist"), load_library().find("muon-cosine")
    accuracies: list[float] = []
    for seed in FRESH_SEEDS:
        run = resolve_run("lenet5-fashion", preset, data=source, seed=seed, epochs=epochs, threads=2)
        final = train_here(run)[0].final
        assert final is not None
        assert final.test_accuracy is not None
        accuracies.append(final.test_accuracy)
    print(f"{epochs} epochs, seeds {FRESH_SEEDS}: {accuracies}")
    assert statistics.mean(accuracies) >= expected

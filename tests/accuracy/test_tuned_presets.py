"""A tuned preset beats the assignment's baseline by a wide margin."""

import os
import statistics

import pytest

from tests.engine.runs_for_tests import train_here
from tui_optim.spec.run import resolve_run
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library

pytestmark = [
    pytest.mark.accuracy,
    pytest.mark.timeout(3600),
    pytest.mark.skipif("TUI_OPTIM_DATA" not in os.environ, reason="needs the full data (TUI_OPTIM_DATA)"),
]


@pytest.mark.parametrize(
    ("preset", "seeds", "epochs", "threads", "expected"),
    [
        ("muon-cosine", range(101, 104), 3, 2, 0.88),
        ("muon-cosine", range(101, 104), 10, 2, 0.90),
        ("soap-cosine", range(201, 206), 6, 1, 0.90),
        ("soap-cosine", range(201, 206), 10, 1, 0.91),
    ],
)
def test_a_preset_on_lenet5(preset: str, seeds: range, epochs: int, threads: int, expected: float) -> None:
    """Mean test accuracy over fresh seeds (tuning used seed 7), last epoch, full training set: the README's own commands."""
    source, chosen = find_source("fashion-mnist"), load_library().find(preset)
    accuracies: list[float] = []
    for seed in seeds:
        run = resolve_run("lenet5-fashion", chosen, data=source, seed=seed, epochs=epochs, threads=threads)
        final = train_here(run)[0].final
        assert final is not None
        assert final.test_accuracy is not None
        accuracies.append(final.test_accuracy)
        print(f"{preset}, {epochs} epochs, seed {seed}: {final.test_accuracy:.2%}", flush=True)
    assert statistics.mean(accuracies) >= expected

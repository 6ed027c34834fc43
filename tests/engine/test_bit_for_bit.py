"""The engine against a plain DataLoader script of the same procedure: equal to the last bit."""

import os
from pathlib import Path

import pytest
import torch

from tests.engine.dataloader_script import lenet_script, write_torchvision_root
from tests.engine.runs_for_tests import make_run, train_here
from tui_optim.spec.datasets import DataSource
from tui_optim.store.datasets import find_source

HAS_FULL_DATA = "TUI_OPTIM_DATA" in os.environ


@pytest.mark.parametrize(("seed", "lr", "epochs"), [(42, 0.001, 1), (7, 0.1, 2), (2**40, 0.5, 1)])
def test_lenet_equals_the_dataloader_script(
    source: DataSource, torchvision_root: Path, seed: int, lr: float, epochs: int
) -> None:
    """Any seed, rate and number of epochs gives the script's correct counts and its summed test loss, bit for bit."""
    script = list(lenet_script(torchvision_root, seed=seed, lr=lr, epochs=epochs))

    _, heard = train_here(make_run(source, seed=seed, epochs=epochs, lr=lr))

    ours = heard.epochs[1:]  # epoch 0 is the untrained model, which the script does not test
    assert [round((r.test_accuracy or 0) * 1000) for r in ours] == [epoch.num_correct for epoch in script]
    assert [r.handout_loss for r in ours] == [epoch.handout_loss for epoch in script]


@pytest.mark.accuracy
@pytest.mark.skipif(not HAS_FULL_DATA, reason="needs the full data (TUI_OPTIM_DATA)")
def test_first_epoch_of_the_baseline_on_the_full_data(tmp_path: Path) -> None:
    """On 60,000 images the first epoch gives 1,329 correct, and the script's test loss on this machine, bit for bit."""
    torch.set_num_threads(2)
    source = find_source("fashion-mnist")
    root = write_torchvision_root(source, tmp_path)
    (script,) = lenet_script(root, seed=42, lr=0.001, epochs=1)

    _, heard = train_here(make_run(source, lr=0.001))

    result = heard.epochs[1]
    assert round((result.test_accuracy or 0) * 10_000) == script.num_correct == 1_329
    assert result.handout_loss == script.handout_loss
    assert result.handout_loss == pytest.approx(0.03564839510917663, rel=1e-7)


@pytest.mark.accuracy
@pytest.mark.skipif(not HAS_FULL_DATA, reason="needs the full data (TUI_OPTIM_DATA)")
def test_the_whole_baseline_on_the_full_data() -> None:
    """Ten epochs give 5,953 of 10,000 and the handout loss of the assignment's reference machine up to kernel rounding."""
    torch.set_num_threads(2)

    ended, _ = train_here(make_run(find_source("fashion-mnist"), lr=0.001, epochs=10))

    assert ended.final is not None
    assert round((ended.final.test_accuracy or 0) * 10_000) == 5_953
    assert ended.final.handout_loss == pytest.approx(0.017226064628362656, rel=1e-6)
